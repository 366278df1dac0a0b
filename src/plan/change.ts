import type { AccountUpdate, NewAccount, Restriction } from '../matrix/homeserver.ts';
import type { RoomId, UserId } from '../matrix/ids.ts';

/** One change on the homeserver; each costs one mutating call. */
export type Change = PersonChange | LevelsChange;

/** A change for one person. */
export type PersonChange = AccountChange | RoomChange;

export type AccountChange =
  | { readonly kind: 'create-account'; readonly account: UserId; readonly profile: NewAccount }
  | { readonly kind: 'update-account'; readonly account: UserId; readonly update: AccountUpdate }
  | SetAvatar
  | Restrict
  | { readonly kind: 'unrestrict'; readonly account: UserId; readonly restriction: Restriction }
  | AdminChange;

export type SetAvatar = {
  readonly kind: 'set-avatar';
  readonly account: UserId;
  /** Its URI as the provider gave it; never told, since it may hold a token. */
  readonly photo: string;
  /** The avatar that is there. */
  readonly replaces: string | undefined;
};

export type Restrict = {
  readonly kind: 'restrict';
  readonly account: UserId;
  readonly restriction: Restriction;
};

/** Makes the account a server admin, or takes that right. */
export type AdminChange = { readonly kind: 'grant-admin' | 'revoke-admin'; readonly account: UserId };

export type RoomChange = {
  readonly kind: 'join' | 'kick';
  readonly account: UserId;
  readonly roomId: RoomId;
  /** The groups that give the room, or that gave it. */
  readonly via: readonly string[];
};

/** Power levels of members of one room; undefined takes a member's own level away. */
export type LevelsChange = {
  readonly kind: 'set-levels';
  readonly roomId: RoomId;
  readonly levels: ReadonlyMap<UserId, number | undefined>;
  /** Whether somebody has less power by it. */
  readonly lowers: boolean;
};

/**
 * Something that a person should know and that Usher does nothing about. `blocking` findings keep a change
 * that was asked for from being made; the others respect what somebody decided.
 */
export type Finding = {
  readonly code:
    | 'protected-account'
    | 'account-taken'
    | 'account-stranded'
    | 'name-reserved'
    | 'account-of-another'
    | 'account-relinked'
    | 'account-deactivated'
    | 'account-locked'
    | 'external-id-of-another'
    | 'no-account-name'
    | 'email-of-another'
    | 'invalid-email'
    | 'photo-unusable'
    | 'last-admin'
    | 'left'
    | 'kicked'
    | 'banned';
  readonly blocking: boolean;
  readonly message: string;
  readonly account: UserId | undefined;
  readonly roomId: RoomId | undefined;
};

/** Takes away before it gives: the order in which one person's changes are made. */
const ORDER: Readonly<Record<PersonChange['kind'], number>> = {
  'revoke-admin': 0,
  kick: 1,
  restrict: 2,
  'create-account': 3,
  unrestrict: 4,
  'update-account': 5,
  'set-avatar': 6,
  'grant-admin': 7,
  join: 8,
};

export const CHANGE_KINDS: readonly Change['kind'][] = [
  ...(Object.keys(ORDER) as PersonChange['kind'][]),
  'set-levels',
];

export function inOrder(changes: readonly PersonChange[]): readonly PersonChange[] {
  return changes.toSorted((a, b) => ORDER[a.kind] - ORDER[b.kind] || compared(roomOf(a), roomOf(b)));
}

function compared(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function roomOf(change: PersonChange): string {
  return 'roomId' in change ? change.roomId : '';
}

/** Whether a change takes something from somebody. */
export function takesAway(change: Change): boolean {
  if (change.kind === 'set-levels') return change.lowers;
  return change.kind === 'kick' || change.kind === 'restrict' || change.kind === 'revoke-admin';
}
