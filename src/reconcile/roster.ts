import type { ResourceId } from '../directory/resource.ts';
import type { Homeserver } from '../matrix/homeserver.ts';
import type { UserId } from '../matrix/ids.ts';
import { hasDrifted } from '../plan/census.ts';
import type { RosterEntry } from '../store/store.ts';

/** Who has which account. */
export type Roster = {
  readonly accounts: ReadonlyMap<ResourceId, UserId>;
  readonly holders: ReadonlyMap<UserId, readonly ResourceId[]>;
  /** Whose entitlements may only seem to have ended, since a room of the map is not known. */
  readonly inDoubt: ReadonlySet<UserId>;
};

export function toRoster(entries: readonly RosterEntry[]): Omit<Roster, 'inDoubt'> {
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

/** Holders of accounts that somebody else changed, or that the homeserver has lost. */
export async function differingAccounts(
  homeserver: Homeserver,
  entries: readonly RosterEntry[],
): Promise<readonly ResourceId[]> {
  const expected = new Map<UserId, RosterEntry>();
  for (const entry of entries) {
    if (expected.get(entry.account)?.status !== 'active') expected.set(entry.account, entry);
  }
  const differing: RosterEntry[] = [];
  for await (const account of homeserver.accounts()) {
    const entry = expected.get(account.userId);
    if (entry !== undefined && hasDrifted(entry, account)) differing.push(entry);
    expected.delete(account.userId);
  }
  const lost = [...expected.values()].filter(({ status }) => status === 'active');
  return idsOf([...differing, ...lost]);
}
