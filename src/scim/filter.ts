import { type Named, resolveInResource, resolveNames } from './attribute-path.ts';
import { type Comparison, comparison, type Operator, operatorNamed, type Target } from './comparison.ts';
import { ScimError } from './error.ts';
import { type Attribute, subAttributesOf } from './schema/attribute.ts';
import type { ResourceType } from './schema/resource-type.ts';
import { type Token, tokenize } from './tokens.ts';

/** A filter whose attributes are all known and whose comparisons all make sense for their types. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly kind: 'not'; readonly filter: Filter }
  | { readonly kind: 'present'; readonly steps: readonly string[] }
  /** At least one and the same value of a complex attribute meets the filter. */
  | { readonly kind: 'some'; readonly steps: readonly string[]; readonly filter: Filter }
  | Comparison;

/** Where names are looked up: in a resource, or in the value that brackets are about. */
type Scope = (path: string) => readonly Named[] | undefined;

type Cursor = { readonly tokens: readonly Token[]; at: number; nesting: number };

/** Brackets, parentheses and `not` within one another. */
const MAX_NESTING = 20;

/**
 * Reads a filter of RFC 7644 §3.4.2.2, for resources of a type; attributes may also be those of `others`.
 * Throws `ScimError` 400 `invalidFilter`.
 */
export function parseFilter(text: string, type: ResourceType, others: readonly ResourceType[] = []): Filter {
  return parseAll(tokenize(text), (path) => resolveInAny(path, [type, ...others]));
}

/** The path in the first type that has it. */
export function resolveInAny(path: string, types: readonly ResourceType[]): readonly Named[] | undefined {
  const found = types.map((type) => resolveInResource(path, type));
  return found.find((names) => names?.at(-1)?.attribute !== undefined) ?? found[0];
}

/** Reads what stands in brackets behind a complex attribute. Throws `ScimError` 400 `invalidFilter`. */
export function parseValueFilter(tokens: readonly Token[], attribute: Attribute): Filter {
  return parseAll(tokens, scopeOf(attribute));
}

function parseAll(tokens: readonly Token[], scope: Scope): Filter {
  const cursor: Cursor = { tokens, at: 0, nesting: 0 };
  const filter = parseOr(cursor, scope);
  const left = tokens[cursor.at];
  if (left !== undefined) throw invalid(`Unexpected "${left.text}"`);
  return filter;
}

function parseOr(cursor: Cursor, scope: Scope): Filter {
  return parseChain(cursor, 'or', () => parseChain(cursor, 'and', () => parseTerm(cursor, scope)));
}

function parseChain(cursor: Cursor, word: 'and' | 'or', parseNext: () => Filter): Filter {
  const first = parseNext();
  const filters = [first];
  while (takeWord(cursor, word)) filters.push(parseNext());
  return filters.length === 1 ? first : { kind: word, filters };
}

function parseTerm(cursor: Cursor, scope: Scope): Filter {
  const token = take(cursor);
  if (token.kind === '(') return nested(cursor, ')', () => parseOr(cursor, scope));
  if (token.kind !== 'word') throw invalid(`Expected an attribute instead of "${token.text}"`);
  if (token.text.toLowerCase() === 'not' && cursor.tokens[cursor.at]?.kind === '(') {
    cursor.at += 1;
    return { kind: 'not', filter: nested(cursor, ')', () => parseOr(cursor, scope)) };
  }
  const path = resolve(token.text, scope);
  return cursor.tokens[cursor.at]?.kind === '['
    ? parseValuePath(cursor, path)
    : parseExpression(cursor, path);
}

/** `emails[F].value eq "x"` asks one and the same e-mail, and so is `emails[F and value eq "x"]`. */
function parseValuePath(cursor: Cursor, path: Target): Filter {
  if (path.attribute.type !== 'complex') throw invalid(`${path.steps.join('.')} has no sub-attributes`);
  const scope = scopeOf(path.attribute);
  cursor.at += 1;
  const filter = nested(cursor, ']', () => parseOr(cursor, scope));
  const next = cursor.tokens[cursor.at];
  if (next?.kind !== 'word' || !next.text.startsWith('.')) return { kind: 'some', steps: path.steps, filter };
  cursor.at += 1;
  const beside = parseExpression(cursor, resolve(next.text.slice(1), scope));
  return { kind: 'some', steps: path.steps, filter: { kind: 'and', filters: [filter, beside] } };
}

function parseExpression(cursor: Cursor, path: Target): Filter {
  const { kind, text: word } = take(cursor);
  if (kind !== 'word') throw invalid(`Expected an operator instead of "${word}"`);
  if (word.toLowerCase() === 'pr') return { kind: 'present', steps: path.steps };
  const operator = operatorNamed(word);
  if (operator === undefined) throw invalid(`Unknown operator "${word}"`);
  const value = literalOf(take(cursor));
  if (value === null) return comparedWithNull(operator, path.steps);
  return comparison(path, operator, value);
}

/** Null is what an attribute without a value is compared to (RFC 7643 §2.5). */
function comparedWithNull(operator: Operator, steps: readonly string[]): Filter {
  if (operator === 'ne') return { kind: 'present', steps };
  if (operator === 'eq') return { kind: 'not', filter: { kind: 'present', steps } };
  throw invalid(`null cannot be compared with ${operator}`);
}

type Literal = string | number | boolean | null;

function resolve(path: string, scope: Scope): Target {
  const target = targetOf(scope(path) ?? []);
  if (target === undefined) throw invalid(`There is no attribute "${path}"`);
  if (target.attribute.returned === 'never')
    throw invalid(`${path} is not kept, and nobody can be found by it`);
  return target;
}

/** Undefined if the path ends at nothing that a schema has. */
export function targetOf(names: readonly Named[]): Target | undefined {
  const attribute = names.at(-1)?.attribute;
  return attribute && { steps: names.map(({ name }) => name), attribute };
}

function scopeOf(attribute: Attribute): Scope {
  return (path) => resolveNames(path, subAttributesOf(attribute));
}

function literalOf(token: Token): Literal {
  if (token.kind === 'string') return token.text;
  if (token.kind !== 'word') throw invalid(`Expected a value instead of "${token.text}"`);
  try {
    return JSON.parse(token.text) as Literal;
  } catch (cause) {
    throw new ScimError(400, 'invalidFilter', `"${token.text}" must stand in quotation marks`, cause);
  }
}

function nested(cursor: Cursor, end: ')' | ']', parse: () => Filter): Filter {
  cursor.nesting += 1;
  if (cursor.nesting > MAX_NESTING) throw invalid(`Nested deeper than ${MAX_NESTING} levels`);
  const filter = parse();
  if (take(cursor).kind !== end) throw invalid(`Expected "${end}"`);
  cursor.nesting -= 1;
  return filter;
}

function take(cursor: Cursor): Token {
  const token = cursor.tokens[cursor.at];
  if (token === undefined) throw invalid('It ends too early');
  cursor.at += 1;
  return token;
}

function takeWord(cursor: Cursor, word: string): boolean {
  const token = cursor.tokens[cursor.at];
  if (token?.kind !== 'word' || token.text.toLowerCase() !== word) return false;
  cursor.at += 1;
  return true;
}

function invalid(detail: string): ScimError {
  return new ScimError(400, 'invalidFilter', detail);
}
