import type { Group, Member } from '../directory/group.ts';
import type { Attributes } from '../directory/resource.ts';
import { assertStorable, readAttributes } from './attributes.ts';
import type { JsonObject } from './json.ts';
import { type MatrixGroup, presentMatrixGroup, schemasWith } from './matrix-resource.ts';
import { type Locate, metaOf } from './meta.ts';
import { groupType } from './schema/resource-type.ts';
import { MATRIX_GROUP } from './urns.ts';

/** A group as a client sent it whole, without its members (RFC 7643 §4.2). Throws `ScimError` 400. */
export function readGroup(body: unknown): Attributes {
  const attributes = readAttributes(body, groupType);
  assertStorable(attributes, groupType);
  return attributes;
}

/** What is shown of a group beside what was sent. Undefined: not asked for. */
export type GroupView = { readonly matrix: MatrixGroup | undefined; readonly locate: Locate };

/** A group without its members, which may be many. */
export function presentGroup(group: Group, { matrix, locate }: GroupView): JsonObject {
  const { schemas, ...sent } = group.attributes;
  const shown = matrix && presentMatrixGroup(matrix);
  return {
    schemas: schemasWith(MATRIX_GROUP, schemas),
    id: group.id,
    ...sent,
    meta: metaOf(group, 'Group', shown, locate),
    ...(shown && { [MATRIX_GROUP]: shown }),
  };
}

/** Nobody has an unknown member's id, so that there is nothing to refer to. */
export function presentMember({ value, type }: Member, locate: Locate): JsonObject {
  return type === 'unknown' ? { value } : { value, $ref: locate(type, value), type };
}
