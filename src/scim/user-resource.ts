import type { Group } from '../directory/group.ts';
import type { Attributes } from '../directory/resource.ts';
import type { User } from '../directory/user.ts';
import { assertRequired, readAttributes } from './attributes.ts';
import type { JsonObject } from './json.ts';
import { type Locate, metaOf } from './meta.ts';
import { userType } from './schema/resource-type.ts';

/** A user as a client sent it whole (RFC 7643 §4.1); who is not said to be inactive is active. Throws `ScimError` 400. */
export function readUser(body: unknown): Attributes {
  const attributes = { active: true, ...readAttributes(body, userType) };
  assertRequired(attributes, userType);
  return attributes;
}

/** What filters see of a user: all but the groups. An `active` that was removed means true. */
export function userDocument(user: User): JsonObject {
  return { active: true, ...user.attributes, id: user.id, meta: metaOf(user, 'User') };
}

/**
 * What was sent, word for word (Authentik sends a user again whose lists come back changed), and what is ours.
 * `groups` are those that have the user as a direct member; undefined: not asked for.
 */
export function presentUser(user: User, groups: readonly Group[] | undefined, locate: Locate): JsonObject {
  const { schemas, ...sent } = user.attributes;
  return {
    schemas,
    id: user.id,
    ...sent,
    ...(groups && { groups: groups.map((group) => membershipOf(group, locate)) }),
    meta: { ...metaOf(user, 'User'), location: locate('User', user.id) },
  };
}

function membershipOf({ id, attributes }: Group, locate: Locate): JsonObject {
  return { value: id, $ref: locate('Group', id), display: attributes.displayName, type: 'direct' };
}
