import { ScimError } from '../error.ts';
import { isObject, type JsonObject, spelled } from '../json.ts';
import { type Path, parsePath, type Step } from '../path.ts';
import { type Attribute, attributeNamed, elementOf } from '../schema/attribute.ts';
import type { ResourceType } from '../schema/resource-type.ts';
import { PATCH_OP, sameUrn } from '../urns.ts';
import { mendFilter } from './filter.ts';
import { mendMembers, mendObject, mendValue, withoutCoreUrn } from './resource.ts';

/**
 * A PATCH request:
 * - no `schemas` (authentik-12), or those of SCIM 1 (onelogin-01)
 * - `operations`, `Op` and `"Replace"` in any case (entra-04)
 * - one operation that is not in a list
 */
export function mendPatch(body: unknown): unknown {
  if (!isObject(body)) return body;
  const { Operations: operations } = spelled(body, ['Operations']);
  return { schemas: [PATCH_OP], Operations: isObject(operations) ? [operations] : operations };
}

/**
 * The operations of a PATCH request:
 * - null and empty values in place of a removal (entra-10)
 * - attributes that nobody has told us of, such as Entra's `extensionAttribute3[…]`, are left alone and fail no other
 */
export function mendOperations(operations: readonly unknown[], type: ResourceType): readonly unknown[] {
  return operations.flatMap((operation) => mendOperation(operation, type));
}

function mendOperation(raw: unknown, type: ResourceType): readonly unknown[] {
  if (!isObject(raw)) return [raw];
  const { op: sent, path, value } = spelled(raw, ['op', 'path', 'value']);
  const op = typeof sent === 'string' ? sent.toLowerCase() : sent;
  if (path === undefined || path === null || (typeof path === 'string' && sameUrn(path, type.schema.id))) {
    return isObject(value) ? mendPathless(op, value, type) : [{ op, value }];
  }
  const mended = typeof path === 'string' ? mendFilter(path, type) : path;
  const steps = typeof mended === 'string' ? pathOf(mended, type) : undefined;
  const leaf = steps?.at(-1);
  if (steps === undefined || leaf === undefined) {
    const isUnknown = typeof mended === 'string' && isForeign(mended, type);
    return isUnknown ? [] : [{ op, path: mended, value }];
  }
  const operation = { op, path: String(mended) };
  if (op === 'remove') return mendRemove(operation, leaf, value);
  if (value === null) return op === 'add' ? [] : [{ ...operation, op: 'remove' }];
  if (isEmptied(value, leaf)) return [{ ...operation, op: 'remove' }];
  const removals = op === 'replace' ? nullsIn(value, leaf.attribute, operation.path) : [];
  return [
    { ...operation, value: mendPatchValue(value, leaf) },
    ...removals.map((at) => ({ op: 'remove', path: at })),
  ];
}

/** The paths of the parts of an object that are replaced by null. */
function nullsIn(value: unknown, attribute: Attribute | undefined, path: string): readonly string[] {
  if (!isObject(value) || attribute?.type !== 'complex' || attribute.multiValued) return [];
  return Object.entries(value).flatMap(([name, part]) => {
    const at = `${path}${attribute.name.startsWith('urn:') ? ':' : '.'}${name}`;
    return part === null ? [at] : nullsIn(part, attributeNamed(attribute.subAttributes, name), at);
  });
}

const FOREIGN = /^(?:(urn:[\w.:-]+)|([a-z][\w-]*)(?:\.[a-z][\w-]*)?)(?:\[.+\](?:\.[a-z][\w-]*)?)?$/i;

/** A path, but of an attribute that no schema has. */
function isForeign(path: string, type: ResourceType): boolean {
  const [, urn, plain] = FOREIGN.exec(path) ?? [];
  const name = urn ?? plain;
  return name !== undefined && attributeNamed(type.attributes, name) === undefined && !isWithin(name, type);
}

/** Whether a URN begins with that of a schema we know. */
function isWithin(urn: string, { schema, extensions }: ResourceType): boolean {
  return [schema, ...extensions].some(({ id }) => urn.toLowerCase().startsWith(id.toLowerCase()));
}

/**
 * Without a path:
 * - what only we set is sent along: `id` and `schemas` (authentik-12, okta-05)
 * - names that are paths themselves: `name.givenName`, or behind an extension's URN (Entra's newer mode)
 */
function mendPathless(op: unknown, value: JsonObject, type: ResourceType): readonly unknown[] {
  const names = Object.entries(withoutCoreUrn(value, type)).filter(([name]) => !isOurs(name, type));
  const isPlain = ([name, part]: readonly [string, unknown]) =>
    part !== null && part !== '' && isNameOnly(name, type) && !isInParts(name, type);
  const plain = mendObject(Object.fromEntries(names.filter(isPlain)), type.attributes);
  const others = names.filter((entry) => !isPlain(entry));
  return [
    { op, value: plain },
    ...others.flatMap(([path, part]) => mendOperation({ op, path, value: part }, type)),
  ];
}

function isNameOnly(name: string, type: ResourceType): boolean {
  const [step, ...more] = pathOf(name, type) ?? [];
  return step?.filter === undefined && more.length === 0 && mendFilter(name, type) === name;
}

/** Parts of it may be replaced by null, or it is a list of ids. */
function isInParts(name: string, { attributes }: ResourceType): boolean {
  const attribute = attributeNamed(attributes, name);
  return attribute?.name === 'members' || (attribute?.type === 'complex' && !attribute.multiValued);
}

function isOurs(name: string, { attributes }: ResourceType): boolean {
  const attribute = attributeNamed(attributes, name);
  return attribute?.mutability === 'readOnly' || attribute?.name === 'schemas';
}

/**
 * `remove members` with a list of values removes those only (authentik-11, entra-08, google-ssosync-01, jumpcloud-01).
 * One of them may stand alone, or be a plain id.
 */
function mendRemove(
  operation: { op: unknown; path: string },
  leaf: Step,
  value: unknown,
): readonly unknown[] {
  const isList = leaf.attribute?.multiValued === true && leaf.filter === undefined;
  if (!isList || value === undefined || value === null) return [operation];
  return [{ ...operation, value: mendPatchValue(value, leaf) }];
}

/** An empty text, or an empty manager, unassigns what need not be there (entra-10, entra-validator-users). */
function isEmptied(value: unknown, { attribute }: Step): boolean {
  if (attribute === undefined || attribute.required) return false;
  if (attribute.multiValued) return value === '';
  const [only] = Array.isArray(value) ? value : [value];
  return only === '' || (attribute.type === 'complex' && isObject(only) && only.value === '');
}

function mendPatchValue(value: unknown, { attribute, filter }: Step): unknown {
  if (attribute?.name === 'members' && filter === undefined && value !== undefined) {
    return mendMembers(Array.isArray(value) ? value : [value]);
  }
  return mendValue(value, filter === undefined || attribute === undefined ? attribute : elementOf(attribute));
}

function pathOf(text: string, type: ResourceType): Path | undefined {
  try {
    return parsePath(text, type);
  } catch (error) {
    if (error instanceof ScimError) return undefined;
    throw error;
  }
}
