import type { GroupNames } from '../directory/group.ts';
import type { ResourceId } from '../directory/resource.ts';
import type { RoomId } from '../matrix/ids.ts';
import { foldName, type GroupMap, type GroupSelector, type RoomTarget } from '../plan/group-map.ts';
import type { Store } from '../store/store.ts';

/** One entry of the map that opens a room. */
export type MapDoor = {
  /** As in the map: an external id, `name:…`, or `*`. */
  readonly key: string;
  /** The groups that were pushed under this key; several, when several sources push. */
  readonly groups: readonly ResourceId[];
  readonly mode: RoomTarget['mode'];
  readonly leave: RoomTarget['leave'];
  readonly powerLevel: number | undefined;
  /** The space by which the room comes along; undefined if the map names the room itself. */
  readonly space: string | undefined;
};

/** A room that the group map opens. */
export type MapRoom = {
  /** As the map calls it: an alias or an id; the room's own id if it comes along with a space. */
  readonly target: string;
  /** Undefined while no full pass has found it. */
  readonly roomId: RoomId | undefined;
  readonly doors: readonly MapDoor[];
};

type Known = {
  readonly groups: readonly GroupNames[];
  readonly resolved: ReadonlyMap<string, RoomId>;
  /** The rooms of the spaces, as last read. */
  readonly children: ReadonlyMap<RoomId, readonly RoomId[]>;
};

/** Every room of the map once, in the order of the map, though an alias and an id may mean the same room. */
export function mapRoomsOf(map: GroupMap, { groups, resolved, children }: Known): readonly MapRoom[] {
  const select = createSelector(groups);
  const rooms = new Map<string, MapRoom>();
  const add = (target: string, roomId: RoomId | undefined, door: MapDoor): void => {
    const known = rooms.get(roomId ?? target);
    rooms.set(roomId ?? target, { target, roomId, ...known, doors: [...(known?.doors ?? []), door] });
  };
  for (const { group, targets } of map.rules) {
    for (const target of targets) {
      const { mode, leave, powerLevel } = target;
      const door = { key: keyOf(group), groups: select(group), mode, leave, powerLevel, space: undefined };
      const roomId = resolved.get(target.room);
      add(target.room, roomId, door);
      for (const child of childrenOf(target, roomId, children)) {
        const childId = resolved.get(child) ?? (child.startsWith('!') ? (child as RoomId) : undefined);
        add(child, childId, { ...door, powerLevel: undefined, space: target.room });
      }
    }
  }
  return [...rooms.values()];
}

/** The rooms of the map as the database knows them. */
export async function readMapRooms(
  store: Pick<Store, 'groups' | 'rooms'>,
  map: GroupMap,
): Promise<readonly MapRoom[]> {
  const resolved = await store.rooms.resolutions();
  const children = new Map<RoomId, readonly RoomId[]>();
  for (const { room, children: wanted } of map.rules.flatMap(({ targets }) => targets)) {
    const space = resolved.get(room);
    if (wanted === 'all' && space !== undefined)
      children.set(space, (await store.rooms.children(space)) ?? []);
  }
  return mapRoomsOf(map, { groups: await store.groups.names(), resolved, children });
}

/** What holds of the room for whom these doors are open: one `additive` keeps all, the highest level counts. */
export function termsOf(doors: readonly MapDoor[]): Pick<MapDoor, 'mode' | 'leave' | 'powerLevel'> {
  const levels = doors.flatMap(({ powerLevel }) => powerLevel ?? []);
  const modes = doors.map(({ mode }) => mode);
  return {
    mode: modes.includes('additive') ? 'additive' : (modes[0] ?? 'granted'),
    leave: doors.some(({ leave }) => leave === 'undone') ? 'undone' : 'allowed',
    powerLevel: levels.length === 0 ? undefined : Math.max(...levels),
  };
}

/** The key of a rule as it is written in the map. */
function keyOf(group: GroupSelector): string {
  if (group.kind === 'everybody') return '*';
  return group.kind === 'name' ? `name:${group.name}` : group.id;
}

function childrenOf(
  { children: wanted }: RoomTarget,
  space: RoomId | undefined,
  children: Known['children'],
): readonly string[] {
  if (wanted === 'none') return [];
  if (wanted !== 'all') return wanted;
  return space === undefined ? [] : (children.get(space) ?? []);
}

function createSelector(groups: readonly GroupNames[]): (selector: GroupSelector) => readonly ResourceId[] {
  const byExternalId = Map.groupBy(groups, ({ externalId }) => externalId);
  const byName = Map.groupBy(groups, ({ displayName }) => foldName(displayName));
  return (selector) => {
    if (selector.kind === 'everybody') return [];
    const found =
      selector.kind === 'name' ? byName.get(foldName(selector.name)) : byExternalId.get(selector.id);
    return (found ?? []).map(({ id }) => id);
  };
}
