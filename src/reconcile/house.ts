import { isDeepStrictEqual } from 'node:util';
import type { RoomId } from '../matrix/ids.ts';
import type { GroupMap } from '../plan/group-map.ts';
import { type FoundRooms, type Openings, openingsOf } from '../plan/openings.ts';
import type { Store } from '../store/store.ts';

/**
 * Which doors are open to whom, as of now: the group map, the groups that were pushed, and what the survey
 * found the map's aliases to mean.
 */
export interface House {
  openings(): Promise<Openings>;
  /** Rooms that were upgraded to a room of the map: nobody is removed from them any more. */
  retired(): ReadonlySet<RoomId>;
  /** Rooms of which it is not known whether they were upgraded: nothing that was recorded there ends. */
  unread(): ReadonlySet<RoomId>;
  /** Counts what was learnt. */
  edition(): number;
  /** What the map calls a room; its id if the map does not name it. */
  nameOf(roomId: RoomId): string;
  /** Takes over a map with what a survey found its rooms to be: the one means nothing without the other. */
  learn(found: Learnt): void;
}

export type Learnt = FoundRooms & {
  readonly map: GroupMap;
  readonly retired: ReadonlySet<RoomId>;
  readonly unread: ReadonlySet<RoomId>;
};

/** `found` is what the targets of the map were last known to mean. */
export function createHouse(deps: {
  readonly store: Pick<Store, 'groups'>;
  readonly map: GroupMap;
  readonly found: FoundRooms;
}): House {
  let learnt: Learnt = { ...deps.found, map: deps.map, retired: new Set(), unread: new Set() };
  let edition = 0;
  let last: { readonly inputs: readonly unknown[]; readonly openings: Openings } | undefined;
  return {
    async openings() {
      const groups = await deps.store.groups.names();
      const inputs = [learnt, groups];
      if (last === undefined || inputs.some((input, index) => input !== last?.inputs[index])) {
        last = { inputs, openings: openingsOf(learnt.map, groups, learnt) };
      }
      return last.openings;
    },
    retired: () => learnt.retired,
    unread: () => learnt.unread,
    nameOf(roomId) {
      for (const [target, room] of learnt.resolved) if (room === roomId) return target;
      return roomId;
    },
    edition: () => edition,
    learn(found) {
      if (!isDeepStrictEqual(found, learnt)) edition += 1;
      learnt = found;
    },
  };
}

/** What the rooms of a map were last known to be. */
export async function lastKnown(store: Pick<Store, 'rooms'>): Promise<FoundRooms> {
  const resolved = await store.rooms.resolutions();
  const children = new Map<RoomId, readonly RoomId[]>();
  for (const roomId of new Set(resolved.values())) {
    const inside = await store.rooms.children(roomId);
    if (inside !== undefined) children.set(roomId, inside);
  }
  return { resolved, children };
}
