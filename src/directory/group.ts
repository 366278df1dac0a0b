import { type Attributes, type Resource, type ResourceId, text } from './resource.ts';

/** A group (RFC 7643 §4.2). Its members are not among the attributes: they are stored one row each. */
export type Group = Resource;

/**
 * One member of a group. `value` is the id of a user or of a nested group; `unknown` marks a value that no
 * resource of the source has (yet): it is kept and echoed, and counts for nobody until somebody has it.
 */
export type Member = {
  readonly value: string;
  readonly type: 'User' | 'Group' | 'unknown';
};

/** A group that a user is in: as a member of it, or only of a group inside it. */
export type Membership = {
  readonly group: ResourceId;
  readonly displayName: string;
  readonly isDirect: boolean;
};

/** One step of a change to a group's members, applied in order. Values are compared exactly. */
export type MemberChange =
  | { readonly kind: 'add'; readonly values: readonly string[] }
  | { readonly kind: 'remove'; readonly values: readonly string[] }
  | { readonly kind: 'remove-matching'; readonly matches: (member: Member) => boolean }
  | { readonly kind: 'replace'; readonly values: readonly string[] };

export type GroupChange = {
  readonly attributes: Attributes;
  readonly members: readonly MemberChange[];
};

/** How a group map can name a group: by the provider's id (preferred: survives a rename) or by display name. */
export type GroupNames = {
  readonly id: ResourceId;
  readonly externalId: string | undefined;
  readonly displayName: string;
};

export function groupNamesOf(attributes: Attributes): Omit<GroupNames, 'id'> {
  return { externalId: text(attributes.externalId), displayName: text(attributes.displayName) ?? '' };
}
