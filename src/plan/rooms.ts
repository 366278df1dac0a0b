import type { Membership } from '../matrix/homeserver.ts';
import type { RoomId, UserId } from '../matrix/ids.ts';
import type { Finding, RoomChange } from './change.ts';
import type { Mode, Words } from './group-map.ts';
import { type Opening, sameOpening } from './openings.ts';
import { type Word, wordOf } from './words.ts';

/** Why a person is to be in a room, and what became of it; see `Entitlement` of the store. */
export type RoomRecord = {
  readonly state: 'granted' | 'joined' | 'left' | 'kicked' | 'banned';
  readonly via: readonly string[];
  readonly mode: Mode;
};

/** Where she stands in a room. Who put her there is needed for `leave` only. */
export type Standing = { readonly membership: Membership; readonly sender: UserId | undefined };

export type RoomsView = {
  readonly account: UserId;
  readonly bot: UserId;
  /** The rooms that are open to her; none if she is inactive. */
  readonly open: ReadonlyMap<RoomId, Opening>;
  /** Groups of hers (and `*`) of which some room is not known: what they gave is not taken until it is. */
  readonly uncertain: ReadonlySet<string>;
  /** Whether anybody has the room by a target that is known: else it may be behind one that is not. */
  readonly isMapped: (roomId: RoomId) => boolean;
  readonly records: ReadonlyMap<RoomId, RoomRecord>;
  readonly standings: ReadonlyMap<RoomId, Standing>;
  /** What the map has to say to who is let into a room, or loses it; nothing to who is to have no account any more. */
  readonly wordsOf: (roomId: RoomId) => Words | undefined;
};

export type RoomsPlan = {
  readonly changes: readonly RoomChange[];
  /** Records to write before the changes. Each join has one, which says `granted` until the join is made. */
  readonly records: ReadonlyMap<RoomId, RoomRecord>;
  /** Entitlements that ended and need no kick. */
  readonly ended: readonly RoomId[];
  /** Rooms of which it is not known at present whether her entitlement ended. */
  readonly undecided: ReadonlySet<RoomId>;
  readonly findings: readonly Finding[];
  /** What is to be said to her, once the join or kick is made. */
  readonly words: ReadonlyMap<RoomId, Word>;
};

/** Which rooms to show her into and out of. Only she whose recorded entitlement ended is removed. */
export function planRooms(view: RoomsView): RoomsPlan {
  const changes: RoomChange[] = [];
  const records = new Map<RoomId, RoomRecord>();
  const ended: RoomId[] = [];
  const undecided = new Set<RoomId>();
  const findings: Finding[] = [];
  const words = new Map<RoomId, Word>();
  const say = (roomId: RoomId, kind: Word['kind']): void => {
    const word = wordOf(view.wordsOf(roomId), kind);
    if (word !== undefined) words.set(roomId, word);
  };

  for (const [roomId, record] of view.records) {
    if (view.open.has(roomId)) continue;
    const mayBeUnknown = view.uncertain.size > 0 && !view.isMapped(roomId);
    if (mayBeUnknown || record.via.some((group) => view.uncertain.has(group))) {
      undecided.add(roomId);
      continue;
    }
    if (isOurs(record, view.standings.get(roomId)) && record.mode !== 'additive') {
      changes.push({ kind: 'kick', account: view.account, roomId, via: record.via });
      // An invitation that is taken back was no room of hers.
      if (view.standings.get(roomId)?.membership === 'join') say(roomId, 'removed');
    } else {
      ended.push(roomId);
    }
  }

  for (const [roomId, opening] of view.open) {
    const record = view.records.get(roomId);
    const state = nextState(record?.state, view.standings.get(roomId), opening, view);
    if (state === 'granted') {
      changes.push({ kind: 'join', account: view.account, roomId, via: opening.via });
      // With a record it is a join that did not succeed before, or one that is made again.
      if (record === undefined) say(roomId, 'added');
    }
    const next: RoomRecord = { state, via: opening.via, mode: opening.mode };
    if (record === undefined || state === 'granted' || !same(record, next)) records.set(roomId, next);
    if (state !== record?.state && (state === 'left' || state === 'kicked' || state === 'banned')) {
      findings.push(respected(state, view.account, roomId));
    }
  }
  return { changes, records, ended, undecided, findings, words };
}

/** She is in; or she is invited, by a join of ours that broke off half-way. */
function isOurs({ state }: RoomRecord, standing: Standing | undefined): boolean {
  if (standing?.membership === 'invite') return state === 'granted';
  return standing?.membership === 'join';
}

/** Whether somebody who is open to a room and stands so must be told apart by who put her there. */
export function needsSender(
  state: RoomRecord['state'] | undefined,
  membership: Membership,
  { leave }: Opening,
): boolean {
  if (membership !== 'leave' || state === 'kicked' || state === 'banned') return false;
  return state !== 'left' || leave === 'undone';
}

/**
 * `granted` means: to be joined. What she or a moderator decided is respected: a leave of her own for as long
 * as this entitlement lasts (unless the map wants it undone), a kick or a ban always. A `leave` that the bot sent was
 * ours, and is over.
 */
function nextState(
  state: RoomRecord['state'] | undefined,
  standing: Standing | undefined,
  { leave }: Opening,
  { account, bot }: RoomsView,
): RoomRecord['state'] {
  if (standing?.membership === 'join') return 'joined';
  if (standing?.membership === 'ban') return 'banned';
  if (state === 'kicked' || state === 'banned') return 'kicked';
  if (state === 'left' && leave === 'allowed') return 'left';
  if (standing?.membership !== 'leave' || standing.sender === bot) return 'granted';
  if (standing.sender === account) return state === 'joined' && leave === 'allowed' ? 'left' : 'granted';
  return 'kicked';
}

function same(a: RoomRecord, b: RoomRecord): boolean {
  return a.state === b.state && sameOpening(a, b);
}

function respected(code: 'left' | 'kicked' | 'banned', account: UserId, roomId: RoomId): Finding {
  const what = {
    left: `${account} left ${roomId}; she is not put back until she loses the entitlement and gets it again.`,
    kicked: `${account} was removed from ${roomId} by a moderator, who can invite her again; Usher does not.`,
    banned: `${account} is banned from ${roomId} by a moderator; Usher leaves it at that.`,
  };
  return { code, blocking: false, message: what[code], account, roomId };
}
