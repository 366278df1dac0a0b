import type { ResourceId } from '../directory/resource.ts';
import type { Homeserver } from '../matrix/homeserver.ts';
import type { UserId } from '../matrix/ids.ts';
import { driftOf } from '../plan/census.ts';
import type { RosterEntry } from '../store/store.ts';

/** Who has which account. */
export type Roster = {
  readonly accounts: ReadonlyMap<ResourceId, UserId>;
  readonly holders: ReadonlyMap<UserId, readonly ResourceId[]>;
  /** Whose entitlements may only seem to have ended, since a room of the map is not known. */
  readonly inDoubt: ReadonlySet<UserId>;
  /** Who left, and keeps her rooms yet. */
  readonly keeping: ReadonlySet<UserId>;
};

export function toRoster(entries: readonly RosterEntry[]): Omit<Roster, 'inDoubt' | 'keeping'> {
  const accounts = new Map<ResourceId, UserId>();
  const holders = new Map<UserId, ResourceId[]>();
  for (const { userId, account } of entries) {
    accounts.set(userId, account);
    holders.set(account, [...(holders.get(account) ?? []), userId]);
  }
  return { accounts, holders };
}

export function idsOf(entries: readonly RosterEntry[]): readonly ResourceId[] {
  return entries.map(({ userId }) => userId);
}

/** Holders of accounts that somebody else changed, or that the homeserver has lost; and what was changed. */
export async function differingAccounts(
  homeserver: Homeserver,
  entries: readonly RosterEntry[],
): Promise<readonly Difference[]> {
  const expected = new Map<UserId, RosterEntry>();
  for (const entry of entries) {
    if (expected.get(entry.account)?.status !== 'active') expected.set(entry.account, entry);
  }
  const differing: Difference[] = [];
  for await (const account of homeserver.accounts()) {
    const entry = expected.get(account.userId);
    const drift = entry && driftOf(entry, account);
    if (entry !== undefined && drift !== undefined) differing.push({ userId: entry.userId, drift });
    expected.delete(account.userId);
  }
  const lost = [...expected.values()].filter(({ status }) => status === 'active');
  return [
    ...differing,
    ...lost.map(({ userId }) => ({ userId, drift: 'is not on the homeserver any more' })),
  ];
}

export type Difference = { readonly userId: ResourceId; readonly drift: string };
