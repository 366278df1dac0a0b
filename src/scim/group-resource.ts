import type { Group, Member } from '../directory/group.ts';
import type { Attributes } from '../directory/resource.ts';
import { assertRequired, readAttributes } from './attributes.ts';
import type { JsonObject } from './json.ts';
import { type Locate, metaOf } from './meta.ts';
import { memberValues } from './patch-members.ts';
import { groupType } from './schema/resource-type.ts';

export type GroupBody = { readonly attributes: Attributes; readonly members: readonly string[] };

/** A group as a client sent it whole (RFC 7643 §4.2). Without `members` it has none. Throws `ScimError` 400. */
export function readGroup(body: unknown): GroupBody {
  const { members, ...attributes } = readAttributes(body, groupType);
  assertRequired(attributes, groupType);
  return { attributes, members: memberValues(members) };
}

/** What filters see of a group: all but the members. */
export function groupDocument(group: Group): JsonObject {
  const { schemas, ...sent } = group.attributes;
  return { schemas, id: group.id, ...sent, meta: metaOf(group, 'Group') };
}

/** `members` undefined: not asked for. Else the list is there, empty if need be: Authentik counts on it. */
export function presentGroup(
  group: Group,
  members: readonly Member[] | undefined,
  locate: Locate,
): JsonObject {
  return {
    ...groupDocument(group),
    ...(members && { members: members.map((member) => presentMember(member, locate)) }),
    meta: { ...metaOf(group, 'Group'), location: locate('Group', group.id) },
  };
}

/** Nobody has an unknown member's id, so that there is nothing to refer to. */
function presentMember({ value, type }: Member, locate: Locate): JsonObject {
  return type === 'unknown' ? { value } : { value, $ref: locate(type, value), type };
}
