import type { Homeserver } from '../matrix/homeserver.ts';
import type { RoomId, UserId } from '../matrix/ids.ts';
import { keyOf, type TakeAway } from '../plan/guard.ts';
import type { LevelsPlan } from '../plan/levels.ts';
import type { Store } from '../store/store.ts';
import type { Guard, Request } from './guard.ts';
import { createHolderFinder } from './holders.ts';
import type { House } from './house.ts';
import type { Locks } from './locks.ts';
import type { Maker } from './maker.ts';
import type { Problem } from './problem.ts';
import type { RoomPlan, RoomPlanner } from './room-planner.ts';

/**
 * Looks at what is about a room as a whole, and makes it right: its power levels, by one write, and in an `exclusive`
 * room those whom no group lets in. Resolves with what a person has to mend. Rejects with a `HomeserverError`, after
 * which the room is to be looked at again; and when it is aborted.
 */
export type RoomReconciler = (roomId: RoomId, signal: AbortSignal) => Promise<RoomOutcome>;

/**
 * A look that takes long ends before it `isDone`, and goes on when others had their turn. Without `problems` it is not
 * known what is wrong.
 */
export type RoomOutcome = { readonly problems: readonly Problem[] | undefined; readonly isDone: boolean };

type Removal = RoomOutcome & { readonly problems: readonly Problem[] };

/** How many strangers are removed in one look. */
const MOST_REMOVALS = 20;

type Deps = {
  readonly store: Pick<Store, 'people' | 'rooms'>;
  readonly homeserver: Homeserver;
  readonly house: House;
  readonly plan: RoomPlanner;
  readonly guard: Guard;
  readonly make: Maker;
  /** The same as that of people: nobody is dealt with twice at once. */
  readonly inTurn: Locks;
};

export function createRoomReconciler(deps: Deps): RoomReconciler {
  const { store, homeserver, house, plan, guard, make, inTurn } = deps;
  const { holdersOf, entitlementOf } = createHolderFinder({ store, house });

  /** Somebody may have let her in since the room was read. */
  const isStillStray = async (roomId: RoomId, account: UserId): Promise<boolean> => {
    const records = await store.people.entitlements(account);
    if (records.some((record) => record.roomId === roomId)) return false;
    const { active } = await holdersOf(account, undefined);
    return !(await entitlementOf(active)).open.has(roomId);
  };

  const removeStrays = async (
    roomId: RoomId,
    strays: readonly UserId[],
    signal: AbortSignal,
  ): Promise<Removal> => {
    const requests = strayRequests(roomId, strays);
    const held = await guard.sift(requests, { roomId, kinds: ['kick'], isDecided: () => true });
    const allowed = requests.filter((request) => !held.has(keyOf(request)));
    const cause = `${house.nameOf(roomId)} is exclusive, and no group lets her in`;
    const problems: Problem[] = [];
    const unmade = new Set(allowed);
    try {
      for (const request of allowed.slice(0, MOST_REMOVALS)) {
        signal.throwIfAborted();
        const { account } = request;
        await inTurn([`account ${account}`], async () => {
          if (!(await isStillStray(roomId, account))) return;
          unmade.delete(request); // it may be made from here on, whatever breaks off
          const occasion = { account, userId: undefined, cause };
          const problem = await make({ kind: 'kick', account, roomId, via: [] }, occasion);
          if (problem === undefined) return guard.made(request);
          problems.push({ target: roomId, message: problem.message });
          if (problem.kind === 'refused') unmade.add(request);
        });
      }
    } finally {
      await guard.giveBack([...unmade]);
    }
    return { problems, isDone: allowed.length <= MOST_REMOVALS || problems.length === MOST_REMOVALS };
  };

  const setLevels = async (
    roomId: RoomId,
    wanted: LevelsPlan,
    { absent, staying }: Pick<RoomPlan, 'absent' | 'staying'>,
  ): Promise<readonly Problem[]> => {
    const name = house.nameOf(roomId);
    const requests = lowerRequests(roomId, wanted, absent);
    const isDecided = ({ account }: TakeAway): boolean => !staying.has(account);
    const held = await guard.sift(requests, { roomId, kinds: ['lower'], isDecided });
    const isHeld = (account: UserId): boolean => held.has(keyOf({ kind: 'lower', account, roomId }));
    const lowered = [...wanted.lowered].filter(([account]) => !isHeld(account));
    const levels = new Map<UserId, number | undefined>([...wanted.raised, ...lowered]);
    // Written before the change and after it: what was given must never be nobody's, whatever breaks off.
    const given = await store.rooms.levels(roomId);
    const both = [...levels].map(([account, level]): readonly [UserId, readonly number[]] => [
      account,
      [...new Set([...(given.get(account) ?? []), ...(level === undefined ? [] : [level])])],
    ]);
    await store.rooms.saveLevels(roomId, new Map([...wanted.records, ...both]));
    if (levels.size > 0) {
      const occasion = { account: undefined, userId: undefined, cause: `the power levels of ${name}` };
      const problem = await make(
        { kind: 'set-levels', roomId, levels, lowers: lowered.length > 0 },
        occasion,
      );
      if (problem !== undefined) return [{ target: roomId, message: problem.message }];
      const after = [...levels].map(
        ([account, level]) => [account, level === undefined ? [] : [level]] as const,
      );
      await store.rooms.saveLevels(roomId, new Map(after));
      for (const request of requests) if (!isHeld(request.account)) await guard.made(request);
    }
    return [...wanted.beyond].map(([account, reason]) => ({
      target: roomId,
      message: `The power level of ${account} in ${name} can't be set: she ${reason}.`,
    }));
  };

  return async (roomId, signal) => {
    const edition = house.edition();
    const first = await plan(roomId, signal);
    if (first.needsPower) await homeserver.takeRoom(roomId);
    const { strays, levels, problems, ...more } = first.needsPower ? await plan(roomId, signal) : first;
    if (edition !== house.edition()) return { problems: undefined, isDone: false };
    const removal = strays === undefined ? NOTHING_LEFT : await removeStrays(roomId, strays, signal);
    const ofLevels = levels === undefined ? [] : await setLevels(roomId, levels, more);
    return { problems: [...problems, ...removal.problems, ...ofLevels], isDone: removal.isDone };
  };
}

export const NOTHING_LEFT: Removal = { problems: [], isDone: true };

/** What to ask the guard for before strangers are removed. */
export function strayRequests(roomId: RoomId, strays: readonly UserId[]): readonly Request[] {
  return strays.map((account) => ({
    ...{ kind: 'kick', account, roomId, userId: undefined, isStray: true, cause: undefined },
    detail: `remove ${account}, whom no group lets in, from ${roomId}`,
  }));
}

/** What to ask the guard for before levels are lowered; of who is `absent`, nothing is. */
export function lowerRequests(
  roomId: RoomId,
  { lowered }: LevelsPlan,
  absent: ReadonlySet<UserId>,
): readonly Request[] {
  return [...lowered]
    .filter(([account]) => !absent.has(account))
    .map(([account, level]) => ({
      ...{ kind: 'lower', account, roomId, userId: undefined, cause: undefined },
      detail: `lower the power level of ${account} in ${roomId} to ${level ?? 'that of everybody'}`,
    }));
}
