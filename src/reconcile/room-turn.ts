import { HomeserverError, stopsEverything } from '../matrix/error.ts';
import type { RoomId } from '../matrix/ids.ts';
import { backoff } from './backoff.ts';
import { OUTAGE, type Pauses } from './pauses.ts';
import type { RoomDesk } from './room-desk.ts';
import type { RoomReconciler } from './room-reconciler.ts';

type Deps = {
  readonly rooms: RoomDesk;
  readonly reconcileRoom: RoomReconciler;
  readonly pauses: Pauses;
  readonly crashed: (error: unknown) => void;
  readonly now: () => number;
  readonly random: () => number;
};

/** 1 minute, doubling up to an hour: a person has to do something. */
const REFUSAL = { baseMs: 60_000, capMs: 3_600_000 };
/** 5 seconds, doubling up to an hour: it may be over in a moment. */
const FAILURE = { baseMs: 5_000, capMs: 3_600_000 };

/** How long what went wrong so waits before it is tried again. */
export function limitsFor(kind: string): typeof REFUSAL {
  return kind === 'failed' || kind === 'protocol' ? FAILURE : REFUSAL;
}

/** One look at a room, and when the next one is due. Never rejects. */
export type RoomTurn = (roomId: RoomId, signal: AbortSignal) => Promise<void>;

export function createRoomTurn({ rooms, reconcileRoom, pauses, crashed, now, random }: Deps): RoomTurn {
  const waitAfter = (roomId: RoomId, error: unknown): number => {
    if (!(error instanceof HomeserverError))
      return backoff(rooms.attempts(roomId), limitsFor('internal'), random);
    if (error.kind === 'throttled') return Math.max(error.retryAfterMs ?? 0, OUTAGE.baseMs);
    return stopsEverything(error) ? 0 : backoff(rooms.attempts(roomId), limitsFor(error.kind), random);
  };

  return async (roomId, signal) => {
    try {
      const { problems, isDone } = await reconcileRoom(roomId, signal);
      // One that failed was read now; others may not have needed it.
      if (rooms.attempts(roomId) > 0) pauses.end();
      rooms.settle(roomId, problems, isDone ? undefined : now());
    } catch (error) {
      if (signal.aborted) return;
      const isOurs = !(error instanceof HomeserverError);
      const isOfRoom = !isOurs && !stopsEverything(error);
      if (isOfRoom) pauses.end();
      const found = isOfRoom ? [{ target: roomId, message: `${roomId}: ${error.message}` }] : undefined;
      rooms.settle(roomId, found, now() + waitAfter(roomId, error));
      if (isOurs) crashed(error);
      else if (!isOfRoom && error.kind !== 'throttled') pauses.begin(error);
    }
  };
}
