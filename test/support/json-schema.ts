/** As much of JSON Schema (draft 7) as our own schemas use. A keyword that it does not know fails the test. */
export function isValid(schema: unknown, value: unknown, root: unknown = schema): boolean {
  return Object.entries(objectOf(schema)).every(([keyword, rule]) => {
    if (SAY_NOTHING.has(keyword)) return true;
    const check = KEYWORDS[keyword];
    if (check === undefined) throw new Error(`the keyword ${keyword} is not known here`);
    return check({ rule, value, schema: objectOf(schema), root });
  });
}

type Fields = Readonly<Record<string, unknown>>;
type Question = {
  readonly rule: unknown;
  readonly value: unknown;
  readonly schema: Fields;
  readonly root: unknown;
};

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const objectOf = (value: unknown): Fields => (isObject(value) ? value : {});
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const isText = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => typeof value === 'number';

/** Annotations, and what another keyword looks up. */
const SAY_NOTHING: ReadonlySet<string> = new Set(
  '$schema title description default definitions allowTrailingCommas then'.split(' '),
);

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isObject,
  array: Array.isArray,
  string: isText,
  boolean: (value) => typeof value === 'boolean',
  integer: Number.isInteger,
};

const KEYWORDS: Readonly<Record<string, (question: Question) => boolean>> = {
  $ref: ({ rule, value, root }) => {
    const [, definitions = '', name = ''] = String(rule).split('/');
    return isValid(objectOf(objectOf(root)[definitions])[name], value, root);
  },
  type: ({ rule, value }) => TYPES[String(rule)]?.(value) === true,
  const: ({ rule, value }) => rule === value,
  enum: ({ rule, value }) => listOf(rule).includes(value),
  pattern: ({ rule, value }) => !isText(value) || new RegExp(String(rule)).test(value),
  maxLength: ({ rule, value }) => !isText(value) || value.length <= Number(rule),
  minimum: ({ rule, value }) => !isNumber(value) || value >= Number(rule),
  maximum: ({ rule, value }) => !isNumber(value) || value <= Number(rule),
  items: ({ rule, value, root }) => listOf(value).every((item) => isValid(rule, item, root)),
  minItems: ({ rule, value }) => !Array.isArray(value) || value.length >= Number(rule),
  uniqueItems: ({ value }) => {
    const texts = listOf(value).map((item) => JSON.stringify(item));
    return new Set(texts).size === texts.length;
  },
  properties: ({ rule, value, root }) =>
    Object.entries(objectOf(rule)).every(
      ([name, schema]) =>
        !Object.hasOwn(objectOf(value), name) || isValid(schema, objectOf(value)[name], root),
    ),
  propertyNames: ({ rule, value, root }) =>
    Object.keys(objectOf(value)).every((name) => isValid(rule, name, root)),
  additionalProperties: ({ rule, value, schema, root }) =>
    Object.entries(objectOf(value)).every(
      ([name, each]) =>
        Object.hasOwn(objectOf(schema.properties), name) || (rule !== false && isValid(rule, each, root)),
    ),
  minProperties: ({ rule, value }) => !isObject(value) || Object.keys(value).length >= Number(rule),
  required: ({ rule, value }) =>
    !isObject(value) || listOf(rule).every((name) => Object.hasOwn(value, String(name))),
  oneOf: ({ rule, value, root }) => listOf(rule).filter((each) => isValid(each, value, root)).length === 1,
  allOf: ({ rule, value, root }) => listOf(rule).every((each) => isValid(each, value, root)),
  if: ({ rule, value, schema, root }) => !isValid(rule, value, root) || isValid(schema.then, value, root),
};
