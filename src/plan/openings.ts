import type { GroupNames } from '../directory/group.ts';
import type { ResourceId } from '../directory/resource.ts';
import type { RoomId } from '../matrix/ids.ts';
import { foldName, type GroupMap, type GroupSelector, type RoomTarget } from './group-map.ts';

/** A room that is open to somebody: through which groups (`*` is everybody), and in which mode. */
export type Opening = { readonly via: readonly string[]; readonly mode: RoomTarget['mode'] };

type Door = { readonly roomId: RoomId; readonly mode: RoomTarget['mode'] };

/** The group map with its names matched against the directory and its aliases resolved. */
export type Openings = {
  readonly byGroup: ReadonlyMap<ResourceId, readonly Door[]>;
  readonly everybody: readonly Door[];
  readonly rooms: ReadonlySet<RoomId>;
  /** Groups (and `*`) of which some room is not known: what they open no more may only have changed its name. */
  readonly uncertain: ReadonlySet<string>;
};

/**
 * Matches the map with the groups that were pushed. A group that nobody pushed opens nothing, and a target
 * that was never resolved is left out: neither removes anybody, since nothing was recorded through them.
 */
export function openingsOf(
  map: GroupMap,
  groups: readonly GroupNames[],
  resolved: ReadonlyMap<string, RoomId>,
): Openings {
  const byGroup = new Map<ResourceId, Door[]>();
  const everybody: Door[] = [];
  const rooms = new Set<RoomId>();
  const uncertain = new Set<string>();
  for (const rule of map.rules) {
    const doors = rule.targets.flatMap(({ room, mode }): Door[] => {
      const roomId = resolved.get(room);
      return roomId === undefined ? [] : [{ roomId, mode }];
    });
    for (const { roomId } of doors) rooms.add(roomId);
    const isUncertain = doors.length < rule.targets.length;
    if (rule.group.kind === 'everybody') {
      everybody.push(...doors);
      if (isUncertain) uncertain.add('*');
    }
    for (const group of groups.filter((candidate) => selects(rule.group, candidate))) {
      byGroup.set(group.id, [...(byGroup.get(group.id) ?? []), ...doors]);
      if (isUncertain) uncertain.add(group.id);
    }
  }
  return { byGroup, everybody, rooms, uncertain };
}

function selects(selector: GroupSelector, group: GroupNames): boolean {
  switch (selector.kind) {
    case 'external-id':
      return selector.id === group.externalId;
    case 'name':
      return foldName(selector.name) === foldName(group.displayName);
    case 'everybody':
      return false;
  }
}

/** The rooms that are open to a member of these groups. One `additive` mapping keeps all in that room. */
export function openTo(openings: Openings, groups: ReadonlySet<ResourceId>): ReadonlyMap<RoomId, Opening> {
  const open = new Map<RoomId, Opening>();
  const add = (door: Door, via: string): void => {
    const before = open.get(door.roomId);
    open.set(door.roomId, {
      via: [...new Set([...(before?.via ?? []), via])].sort(),
      mode: before?.mode === 'additive' ? 'additive' : door.mode,
    });
  };
  for (const door of openings.everybody) add(door, '*');
  for (const [group, doors] of openings.byGroup) {
    if (groups.has(group)) for (const door of doors) add(door, group);
  }
  return open;
}

/** Those of a person's groups (and `*`) of which some room is not known. */
export function uncertainFor(openings: Openings, groups: ReadonlySet<ResourceId>): ReadonlySet<string> {
  return new Set([...openings.uncertain].filter((group) => group === '*' || groups.has(group as ResourceId)));
}

/** The groups through which a room is open, and whether it is open to everybody. */
export function openersOf(
  openings: Openings,
  roomId: RoomId,
): { readonly groups: readonly ResourceId[]; readonly everybody: boolean } {
  const opens = (doors: readonly Door[]): boolean => doors.some((door) => door.roomId === roomId);
  return {
    groups: [...openings.byGroup].filter(([, doors]) => opens(doors)).map(([group]) => group),
    everybody: opens(openings.everybody),
  };
}
