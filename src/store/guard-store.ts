import type { ResourceId } from '../directory/resource.ts';
import type { RoomId, UserId } from '../matrix/ids.ts';
import type { TakeAway } from '../plan/guard.ts';
import type { HeldChange, HeldCount, Hold, HoldView } from '../plan/holds.ts';

export type TakenQuery = {
  readonly kind: TakeAway['kind'];
  readonly roomId: RoomId | undefined;
  readonly since: number;
};

/** What somebody saw, and decides about. */
export type Shown = Pick<HoldView, 'scope' | 'verdict' | 'counts'>;

/** An account that something was decided about. */
export type Affected = {
  /** Of whom it was held, and of whoever has the account now. */
  readonly people: readonly ResourceId[];
  /** What led to it; to one of several changes. */
  readonly cause: string | undefined;
};

export interface GuardStore {
  holds(): Promise<readonly Hold[]>;
  /** Writes it, or changes the reason of the one that is there. */
  openHold(hold: Hold): Promise<void>;
  /**
   * Forgets a hold, and all in it that was not decided: what was forgotten, some at a time. The hold ends with the last
   * of it, so that what is left of one that was broken off is still held.
   */
  endHold(scope: string): AsyncIterable<readonly HeldChange[]>;
  held(): Promise<readonly HeldChange[]>;
  /** How much is held, by scope, verdict, kind and room. Costs what there are rooms, however much is held in them. */
  heldCounts(): Promise<readonly HeldCount[]>;
  /** The same in another order, some at a time, with a turn for others in between. */
  heldInPieces(): AsyncIterable<readonly HeldChange[]>;
  heldOf(account: UserId): Promise<readonly HeldChange[]>;
  /** What is held of a room as a whole: of nobody whom we gave it to. */
  heldOfRoom(roomId: RoomId): Promise<readonly HeldChange[]>;
  /** Writes each, or changes the one that is there: not its `since`, and its verdict only if another one is given. */
  hold(changes: readonly HeldChange[]): Promise<void>;
  /** It was made, or is not wanted any more. */
  forget(change: TakeAway): Promise<void>;
  /**
   * Decides all of a scope that has this verdict so far, if that is what was shown: if its counts have the same marks. Else
   * it changes nothing, and resolves with undefined. The hold ends with its approval, or when nothing in it waits any more; that
   * the scope was decided is a fact, named `DECIDED` and the scope, with the verdict.
   */
  decide(shown: Shown, verdict: 'approved' | 'rejected'): Promise<readonly Affected[] | undefined>;
  /** Counts a change that was let through; the same one again counts once, at its last time. */
  take(change: TakeAway, now: number): Promise<void>;
  /** It was not made: it does not count. */
  giveBack(change: TakeAway): Promise<void>;
  /** What lies ahead, since the clock was set back, counts as of now: not for ever, and not as if it had not been. */
  mendTimes(now: number): Promise<void>;
  /** What was approved and not made is not approved any more. */
  forgetApproved(): Promise<void>;
  /** What was let through since then. */
  taken(since: number): Promise<readonly TakeAway[]>;
  isTaken(change: TakeAway, since: number): Promise<boolean>;
  /** How much of a kind was let through since then: in a room, or in all. */
  countTaken(query: TakenQuery): Promise<number>;
  /** Of these, how many are not so again by now: who was removed and is back is not counted. */
  countGone(query: TakenQuery): Promise<number>;
  /** How many changes wait in a scope, or in all. */
  countHeld(scope?: string): Promise<number>;
}

/** What the names of facts about decided scopes begin with. */
export const DECIDED = 'decided:';

/** Single values that outlive a restart. */
export interface FactStore {
  /** Undefined if it was never set. */
  get(name: string): Promise<unknown>;
  /** A value that JSON can hold; undefined forgets it. */
  set(name: string, value: unknown): Promise<void>;
  /** Names that begin so, in the order of their code points. */
  names(prefix: string): Promise<readonly string[]>;
}
