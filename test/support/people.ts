import type { Attributes, ResourceId, SourceId } from '../../src/directory/resource.ts';
import type { UserId } from '../../src/matrix/ids.ts';
import type { Holders } from '../../src/reconcile/holders.ts';
import type { AccountLink, Person } from '../../src/store/store.ts';

/** Of an account that was made, with nothing of ours on it. */
export const linkOf = (
  userId: ResourceId,
  account: UserId,
  rest: Partial<AccountLink> = {},
): AccountLink => ({
  ...{ userId, account, externalId: undefined, email: undefined, restriction: undefined },
  ...{ isConfirmed: true, inactiveSince: undefined, photo: undefined, avatar: undefined },
  ...{ isAdmin: false, ...rest },
});

/** A user who is in no group. */
export const personWith = (
  id: ResourceId,
  attributes: Attributes = {},
  source = 'idp' as SourceId,
): Person => ({
  user: {
    ...{ id, source, attributes: { userName: id, ...attributes } },
    ...{ version: 1, created: 0, lastModified: 0 },
  },
  groups: new Set(),
});

export const holdersWith = (links: readonly AccountLink[], persons: readonly Person[] = []): Holders => ({
  ...{ links, persons, active: persons.filter(({ user }) => user.attributes.active !== false) },
});
