import type { ResourceId } from '../directory/resource.ts';
import type { RoomId, UserId } from '../matrix/ids.ts';
import { othersTurn } from '../pieces.ts';
import { type CAUTIONS, keyOf, type Scope, type TakeAway } from '../plan/guard.ts';
import type { HeldChange, Hold } from '../plan/holds.ts';
import { DECIDED } from '../store/guard-store.ts';
import type { Store } from '../store/store.ts';
import type { House } from './house.ts';
import type { Judge } from './judge.ts';
import { createLocks } from './locks.ts';
import type { Pending } from './pending.ts';
import { roomIn } from './tallies.ts';

/** A change that takes away, with who is to be looked at again when it is decided, and what it is in words. */
export type Request = TakeAway & {
  readonly userId: ResourceId | undefined;
  readonly detail: string;
  /** What led to it. */
  readonly cause: string | undefined;
  /** It is not because an entitlement ended: the room is `exclusive`, and she was never entitled to it. */
  readonly isStray?: boolean;
};

/**
 * Holds what looks like an accident. What is held waits in the store, with the reason, until a person decides or the
 * cause is gone.
 */
export interface Guard {
  /**
   * Which of these changes may not be made now. The others count as made. `wanted` is all that is to be taken from
   * that account, or in that room: what was held there before and is no longer among it is forgotten, unless it is not
   * known at present whether it is wanted.
   */
  sift(wanted: readonly Request[], about: About): Promise<ReadonlySet<string>>;
  /** A change was made: what was said about it is over. */
  made(change: TakeAway): Promise<void>;
  /** Changes that were let through were certainly not made: they don't count. */
  giveBack(changes: readonly TakeAway[]): Promise<void>;
  /** Holds everything, for a reason that is about Usher as a whole. */
  hold(scope: (typeof CAUTIONS)[number], reason: string): Promise<void>;
  /** Ends a hold whose cause is gone. */
  release(scope: (typeof CAUTIONS)[number]): Promise<void>;
  /**
   * Looks at all holds again: some may have lost their cause, some may have been decided by another process. `isQuiet`
   * while nobody's turn is due: only then it is certain that nothing more comes.
   */
  review(isQuiet: boolean): Promise<void>;
  /** Something changed that makes a review worthwhile. */
  requestReview(): void;
  isReviewDue(): boolean;
  /** A full pass ended: whoever was to be marked is. */
  passed(): void;
}

/** Keys of held changes belong to an account's person, or to what a room shows. */
export type About = { readonly isDecided: (change: TakeAway) => boolean } & (
  | { readonly account: UserId }
  | { readonly roomId: RoomId; readonly kinds: readonly TakeAway['kind'][] }
);

type Deps = {
  readonly store: Pick<Store, 'guard' | 'people' | 'work' | 'facts' | 'journal'>;
  readonly house: House;
  readonly judge: Judge;
  readonly pending: Pending;
  readonly now: () => number;
  /** Holds that ended, and what was decided: those rooms need a look. */
  readonly onRooms: (rooms: readonly RoomId[]) => void;
  readonly onHeld: GuardListener['held'];
};

/** Told once when something begins to be held. */
export type GuardListener = { readonly held: (scope: string, reason: string) => void };

