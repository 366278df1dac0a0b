import type { AccountUpdate, NewAccount, Restriction } from '../matrix/homeserver.ts';
import type { RoomId, UserId } from '../matrix/ids.ts';

/** One change on the homeserver; each costs one mutating call. */
export type Change = AccountChange | RoomChange;

export type AccountChange =
  | { readonly kind: 'create-account'; readonly account: UserId; readonly profile: NewAccount }
  | { readonly kind: 'update-account'; readonly account: UserId; readonly update: AccountUpdate }
  | { readonly kind: 'restrict'; readonly account: UserId; readonly restriction: Restriction }
  | { readonly kind: 'unrestrict'; readonly account: UserId; readonly restriction: Restriction };

export type RoomChange = {
  readonly kind: 'join' | 'kick';
  readonly account: UserId;
  readonly roomId: RoomId;
  /** The groups that give the room, or that gave it. */
  readonly via: readonly string[];
};

/**
 * Something that a person should know and that Usher does nothing about. `blocking` findings keep a change
 * that was asked for from being made; the others respect what somebody decided.
 */
export type Finding = {
  readonly code:
    | 'protected-account'
    | 'account-taken'
    | 'account-of-another'
    | 'account-relinked'
    | 'account-deactivated'
    | 'account-locked'
    | 'external-id-of-another'
    | 'no-account-name'
    | 'email-of-another'
    | 'invalid-email'
    | 'left'
    | 'kicked'
    | 'banned';
  readonly blocking: boolean;
  readonly message: string;
  readonly account: UserId | undefined;
  readonly roomId: RoomId | undefined;
};

/** Takes away before it gives: the order in which one person's changes are made. */
const ORDER: Readonly<Record<Change['kind'], number>> = {
  kick: 0,
  restrict: 1,
  'create-account': 2,
  unrestrict: 3,
  'update-account': 4,
  join: 5,
};

export const CHANGE_KINDS = Object.keys(ORDER);

export function inOrder(changes: readonly Change[]): readonly Change[] {
  return changes.toSorted((a, b) => ORDER[a.kind] - ORDER[b.kind] || (roomOf(a) < roomOf(b) ? -1 : 1));
}

function roomOf(change: Change): string {
  return 'roomId' in change ? change.roomId : '';
}

/** Whether a change takes something from somebody. */
export function takesAway(change: Change): boolean {
  return change.kind === 'kick' || change.kind === 'restrict';
}
