import { type Profile, profileOf } from '../directory/user.ts';
import type { Account } from '../matrix/homeserver.ts';
import type { UserId } from '../matrix/ids.ts';
import { accountIdOf, type Ours, type PossibleView } from '../plan/account-view.ts';
import type { Finding } from '../plan/change.ts';
import type { AccountLink, Person } from '../store/store.ts';

/** All who share one account: one person may have been pushed by two sources, or come back under a new id. */
export type Holders = {
  readonly links: readonly AccountLink[];
  /** Those who still exist in the directory, the oldest link first. */
  readonly persons: readonly Person[];
  readonly active: readonly Person[];
};

export function isActive(person: Person): boolean {
  return profileOf(person.user.attributes).active;
}

export function oursOf(links: readonly AccountLink[]): Ours {
  return {
    externalId: links.find((link) => link.externalId !== undefined)?.externalId,
    email: links.find((link) => link.email !== undefined)?.email,
    restriction: links.find((link) => link.restriction !== undefined)?.restriction,
  };
}

/** What is known of an account that somebody was given before. */
export function knownView(
  holders: Holders,
  userId: UserId,
  account: Account | undefined,
  ours: Ours,
  { externalId }: Profile,
): PossibleView | undefined {
  if (holders.links.length === 0) return undefined;
  if (account === undefined) return { kind: 'lost', userId };
  return isHers(holders, account, externalId)
    ? { kind: 'linked', account, ours }
    : { kind: 'taken', account };
}

/**
 * An account that was to be made for somebody, and nobody said that it was, may be a stranger's by now: the
 * external id that she was to have must be on it. Who has none is believed while she is there to be asked.
 */
export function isHers({ links, active }: Holders, account: Account, wanted: string | undefined): boolean {
  if (links.some((link) => link.isConfirmed)) return true;
  const ids = [wanted, ...links.map((link) => link.externalId)].filter((id) => id !== undefined);
  if (ids.length === 0) return active.length > 0;
  return account.externalIds.some(({ id }) => ids.includes(id));
}

/**
 * Two users of different sources may be one person: the same external id says so. Two users of one source are
 * two people, and a name alone never makes somebody's account another's.
 */
export function sharedWrongly(view: PossibleView, self: Person, holders: Holders): Finding | undefined {
  const other = holders.persons.find(
    (person) =>
      person.user.id !== self.user.id && (view.kind !== 'found' || person.user.source === self.user.source),
  );
  if (other === undefined) return undefined;
  const account = accountIdOf(view);
  return {
    code: 'account-of-another',
    blocking: true,
    message: `${account} is the account of another user (SCIM id ${other.user.id}). Give her another user name or external id at the identity provider.`,
    account,
    roomId: undefined,
  };
}