export function createGuard({ store, house, judge, pending, now, onRooms, onHeld }: Deps): Guard {
  const inTurn = createLocks();
  let isDue = true;
  let passedAt = 0;
  let hasLookedSincePass = true;

  const closedScopes = async (): Promise<ReadonlySet<string>> =>
    new Set((await store.guard.holds()).map(({ scope }) => scope));

  /** `before` are the scopes that are closed already. */
  const open = async ({ scope, reason }: Omit<Hold, 'since'>, before: ReadonlySet<string>): Promise<void> => {
    const at = now();
    await store.guard.openHold({ scope, reason, since: at });
    if (before.has(scope)) return;
    await store.journal.append({
      ...{ at, action: 'hold', outcome: 'found', detail: reason, cause: undefined },
      ...{ account: undefined, userId: undefined, roomId: roomIn(scope) },
    });
    onHeld(scope, reason);
  };

  const forgetUnwanted = async (
    rows: readonly HeldChange[],
    wanted: readonly Request[],
    about: About,
  ): Promise<void> => {
    const keys = new Set(wanted.map(keyOf));
    for (const row of rows) {
      if (keys.has(keyOf(row)) || !about.isDecided(row)) continue;
      await store.guard.forget(row);
      isDue ||= row.verdict === undefined;
    }
  };

  const rowsAbout = async (about: About): Promise<readonly HeldChange[]> => {
    if ('account' in about) {
      const rows = await store.guard.heldOf(about.account);
      return rows.filter(({ userId }) => userId !== undefined);
    }
    const rows = await store.guard.heldOfRoom(about.roomId);
    return rows.filter(({ kind }) => about.kinds.includes(kind));
  };

  const sift: Guard['sift'] = async (wanted, about) => {
    const rows = await rowsAbout(about);
    if (rows.length > 0) await forgetUnwanted(rows, wanted, about);
    // What is wanted in other words than before is another change: it was not decided.
    const byKey = new Map(rows.map((row) => [`${keyOf(row)} ${row.detail}`, row]));
    const rowOf = (change: Request): HeldChange | undefined => byKey.get(`${keyOf(change)} ${change.detail}`);
    const stopped = new Set(wanted.filter((change) => rowOf(change)?.verdict === 'rejected').map(keyOf));
    const undecided = wanted.filter((change) => rowOf(change)?.verdict === undefined);
    if (undecided.length === 0) return stopped;
    // What is held already is counted; and stays held while its scope is closed.
    const closed = await closedScopes();
    const isStill = (change: Request): boolean => closed.has(rowOf(change)?.scope ?? '');
    for (const change of undecided.filter(isStill)) stopped.add(keyOf(change));
    const asking = undecided.filter((change) => !isStill(change));
    if (asking.length === 0) return stopped;
    const { scopes, opened } = await judge.judge(asking);
    for (const hold of opened) await open(hold, closed);
    const since = now();
    const toHold: HeldChange[] = [];
    for (const change of asking) {
      const scope = scopes.get(keyOf(change));
      pending.drop(change);
      if (scope === undefined) {
        await store.guard.take(change, since);
        continue;
      }
      stopped.add(keyOf(change));
      const { kind, account, roomId, userId, detail, cause } = change;
      toHold.push({ kind, account, roomId, userId, detail, cause, scope, since, verdict: undefined });
    }
    if (toHold.length > 0) await store.guard.hold(toHold);
    return stopped;
  };

  /** Whether a hold has lost its cause. While people wait for their turn, nothing is taken for that. */
  const isOver = async ({ scope, since }: Hold, rows: number, isQuiet: boolean): Promise<boolean> => {
    if (scope === 'restored' || scope === 'imported') return false;
    if (scope === 'map') return isQuiet && rows === 0 && passedAt > since;
    if (scope === 'empty') return isQuiet && (rows === 0 || !(await judge.isDirectoryEmpty([])));
    if (scope.startsWith('exclusive:')) return rows === 0 ? isQuiet : !(await isExclusive(scope));
    return rows === 0 ? isQuiet : !(await judge.isAbove(scope as Scope));
  };

  const isExclusive = async (scope: string): Promise<boolean> => {
    const { rooms, uncertain } = await house.openings();
    if (uncertain.size > 0) return true;
    return [...rooms].some(([roomId, { mode }]) => roomId === roomIn(scope) && mode === 'exclusive');
  };

  /** A room that becomes exclusive again is asked about again. */
  const forgetDecisions = async (): Promise<void> => {
    for (const name of await store.facts.names(`${DECIDED}exclusive:`)) {
      if (!(await isExclusive(name.slice(DECIDED.length)))) await store.facts.set(name, undefined);
    }
  };

  const release = async (freed: readonly HeldChange[]): Promise<void> => {
    for (const [cause, some] of Map.groupBy(freed, (change) => change.cause)) {
      const people = some.flatMap(({ userId }) => userId ?? []);
      if (people.length === 0) continue;
      // Whoever is marked by something newer is so for that.
      await store.work.remind(people, 'removal', now(), cause);
      await store.work.mark(people, 'removal', now());
    }
    onRooms(freed.flatMap(({ userId, roomId }) => (userId === undefined ? (roomId ?? []) : [])));
  };

  const end = async (scope: string): Promise<void> => {
    for await (const freed of store.guard.endHold(scope)) await release(freed);
  };

  /** Whom it is about, or which rooms as a whole; and in which of them something was approved. */
  const whatIsHeld = async () => {
    const people = new Set<ResourceId>();
    const rooms = new Set<RoomId>();
    const decidedRooms = new Set<RoomId>();
    for await (const held of store.guard.heldInPieces()) {
      for (const { userId, roomId, verdict } of held) {
        if (userId !== undefined) people.add(userId);
        else if (roomId !== undefined) {
          rooms.add(roomId);
          if (verdict === 'approved') decidedRooms.add(roomId);
        }
      }
    }
    return { people, rooms, decidedRooms };
  };

  const review = async (isQuiet: boolean): Promise<void> => {
    isDue = false;
    pending.forget();
    await forgetDecisions();
    const wasHeld = await whatIsHeld();
    for (const hold of await store.guard.holds()) {
      // There may be one for each room, and each costs a look at limits.
      await othersTurn();
      const rows = await store.guard.countHeld(hold.scope);
      if (await isOver(hold, rows, isQuiet)) await end(hold.scope);
      else isDue ||= rows === 0 && !isQuiet;
    }
    // Rooms have no mark in the store: those that somebody decided about are looked at now, the others after each pass.
    const isFirstSincePass = !hasLookedSincePass;
    hasLookedSincePass = true;
    onRooms([...(isFirstSincePass ? wasHeld.rooms : wasHeld.decidedRooms)]);
    // Whose cause ended without a mark (by the map, or a space) is looked at, so that no verdict outlives it.
    const people = isFirstSincePass ? [...wasHeld.people] : [];
    if (people.length > 0) await store.work.remind(people, 'removal', now(), 'full pass');
  };

  const alone = <T>(task: () => Promise<T>): Promise<T> => inTurn(['guard'], task);
  return {
    sift: (wanted, about) => alone(() => sift(wanted, about)),
    made: (change) => store.guard.forget(change),
    giveBack: (changes) =>
      alone(async () => {
        for (const change of changes) await store.guard.giveBack(change);
      }),
    // Not between what is being let through and its being counted.
    hold: (scope, reason) => alone(async () => open({ scope, reason }, await closedScopes())),
    release: (scope) => alone(() => end(scope)),
    review: (isQuiet) =>
      alone(async () => {
        try {
          await review(isQuiet);
        } catch (error) {
          isDue = true;
          throw error;
        }
      }),
    requestReview() {
      isDue = true;
    },
    isReviewDue: () => isDue,
    passed() {
      isDue = true;
      passedAt = now();
      hasLookedSincePass = false;
    },
  };
}

/** In a dry run nothing is taken away, and nothing is held. */
export const IDLE_GUARD: Guard = {
  sift: async () => new Set(),
  made: async () => {},
  giveBack: async () => {},
  hold: async () => {},
  release: async () => {},
  review: async () => {},
  requestReview() {},
  isReviewDue: () => false,
  passed() {},
};
