import type { AccountSummary, Restriction } from '../matrix/homeserver.ts';
import type { UserId } from '../matrix/ids.ts';
import { isDeactivation, type OffboardingPolicy, rungAt, strongerOf } from './offboarding.ts';
import { type Opening, sameOpening } from './openings.ts';
import type { RoomRecord } from './rooms.ts';

/** What is known of one room. */
export type RoomCensus = {
  /** By account, for whom the room is open. */
  readonly open: ReadonlyMap<UserId, { readonly opening: Opening }>;
  readonly records: ReadonlyMap<UserId, RoomRecord>;
  readonly joined: ReadonlySet<UserId>;
};

/** Whether the record of an account belongs to an entitlement that ended. */
export function isEnded({ open }: RoomCensus, account: UserId): boolean {
  return !open.has(account);
}

/**
 * Why somebody to whom the room is open needs a look: she is not where she is to be, or her record is not true any more.
 * `lost` is who was let in and is not in any more, though nothing of hers ended. Nobody needs one in a room that is
 * right, and those who left or were removed by a moderator do only when they are back.
 */
export function needOf(
  { records, joined }: RoomCensus,
  account: UserId,
  opening: Opening,
): 'lost' | 'missing' | undefined {
  const record = records.get(account);
  if (record === undefined || record.state === 'granted') return 'missing';
  const isIn = joined.has(account);
  if (record.state === 'joined' && !isIn) return 'lost';
  if (record.state === 'left' && opening.leave === 'undone') return 'missing';
  return (record.state === 'joined') !== isIn || !sameOpening(record, opening) ? 'missing' : undefined;
}

/** What we recorded of an account, and how its user stands. */
export type AccountExpectation = {
  readonly displayName: string | undefined;
  readonly status: 'active' | 'inactive' | 'deleted';
  readonly restriction: Restriction | undefined;
  /** Whether the external id and the e-mail that we put on the account are those of the user. */
  readonly isCurrent: boolean;
  /** When nobody was found to use it any more; undefined also if nobody looked since. */
  readonly inactiveSince: number | undefined;
};

/** Whether what we did to an account is what is to be done; the homeserver need not be asked for this. */
export function isSettled(expected: AccountExpectation, policy: OffboardingPolicy, now: number): boolean {
  const { status, restriction, isCurrent, inactiveSince } = expected;
  if (status === 'active') return restriction === undefined && isCurrent && inactiveSince === undefined;
  if (inactiveSince === undefined) return false;
  const ladder = status === 'deleted' ? policy.onDelete : policy.onDeactivate;
  return strongerOf(restriction, rungAt(ladder, inactiveSince, now).restriction) === restriction;
}

/** What somebody else did to an account, in words; undefined if it is as it is to be. */
export function driftOf(expected: AccountExpectation, found: AccountSummary): string | undefined {
  const { displayName, status, restriction } = expected;
  if (restriction === 'lock' && !found.locked) return 'was unlocked by somebody';
  if (isDeactivation(restriction) && !found.deactivated) return 'was reactivated by somebody';
  if (status === 'active' && found.isStranded) return 'is one that nobody can sign in to';
  if (status !== 'active' || displayName === undefined || displayName === found.displayName) return undefined;
  return `has the display name ${JSON.stringify(found.displayName ?? '')} instead of ${JSON.stringify(displayName)}`;
}
