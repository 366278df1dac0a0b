import { type Profile, profileOf } from '../directory/user.ts';
import type { Account } from '../matrix/homeserver.ts';
import type { UserId } from '../matrix/ids.ts';
import { accountIdOf, type Ours, type PossibleView } from '../plan/account-view.ts';
import type { Finding } from '../plan/change.ts';
import { type OffboardingPolicy, type Rung, rungAt } from '../plan/offboarding.ts';
import { openTo, uncertainFor } from '../plan/openings.ts';
import type { RoomsView } from '../plan/rooms.ts';
import type { AccountLink, Person, Store } from '../store/store.ts';
import type { House } from './house.ts';

/** All who share one account: one person may have been pushed by two sources, or come back under a new id. */
export type Holders = {
  readonly links: readonly AccountLink[];
  /** Those who still exist in the directory, the oldest link first. */
  readonly persons: readonly Person[];
  readonly active: readonly Person[];
};

/** Reads who shares an account, and what is open to them. `self` has perhaps no link to it yet. */
export function createHolderFinder({
  store,
  house,
}: {
  readonly store: Pick<Store, 'people'>;
  readonly house: House;
}) {
  /**
   * Who was deleted and pushed anew, or is pushed by another source by now, goes on having her account: it is not to be
   * taken from her for the moment until her own turn comes. Two users of one source are two people.
   */
  const heirsOf = async (
    links: readonly AccountLink[],
    persons: readonly Person[],
  ): Promise<readonly Person[]> => {
    const sources = new Set(persons.map(({ user }) => user.source));
    const ids = new Set(links.flatMap(({ externalId }) => externalId ?? []));
    const heirs = (await Promise.all([...ids].map((id) => store.people.comingFor(id)))).flat();
    return heirs.filter(({ user }) => !sources.has(user.source));
  };

  return {
    async holdersOf(account: UserId, self: Person | undefined): Promise<Holders> {
      const links = await store.people.linksOf(account);
      const ids = new Set(links.map((link) => link.userId));
      if (self !== undefined) ids.add(self.user.id);
      const persons = (await Promise.all([...ids].map((id) => store.people.person(id)))).filter(
        (person) => person !== undefined,
      );
      const active = persons.filter(isActive);
      if (active.length > 0 || links.length === 0) return { links, persons, active };
      const heirs = await heirsOf(links, persons);
      return { links, persons: [...persons, ...heirs], active: heirs };
    },

    async entitlementOf(persons: readonly Person[]): Promise<Entitled> {
      if (persons.length === 0) return { open: new Map(), uncertain: new Set(), isAdmin: false };
      const groups = new Set(persons.flatMap((person) => [...person.groups]));
      const openings = await house.openings();
      return {
        open: openTo(openings, groups),
        uncertain: uncertainFor(openings, groups),
        isAdmin: !groups.isDisjointFrom(openings.admins),
      };
    },
  };
}

/** `isAdmin`: some group of hers makes her a server admin. */
export type Entitled = Pick<RoomsView, 'open' | 'uncertain'> & { readonly isAdmin: boolean };

export function isActive(person: Person): boolean {
  return profileOf(person.user.attributes).active;
}

export function oursOf(links: readonly AccountLink[]): Omit<Ours, 'beneath'> {
  return {
    externalId: links.find((link) => link.externalId !== undefined)?.externalId,
    email: links.find((link) => link.email !== undefined)?.email,
    restriction: links.find((link) => link.restriction !== undefined)?.restriction,
    photo: links[0]?.photo,
    avatar: links[0]?.avatar,
    isAdmin: links.some((link) => link.isAdmin),
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
 * external id that she was to have must be on it, or nobody can have used it yet. Who has no external id is believed while
 * she is there to be asked.
 */
export function isHers({ links, active }: Holders, account: Account, wanted: string | undefined): boolean {
  if (links.some((link) => link.isConfirmed)) return true;
  const ids = [wanted, ...links.map((link) => link.externalId)].filter((id) => id !== undefined);
  if (ids.length === 0) return active.length > 0;
  if (account.isStranded || account.isUntouched) return true;
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

/** Where the account stands on the ladder; undefined while somebody active has it. */
export function rungOf(
  { links, persons, active }: Holders,
  { onDeactivate, onDelete }: OffboardingPolicy,
  now: number,
): Rung | undefined {
  if (active.length > 0) return undefined;
  const since = links.find(({ inactiveSince }) => inactiveSince !== undefined)?.inactiveSince ?? now;
  return rungAt(persons.length === 0 ? onDelete : onDeactivate, since, now);
}
