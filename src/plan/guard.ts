import type { RoomId, UserId } from '../matrix/ids.ts';
import type { Limit } from './group-map.ts';

/**
 * What is taken away from whom: a membership (`kick`), the use of the account (`restrict`), a power level (`lower`), or
 * the right of a server admin (`revoke-admin`). `roomId` is undefined if it is about the account.
 */
export type TakeAway = {
  readonly kind: 'kick' | 'restrict' | 'lower' | 'revoke-admin';
  readonly account: UserId;
  readonly roomId: RoomId | undefined;
};

/** How many are to be taken away, how many were within the hour, and from how many. */
export type Tally = { readonly wanted: number; readonly done: number; readonly of: number };

/** What a limit is about: a room's memberships or levels, all memberships, accounts, or server admins. */
export type Scope = 'total' | 'accounts' | 'admins' | `room:${RoomId}` | `levels:${RoomId}`;

/** Scopes of holds that hold everything: they are about Usher as a whole. */
export const CAUTIONS = ['restored', 'imported', 'map', 'empty'] as const;

/** What may be taken away within so many milliseconds is limited. */
export const WINDOW_MS = 3_600_000;

/** One that is named by two sources is one. */
export function keyOf({ kind, account, roomId }: TakeAway): string {
  return `${kind} ${account} ${roomId ?? ''}`;
}

/** The narrowest scope first: what is held in a room does not count for the total. */
export function scopesOf({ kind, roomId }: TakeAway): readonly [narrowest: Scope, ...wider: Scope[]] {
  if (kind === 'revoke-admin') return ['admins'];
  if (kind === 'restrict' || roomId === undefined) return ['accounts'];
  return kind === 'lower' ? [`levels:${roomId}`] : [`room:${roomId}`, 'total'];
}

/** How many may be taken away within the hour: a share of those who have it, and a few always. */
function allowance({ percent, count }: Limit, of: number): number {
  return percent >= 100 ? Number.POSITIVE_INFINITY : Math.max(count, Math.floor((of * percent) / 100));
}

export function isAbove({ wanted, done, of }: Tally, limit: Limit): boolean {
  return wanted + done > allowance(limit, of);
}

/** Why a scope is closed, with the numbers. */
export function reasonFor(
  scope: Scope,
  tally: Tally,
  limit: Limit,
  nameOf: (room: RoomId) => string,
): string {
  const { wanted, done, of } = tally;
  const before = done === 0 ? '' : ` after ${done} in the last hour`;
  const most = `without approval ${allowance(limit, of)} an hour (${limit.percent} %, at least ${limit.count})`;
  if (scope === 'total')
    return `${counted(wanted, 'removal')} from rooms${before}, of ${counted(of, 'membership')}; ${most}`;
  if (scope === 'accounts')
    return `${counted(wanted, 'account')} to be locked or more${before}, of ${of}; ${most}`;
  if (scope === 'admins')
    return `${counted(wanted, 'server admin')} to be none any more${before}, of ${of}; ${most}`;
  const room = nameOf(scope.slice(scope.indexOf(':') + 1) as RoomId);
  return scope.startsWith('room:')
    ? `${counted(wanted, 'removal')} from ${room}${before}, of ${counted(of, 'member')}; ${most}`
    : `${counted(wanted, 'lowered power level')} in ${room}${before}, of ${of}; ${most}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
