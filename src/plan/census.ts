import type { ResourceId } from '../directory/resource.ts';
import type { AccountSummary, Restriction } from '../matrix/homeserver.ts';
import type { UserId } from '../matrix/ids.ts';
import { strongerOf } from './account.ts';
import { type Opening, sameOpening } from './openings.ts';
import type { RoomRecord } from './rooms.ts';

/** Somebody to whom a room is open; `account` is undefined while she has none. */
export type Guest = { readonly account: UserId | undefined; readonly opening: Opening };

export type RoomCensus = {
  readonly open: ReadonlyMap<ResourceId, Guest>;
  readonly records: ReadonlyMap<UserId, RoomRecord>;
  readonly joined: ReadonlySet<UserId>;
};

export type Attention = {
  /** Accounts whose entitlement to the room ended. */
  readonly ended: readonly UserId[];
  /** Users who are not where they are to be, or of whom the record is not true any more. */
  readonly missing: readonly ResourceId[];
};

/**
 * Who needs a look in one room. Nobody does in a room that is right, and those who left or were removed by a
 * moderator do only when they are back.
 */
export function takeCensus({ open, records, joined }: RoomCensus): Attention {
  const entitled = new Set([...open.values()].map(({ account }) => account));
  const ended = [...records.keys()].filter((account) => !entitled.has(account));
  const missing = [...open]
    .filter(([, { account, opening }]) => {
      const record = account === undefined ? undefined : records.get(account);
      if (account === undefined || record === undefined || record.state === 'granted') return true;
      return (record.state === 'joined') !== joined.has(account) || !sameOpening(record, opening);
    })
    .map(([userId]) => userId);
  return { ended, missing };
}

/** What we recorded of an account, and how its user stands. */
export type AccountExpectation = {
  readonly displayName: string | undefined;
  readonly status: 'active' | 'inactive' | 'deleted';
  readonly restriction: Restriction | undefined;
  /** Whether the external id and the e-mail that we put on the account are those of the user. */
  readonly isCurrent: boolean;
};

export type OffboardingPolicy = {
  readonly onDeactivate: Restriction | undefined;
  readonly onDelete: Restriction | undefined;
};

/** Whether what we did to an account is what is to be done; the homeserver need not be asked for this. */
export function isSettled(expected: AccountExpectation, policy: OffboardingPolicy): boolean {
  const { status, restriction, isCurrent } = expected;
  if (status === 'active') return restriction === undefined && isCurrent;
  return (
    strongerOf(restriction, status === 'deleted' ? policy.onDelete : policy.onDeactivate) === restriction
  );
}

/** Whether an account was renamed, unlocked or reactivated by somebody else. */
export function hasDrifted(expected: AccountExpectation, found: AccountSummary): boolean {
  if (expected.restriction === 'lock' && !found.locked) return true;
  if (expected.restriction === 'deactivate' && !found.deactivated) return true;
  const { displayName, status } = expected;
  return status === 'active' && displayName !== undefined && displayName !== found.displayName;
}
