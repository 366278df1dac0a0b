import { ScimError } from './error.ts';
import { type Attribute, attributeNamed, type SimpleAttribute } from './schema/attribute.ts';

export type Operator = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le';

/** A comparison that makes sense for the attribute's type. */
export type Comparison = {
  readonly kind: 'compare';
  readonly steps: readonly string[];
  readonly attribute: SimpleAttribute;
  readonly operator: Operator;
  readonly value: string | number | boolean;
};

/** An attribute, and the names that lead to it. */
export type Target = { readonly steps: readonly string[]; readonly attribute: Attribute };

type Kind = { readonly json: 'string' | 'number' | 'boolean'; readonly operators: readonly Operator[] };

const EQUALITY: readonly Operator[] = ['eq', 'ne'];
const ORDER: readonly Operator[] = [...EQUALITY, 'gt', 'ge', 'lt', 'le'];
const TEXT: readonly Operator[] = [...ORDER, 'co', 'sw', 'ew'];

/** What each type is written as, and may be asked (RFC 7644 §3.4.2.2, table 3). */
const KINDS: Record<SimpleAttribute['type'], Kind> = {
  string: { json: 'string', operators: TEXT },
  reference: { json: 'string', operators: TEXT },
  binary: { json: 'string', operators: EQUALITY },
  dateTime: { json: 'string', operators: ORDER },
  boolean: { json: 'boolean', operators: EQUALITY },
  integer: { json: 'number', operators: ORDER },
  decimal: { json: 'number', operators: ORDER },
};

/** In any case (RFC 7644 §3.4.2.2). */
export function operatorNamed(word: string): Operator | undefined {
  return TEXT.find((operator) => operator === word.toLowerCase());
}

/** Throws `ScimError` 400 `invalidFilter` if the attribute can't be compared so, or not with this value. */
export function comparison(target: Target, operator: Operator, value: Comparison['value']): Comparison {
  const { steps, attribute } = simplePart(target);
  const name = steps.join('.');
  const { json, operators } = KINDS[attribute.type];
  if (!operators.includes(operator)) throw invalid(`${name} cannot be compared with ${operator}`);
  const isTime = attribute.type === 'dateTime';
  const given: string = typeof value;
  if (given !== json || (isTime && Number.isNaN(Date.parse(String(value))))) {
    throw invalid(`${name} is compared with a ${isTime ? 'date and time' : json}`);
  }
  return { kind: 'compare', steps, attribute, operator, value };
}

/** A complex attribute stands for its `value`, as `emails co "example.com"` in RFC 7644 §3.4.2.2. */
export function simplePart({ steps, attribute }: Target): Pick<Comparison, 'steps' | 'attribute'> {
  if (attribute.type !== 'complex') return { steps, attribute };
  const value = attributeNamed(attribute.subAttributes, 'value');
  if (value === undefined || value.type === 'complex')
    throw invalid(`${steps.join('.')} has no single value`);
  return { steps: [...steps, value.name], attribute: value };
}

function invalid(detail: string): ScimError {
  return new ScimError(400, 'invalidFilter', detail);
}
