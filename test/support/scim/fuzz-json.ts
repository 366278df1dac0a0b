import fc, { type Arbitrary } from 'fast-check';
import { choices } from './choices.ts';

/** A JSON document. What is too long to be shown, or what `JSON.stringify` never writes, is a mark in it: see `expanded`. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

type Place = readonly (string | number)[];
type Mutation = { readonly at: number; readonly kind: Kind; readonly value: Json; readonly name: string };
type Kind = (typeof KINDS)[number];

const KINDS = [
  'replace',
  'remove',
  'list',
  'wrap',
  'add',
  'rename',
  'repeat',
  'shout',
  'text',
  'pretend',
] as const;

const NUMBERS = choices('1e400|-1e400|-0|1e-400|1.0|123456789012345678901234567890|9007199254740993');

const TEXTS = choices(
  '| |x|True|false|null|0|\u0000|a\u0000b|\ud800|\udc00\ud800|\ufeff|😀|é|e\u0301|ß|İ|\u202e|../..|%00|[|"|\\',
  "' OR 1=1 --|2026-01-01T00:00:00Z|LONG<5000>|__proto__|constructor|bulkId:a",
  'urn:ietf:params:scim:schemas:core:2.0:User',
);

export const NAMES = choices(
  'userName|USERNAME|id|ID|meta|schemas|externalId|name|emails|active|groups|members|displayName|value|$ref|type',
  'primary|display|password|op|path|manager|__proto__|constructor|prototype|toString|hasOwnProperty|toJSON|length',
  '| |.|a.b|\u0000|\ud800|0|urn:|urn:x|urn:example:2.0:Thing|urn:example:2.0:Thing:size|emails[type eq|emails.value',
  'name.givenName|urn:ietf:params:scim:schemas:core:2.0:User|URN:IETF:params:scim:schemas:core:2.0:user',
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
);

/** Stands for text that is no value's, such as a number that is none here. */
function raw(text: string): string {
  return `RAW<${text}>`;
}

/** The text of a document. */
export function written(json: Json): string {
  return JSON.stringify(json).replaceAll(/"RAW<([^"]*)>"/g, '$1');
}

/** The text with what its marks stand for: `LONG<n>` for n letters, `DEEP<n>` for n levels of JSON. */
export function expanded(text: string): string {
  return text
    .replaceAll(/LONG<(\d+)>/g, (_, length) => 'x'.repeat(Number(length)))
    .replaceAll(/DEEP<(\d+)>/g, (_, depth) => `${'[{"a":'.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`);
}

export const oddText: Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
);

const scalar: Arbitrary<Json> = fc.oneof(
  oddText,
  fc.constantFrom<Json>(null, true, false, 0, -1, 1.5, 2 ** 53, ...NUMBERS.map(raw)),
);

export const anyJson: Arbitrary<Json> = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    scalar,
    fc.array(tie('json'), { maxLength: 3 }),
    fc
      .array(fc.tuple(fc.constantFrom(...NAMES), tie('json')), { maxLength: 4 })
      .map((entries): Json => Object.fromEntries(entries)),
    fc.constantFrom(8, 20, 5000).map((depth) => raw(`DEEP<${depth}>`)),
  ),
})).json;

/** The document, with up to three things about it changed. */
export function mutated(documents: Arbitrary<Json>): Arbitrary<Json> {
  const mutation: Arbitrary<Mutation> = fc.record({
    at: fc.nat(500),
    kind: fc.constantFrom(...KINDS),
    value: anyJson,
    name: fc.constantFrom(...NAMES),
  });
  return fc
    .tuple(documents, fc.array(mutation, { maxLength: 3 }))
    .map(([document, mutations]) => mutations.reduce(mutate, document));
}

function mutate(document: Json, { at, ...mutation }: Mutation): Json {
  const places = placesIn(document);
  return changed(document, places[at % places.length] ?? [], mutation) ?? null;
}

/** Everything that can be changed, as deep as a sub-attribute in an operation of a Bulk request. */
function placesIn(json: Json, depth = 9): readonly Place[] {
  const below = Array.isArray(json) ? [...json.entries()] : isObject(json) ? Object.entries(json) : [];
  if (depth === 0) return [[]];
  return [[], ...below.flatMap(([key, part]) => placesIn(part, depth - 1).map((place) => [key, ...place]))];
}

function changed(json: Json, [key, ...rest]: Place, mutation: Omit<Mutation, 'at'>): Json | undefined {
  if (key === undefined) return mutatedValue(json, mutation);
  if (Array.isArray(json)) {
    return json.flatMap((part, index) =>
      index === key ? [changed(part, rest, mutation) ?? []].flat() : [part],
    );
  }
  if (!isObject(json)) return json;
  const isNamed = rest.length === 0;
  return Object.fromEntries(
    Object.entries(json).flatMap(([name, part]) => {
      if (name !== key) return [[name, part] as const];
      if (isNamed && mutation.kind === 'rename') return [[mutation.name, part] as const];
      if (isNamed && mutation.kind === 'shout') return [[name.toUpperCase(), part] as const];
      const value = changed(part, rest, mutation);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

function mutatedValue(json: Json, { kind, value, name }: Omit<Mutation, 'at'>): Json | undefined {
  switch (kind) {
    case 'remove':
      return undefined;
    case 'list':
      return [json];
    case 'wrap':
      return { [name]: json };
    case 'add':
      if (Array.isArray(json)) return [...json, value];
      return isObject(json) ? { ...json, [name]: value } : value;
    case 'repeat':
      return Array.isArray(json) ? [...json, ...json] : [json, json];
    case 'shout':
      return typeof json === 'string' ? json.toUpperCase() : json;
    case 'text':
      return written(json);
    case 'pretend':
      // What JavaScript asks objects for by these names is no function here.
      return { toString: json, valueOf: json, toJSON: json, length: json };
    default:
      return value;
  }
}

function isObject(json: Json): json is { readonly [name: string]: Json } {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
