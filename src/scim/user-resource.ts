import type { Membership } from '../directory/group.ts';
import type { Attributes } from '../directory/resource.ts';
import type { User } from '../directory/user.ts';
import { assertStorable, readAttributes } from './attributes.ts';
import type { JsonObject } from './json.ts';
import { type MatrixUser, presentMatrixUser, schemasWith } from './matrix-resource.ts';
import { type Locate, metaOf } from './meta.ts';
import { userType } from './schema/resource-type.ts';
import { MATRIX_USER } from './urns.ts';

/** A user as a client sent it whole (RFC 7643 §4.1); who is not said to be inactive is active. Throws `ScimError` 400. */
export function readUser(body: unknown): Attributes {
  const attributes = { active: true, ...readAttributes(body, userType) };
  assertStorable(attributes, userType);
  return attributes;
}

/** What is shown of a user beside what was sent. Undefined: not asked for. */
export type UserView = {
  readonly groups: readonly Membership[] | undefined;
  readonly matrix: MatrixUser | undefined;
  readonly locate: Locate;
};

/** What was sent, word for word (Authentik sends a user again whose lists come back changed), and what is ours. */
export function presentUser(user: User, { groups, matrix, locate }: UserView): JsonObject {
  const { schemas, ...sent } = user.attributes;
  const shown = {
    ...(groups && { groups: groups.map((membership) => presentMembership(membership, locate)) }),
    ...(matrix && { matrix: presentMatrixUser(matrix) }),
  };
  return {
    schemas: schemasWith(MATRIX_USER, schemas),
    id: user.id,
    ...sent,
    ...(shown.groups && { groups: shown.groups }),
    meta: metaOf(user, 'User', Object.keys(shown).length > 0 ? shown : undefined, locate),
    ...(shown.matrix && { [MATRIX_USER]: shown.matrix }),
  };
}

function presentMembership({ group, displayName, isDirect }: Membership, locate: Locate): JsonObject {
  return {
    value: group,
    $ref: locate('Group', group),
    display: displayName,
    type: isDirect ? 'direct' : 'indirect',
  };
}
