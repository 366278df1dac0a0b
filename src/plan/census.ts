import type { ResourceId } from '../directory/resource.ts';
import type { AccountSummary, Restriction } from '../matrix/homeserver.ts';
import type { UserId } from '../matrix/ids.ts';
import { type OffboardingPolicy, rungAt, strongerOf } from './offboarding.ts';
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
  /** Those of them whom we let in and who are not in any more, though nothing of hers ended. */
  readonly lost: ReadonlySet<ResourceId>;
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
      if (record.state === 'left' && opening.leave === 'undone') return true;
      return (record.state === 'joined') !== joined.has(account) || !sameOpening(record, opening);
    })
    .map(([userId]) => userId);
  const isLost = ({ account }: Guest): boolean =>
    account !== undefined && records.get(account)?.state === 'joined' && !joined.has(account);
  const lost = new Set([...open].filter(([, guest]) => isLost(guest)).map(([userId]) => userId));
  return { ended, missing, lost };
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
  const isGone = restriction === 'deactivate' || restriction === 'erase';
  if (isGone && !found.deactivated) return 'was reactivated by somebody';
  if (status !== 'active' || displayName === undefined || displayName === found.displayName) return undefined;
  return `has the display name ${JSON.stringify(found.displayName ?? '')} instead of ${JSON.stringify(displayName)}`;
}
