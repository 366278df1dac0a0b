import type { RoomId } from '../matrix/ids.ts';
import type { GroupMap } from '../plan/group-map.ts';
import { type Openings, openingsOf } from '../plan/openings.ts';
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
  /** Takes over a map with what a survey found its rooms to be: the one means nothing without the other. */
  learn(found: {
    readonly map: GroupMap;
    readonly resolved: ReadonlyMap<string, RoomId>;
    readonly retired: ReadonlySet<RoomId>;
    readonly unread: ReadonlySet<RoomId>;
  }): void;
}

/** `resolved` is what the targets of the map were last known to mean. */
export function createHouse(deps: {
  readonly store: Pick<Store, 'groups'>;
  readonly map: GroupMap;
  readonly resolved: ReadonlyMap<string, RoomId>;
}): House {
  let { map, resolved } = deps;
  let retired: ReadonlySet<RoomId> = new Set();
  let unread: ReadonlySet<RoomId> = new Set();
  let last: { readonly inputs: readonly unknown[]; readonly openings: Openings } | undefined;
  return {
    async openings() {
      const inputs = [map, await deps.store.groups.names(), resolved] as const;
      if (last === undefined || inputs.some((input, index) => input !== last?.inputs[index])) {
        last = { inputs, openings: openingsOf(...inputs) };
      }
      return last.openings;
    },
    retired: () => retired,
    unread: () => unread,
    learn(found) {
      map = found.map;
      resolved = found.resolved;
      retired = found.retired;
      unread = found.unread;
    },
  };
}
