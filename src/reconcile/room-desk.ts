import type { RoomId } from '../matrix/ids.ts';
import type { Store } from '../store/store.ts';
import type { House } from './house.ts';
import type { PersonPlan } from './person-plan.ts';
import type { Problem } from './problem.ts';

/**
 * Rooms that need a look as a whole. Kept in memory only: a full pass finds them again. A room waits until no person's
 * turn is due, so that many changes in it become one; but not for ever.
 */
export interface RoomDesk {
  /** A room that waits after a failure goes on waiting, unless it is urgent. */
  request(rooms: Iterable<RoomId>, isUrgent?: boolean): void;
  /** Nothing waits any more because it failed. */
  hurry(): void;
  /** Requests the rooms with problems: nothing else may ask for a room in which all is well by now. */
  recheck(): void;
  /** Requests the rooms with power levels that a person's plan was about. */
  concern(plan: PersonPlan): Promise<void>;
  /** The next room to look at; `isQuiet` while nobody's turn is due. */
  next(now: number, isQuiet: boolean): RoomId | undefined;
  /**
   * It was looked at; `until` if it has to be again, and then. Without `problems` it is not known what is wrong: what was
   * found before stays.
   */
  settle(roomId: RoomId, problems: readonly Problem[] | undefined, until?: number): void;
  attempts(roomId: RoomId): number;
  /** When the next room is due. */
  nextDue(): number | undefined;
  problems(): readonly Problem[];
}

type Item = { readonly since: number; readonly notBefore: number };

/** The name of the fact that holds what is wrong with rooms since the last full pass, for those who look. */
export const ROOM_PROBLEMS = 'room-problems';

/** So long many changes in a room are gathered, at most. */
const PATIENCE_MS = 10_000;

export function createRoomDesk({
  store,
  house,
  now,
  onRequested = () => {},
  onProblems = () => {},
}: {
  readonly store: Pick<Store, 'rooms'>;
  readonly house: House;
  readonly now: () => number;
  /** Told of each room that is to be looked at, by what is under way then. */
  readonly onRequested?: ((rooms: readonly RoomId[]) => void) | undefined;
  /** Told all of them whenever there are others. */
  readonly onProblems?: ((problems: readonly Problem[]) => void) | undefined;
}): RoomDesk {
  const items = new Map<RoomId, Item>();
  const attemptsMade = new Map<RoomId, number>();
  const problems = new Map<RoomId, readonly Problem[]>();

  const request = (rooms: Iterable<RoomId>, isUrgent = false): void => {
    for (const roomId of rooms) {
      const { since = now(), notBefore = 0 } = items.get(roomId) ?? {};
      items.set(roomId, { since, notBefore: isUrgent ? 0 : notBefore });
      onRequested([roomId]);
    }
  };

  return {
    request,
    hurry: () => request([...items.keys()], true),
    recheck: () => request([...problems.keys()]),
    async concern(plan) {
      const touched = new Set<RoomId>([...plan.records.keys(), ...plan.ended]);
      for (const change of plan.changes) if ('roomId' in change) touched.add(change.roomId);
      const { rooms } = await house.openings();
      for (const roomId of touched) {
        const hasLevels = rooms.get(roomId)?.hasLevels === true;
        if (hasLevels || (await store.rooms.levels(roomId)).size > 0) request([roomId]);
      }
    },
    next(at, isQuiet) {
      for (const [roomId, { since, notBefore }] of items) {
        if (notBefore > at || (!isQuiet && since + PATIENCE_MS > at)) continue;
        items.delete(roomId);
        return roomId;
      }
      return undefined;
    },
    settle(roomId, news, until) {
      const known = problems.get(roomId) ?? [];
      const found = news ?? known;
      const hasChanged = JSON.stringify(known) !== JSON.stringify(found);
      if (found.length === 0) problems.delete(roomId);
      else problems.set(roomId, found);
      if (hasChanged) onProblems([...problems.values()].flat());
      if (until === undefined) attemptsMade.delete(roomId);
      else {
        attemptsMade.set(roomId, (attemptsMade.get(roomId) ?? 0) + 1);
        items.set(roomId, { since: items.get(roomId)?.since ?? now(), notBefore: until });
      }
    },
    attempts: (roomId) => attemptsMade.get(roomId) ?? 0,
    nextDue() {
      const moments = [...items.values()].map(({ since, notBefore }) =>
        Math.max(since + PATIENCE_MS, notBefore),
      );
      return moments.length === 0 ? undefined : Math.min(...moments);
    },
    problems: () => [...problems.values()].flat(),
  };
}
