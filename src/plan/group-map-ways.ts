import type { RoomId } from '../matrix/ids.ts';
import type { GroupMap, Mode, RoomTarget } from './group-map.ts';
import { type FoundRooms, gentler } from './openings.ts';

/** How a room comes into the map: by a name of its own, or as a room of a space. */
export type Way = {
  /** The alias or id that the map has for it; undefined if it only comes along with all rooms of a space. */
  readonly name: string | undefined;
  /** The space that it comes along with. */
  readonly space: string | undefined;
  readonly spaceId: RoomId | undefined;
  /** Where it stands: its own target, or that of the space. */
  readonly target: RoomTarget;
};

/** For each room all ways in which it comes, in the order of the map. */
export function waysOf(
  map: GroupMap,
  { resolved, children }: FoundRooms,
): ReadonlyMap<RoomId, readonly Way[]> {
  const ways = new Map<RoomId, Way[]>();
  const add = (roomId: RoomId | undefined, way: Way): void => {
    if (roomId !== undefined) ways.set(roomId, [...(ways.get(roomId) ?? []), way]);
  };
  for (const target of map.rules.flatMap((rule) => rule.targets)) {
    const roomId = resolved.get(target.room);
    add(roomId, { name: target.room, space: undefined, spaceId: undefined, target });
    const along = { space: target.room, spaceId: roomId, target };
    const inside = roomId === undefined ? [] : (children.get(roomId) ?? []);
    if (target.children === 'all') {
      for (const id of inside.filter((each) => each !== roomId)) add(id, { name: undefined, ...along });
    } else if (target.children !== 'none') {
      for (const name of target.children) {
        const id = resolved.get(name);
        if (id !== undefined && id !== roomId && inside.includes(id)) add(id, { name, ...along });
      }
    }
  }
  return ways;
}

/** The mode that is in force in a room: the gentlest. */
export function modeOf(ways: readonly Way[]): Mode {
  return ways.map(({ target }) => target.mode).reduce(gentler);
}

/** What people call a room that comes in this way. */
export function labelOf(roomId: RoomId, { name, space }: Way): string {
  return space === undefined ? (name ?? roomId) : `${name ?? roomId} in ${space}`;
}
