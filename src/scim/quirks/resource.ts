import { invalidValue } from '../error.ts';
import { isObject, type JsonObject, omit, spelled } from '../json.ts';
import { type Attribute, attributeNamed, subAttributesOf } from '../schema/attribute.ts';
import type { ResourceType } from '../schema/resource-type.ts';
import { sameUrn } from '../urns.ts';
import { booleanOf } from './filter.ts';

/*
 * What real clients send that RFC 7643 and RFC 7644 do not allow, rewritten into what they do: all tolerance is in
 * this folder, and the parsers behind stay strict. Each function names who needs it; the recordings named are those in
 * `test/recordings`. What cannot be mended is handed on as it is, to be refused where it is read.
 */

/**
 * A resource sent whole:
 * - null for what has no value (entra-03, okta-06, jumpcloud-01, onelogin-01), and an empty text where none can
 *   stand (generic-01: `active`, `name`, `emails`)
 * - booleans as text, "True" and "false" (Entra's validator, Keycloak's patchOp mode)
 * - one object where a list is due (onelogin-02: `emails`), a list of one where it is not (Entra's `manager`)
 * - ids as plain strings for members and for the manager (Entra)
 * - the core attributes behind the core schema's own URN (scimverify)
 * - no `schemas`
 */
export function mendResource(body: unknown, type: ResourceType): unknown {
  if (!isObject(body)) return body;
  return mendObject(withoutCoreUrn(body, type), type.attributes);
}

/**
 * The members of a group that was sent whole, apart from the rest: a list of ids may be long.
 * - of each member only its `value` counts: `display: null`, `$ref` of any form, any `type` (okta-06, entra-08)
 * - one member that is not in a list, null for none (OneLogin)
 */
export function splitMembers(
  body: unknown,
  type: ResourceType,
): { readonly rest: unknown; readonly members: readonly unknown[] } {
  if (!isObject(body)) return { rest: body, members: [] };
  const whole = withoutCoreUrn(body, type);
  const keys = Object.keys(whole).filter((key) => isMembers(key, type));
  const [key] = keys;
  if (key === undefined || keys.length > 1) return { rest: whole, members: [] };
  const sent = whole[key];
  const members = isObject(sent) || typeof sent === 'string' ? [sent] : (sent ?? []);
  if (!Array.isArray(members)) throw invalidValue('members is a list');
  return { rest: omit(whole, [key]), members };
}

/** `members`, in any case, also behind the URN of the schema. */
function isMembers(key: string, { schema }: ResourceType): boolean {
  const urn = `${schema.id}:`.toLowerCase();
  const name = key.toLowerCase();
  return (name.startsWith(urn) ? name.slice(urn.length) : name) === 'members';
}

export function mendMembers(members: readonly unknown[]): readonly unknown[] {
  return members
    .filter((member) => member !== null)
    .map((member) => ({ value: isObject(member) ? valueIn(member) : member }));
}

function valueIn(member: JsonObject): unknown {
  return Object.hasOwn(member, 'value') ? member.value : spelled(member, ['value']).value;
}

export function mendObject(object: JsonObject, attributes: readonly Attribute[]): JsonObject {
  return Object.fromEntries(
    Object.entries(object)
      .map(([name, value]) => [name, value, attributeNamed(attributes, name)] as const)
      .filter(([, value, attribute]) => value !== null && !isBlank(value, attribute))
      .map(([name, value, attribute]) => [name, mendValue(value, attribute)]),
  );
}

/** An empty text where none can stand. */
function isBlank(value: unknown, attribute: Attribute | undefined): boolean {
  if (value !== '' || attribute === undefined) return false;
  return attribute.multiValued || (attribute.type !== 'string' && attribute.type !== 'reference');
}

export function mendValue(value: unknown, attribute: Attribute | undefined): unknown {
  if (attribute === undefined) return value;
  if (!attribute.multiValued) {
    const isLoneInList = Array.isArray(value) && value.length === 1;
    return mendElement(isLoneInList ? value[0] : value, attribute);
  }
  const isLone = isObject(value) || (attribute.name === 'members' && typeof value === 'string');
  const list = isLone ? [value] : value;
  if (!Array.isArray(list)) return value;
  return list.filter((entry) => entry !== null).map((entry) => mendElement(entry, attribute));
}

function mendElement(value: unknown, attribute: Attribute): unknown {
  if (attribute.type === 'boolean' && typeof value === 'string') return booleanOf(value) ?? value;
  if (attribute.type !== 'complex') return value;
  if (isObject(value)) return mendObject(value, subAttributesOf(attribute));
  const standsForId = attribute.name === 'members' || attribute.name === 'manager';
  return standsForId && typeof value === 'string' ? { value } : value;
}

export function withoutCoreUrn(body: JsonObject, { schema }: ResourceType): JsonObject {
  const urn = Object.keys(body).find((key) => sameUrn(key, schema.id));
  const core = urn === undefined ? undefined : body[urn];
  return urn !== undefined && isObject(core) ? { ...omit(body, [urn]), ...core } : body;
}
