import { type Attributes, text } from '../directory/resource.ts';
import { resolveInResource } from './attribute-path.ts';
import { invalidSyntax, invalidValue } from './error.ts';
import { isObject, type JsonObject } from './json.ts';
import { type Attribute, attributeNamed, elementOf, type SimpleAttribute } from './schema/attribute.ts';
import type { ResourceType } from './schema/resource-type.ts';
import { sameUrn } from './urns.ts';

/** Of a multi-valued attribute other than members. More is no person's data, and PATCH compares each with each. */
const MAX_VALUES = 1000;

/** Characters. Pictures and certificates may be longer; a text is looked for, and long keys make an index slow. */
const MAX_TEXT = 10_000;

/** Characters of a resource as it is stored, without members: whoever looks at all resources looks at each. */
const MAX_SIZE = 1_048_576;

const JSON_TYPES: Record<SimpleAttribute['type'], 'string' | 'boolean' | 'number'> = {
  string: 'string',
  reference: 'string',
  binary: 'string',
  dateTime: 'string',
  boolean: 'boolean',
  integer: 'number',
  decimal: 'number',
};

/**
 * The attributes of a resource that a client sent whole, in the schema's spelling and otherwise as sent. What only
 * we may set is dropped (RFC 7644 §3.3), and so are secrets that we never return; unknown attributes are kept.
 * Throws `ScimError` 400 `invalidSyntax` or `invalidValue`.
 */
export function readAttributes(body: unknown, type: ResourceType): Attributes {
  if (!isObject(body)) throw invalidSyntax('A resource is a JSON object');
  const kept = Object.entries(body).flatMap(([key, value]) => {
    const { name, attribute } = topLevel(key, type);
    if (attribute !== undefined && !isKept(attribute)) return [];
    return [[name, attribute === undefined ? value : conformed(value, attribute)] as const];
  });
  return withExtensions(withCoreSchema(unique(kept), type), type);
}

/** Whether what a client sends of the attribute is stored. */
export function isKept({ mutability, returned }: Attribute): boolean {
  return mutability !== 'readOnly' && returned !== 'never';
}

/** Throws `ScimError` 400 `invalidValue` if a required attribute is missing or blank, or all of them are too much. */
export function assertStorable(attributes: Attributes, { schema }: ResourceType): void {
  for (const { name, required } of schema.attributes) {
    if (required && text(attributes[name]) === undefined) throw invalidValue(`${name} is required`);
  }
  if (JSON.stringify(attributes).length > MAX_SIZE) {
    throw invalidValue(`A resource has at most ${MAX_SIZE} characters of JSON beside its members`);
  }
}

/**
 * The core URN is there, whatever the client listed, and those of extensions that only we write are not: they may
 * come back with what we showed. Its other entries stay as they are.
 */
export function withCoreSchema(
  attributes: Attributes,
  { schema, attributes: known }: ResourceType,
): Attributes {
  const sent = Array.isArray(attributes.schemas) ? attributes.schemas.map(String) : [];
  const listed = sent.filter((urn) => attributeNamed(known, urn)?.mutability !== 'readOnly');
  const hasCore = listed.some((urn) => sameUrn(urn, schema.id));
  if (hasCore && listed.length === sent.length) return attributes;
  return { ...attributes, schemas: hasCore ? listed : [schema.id, ...listed] };
}

/** `schemas` names the extensions that are there (RFC 7643 §3). */
export function withExtensions(attributes: Attributes, { extensions }: ResourceType): Attributes {
  const listed = Array.isArray(attributes.schemas) ? attributes.schemas : [];
  const missing = extensions
    .map(({ id }) => id)
    .filter((id) => Object.hasOwn(attributes, id) && !listed.some((urn) => sameUrn(String(urn), id)));
  return missing.length === 0 ? attributes : { ...attributes, schemas: [...listed, ...missing] };
}

/**
 * The value with the names in it in the schema's spelling. Formats are not checked: providers send what they have.
 * Throws `ScimError` 400 `invalidValue` if the type is another one.
 */
export function conformed(value: unknown, attribute: Attribute): unknown {
  if (!attribute.multiValued) return conformedElement(value, attribute);
  if (!Array.isArray(value)) throw invalidValue(`${attribute.name} is a list`);
  if (attribute.name !== 'members') assertFew(value, attribute.name);
  const element = elementOf(attribute);
  return value.map((entry) => conformedElement(entry, element));
}

/** Throws `ScimError` 400 `invalidValue` for a list with more values than we keep. */
export function assertFew(value: unknown, name: string): void {
  if (!Array.isArray(value) || value.length <= MAX_VALUES) return;
  throw invalidValue(`${name} has more than ${MAX_VALUES} values`);
}

function conformedElement(value: unknown, attribute: Attribute): unknown {
  if (attribute.type === 'complex') return conformedObject(value, attribute.name, attribute.subAttributes);
  const given: string = typeof value;
  const wanted = JSON_TYPES[attribute.type];
  if (given !== wanted) throw invalidValue(`${attribute.name} is a ${wanted}`);
  if (attribute.type === 'string') assertShort(String(value), attribute.name);
  return value;
}

/** Throws `ScimError` 400 `invalidValue` for a text that is longer than any name. */
export function assertShort(value: string, name: string): void {
  if (value.length > MAX_TEXT) throw invalidValue(`${name} is longer than ${MAX_TEXT} characters`);
}

function conformedObject(value: unknown, name: string, attributes: readonly Attribute[]): JsonObject {
  if (!isObject(value)) throw invalidValue(`${name} is an object`);
  return unique(
    Object.entries(value).flatMap(([key, part]) => {
      const attribute = attributeNamed(attributes, key);
      if (attribute !== undefined && !isKept(attribute)) return [];
      return [attribute === undefined ? [key, part] : [attribute.name, conformed(part, attribute)]];
    }),
  );
}

function topLevel(key: string, type: ResourceType) {
  const [only, ...more] = resolveInResource(key, type) ?? [];
  return only === undefined || more.length > 0 ? { name: key, attribute: undefined } : only;
}

/** Throws `ScimError` 400 `invalidSyntax` for two spellings of one name, as it is anyone's guess which is meant. */
function unique(entries: readonly (readonly [string, unknown])[]): JsonObject {
  const object = Object.fromEntries(entries);
  if (Object.keys(object).length < entries.length) {
    throw invalidSyntax('An attribute is there twice');
  }
  return object;
}
