import type { GroupNames } from '../directory/group.ts';
import type { ResourceId } from '../directory/resource.ts';
import type { RoomId } from '../matrix/ids.ts';
import { foldName, type GroupMap, type GroupSelector, type RoomTarget } from './group-map.ts';
import { isSlip, nearest } from './nearest.ts';

/** A room that is open to somebody: through which groups (`*` is everybody), and in which mode. */
export type Opening = { readonly via: readonly string[]; readonly mode: RoomTarget['mode'] };

type Door = { readonly roomId: RoomId; readonly mode: RoomTarget['mode'] };

/** The group map with its names matched against the directory and its aliases resolved. */
export type Openings = {
  readonly byGroup: ReadonlyMap<ResourceId, readonly Door[]>;
  readonly everybody: readonly Door[];
  readonly rooms: ReadonlySet<RoomId>;
  /** Groups (and `*`) of which some room is not known: what they open no more may only have changed its name. */
  readonly uncertain: ReadonlySet<ResourceId | '*'>;
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
  const uncertain = new Set<ResourceId | '*'>();
  const selected = createSelector(groups);
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
    for (const group of selected(rule.group)) {
      byGroup.set(group, [...(byGroup.get(group) ?? []), ...doors]);
      if (isUncertain) uncertain.add(group);
    }
  }
  return { byGroup, everybody, rooms, uncertain };
}

/**
 * Rules about groups that nobody pushed, each as a sentence: to come, or misspelt. The nearest name that was
 * pushed is named.
 */
export function unmatchedRules(map: GroupMap, groups: readonly GroupNames[]): readonly string[] {
  const selected = createSelector(groups);
  const names = groups.map(({ displayName }) => displayName);
  return map.rules
    .filter((rule) => rule.group.kind !== 'everybody' && selected(rule.group).length === 0)
    .map(({ group }) => {
      const wanted = group.kind === 'external-id' ? group.id : group.kind === 'name' ? group.name : '*';
      const key = group.kind === 'name' ? `name:${wanted}` : wanted;
      const near = nearest(wanted, names);
      const meant = near !== undefined && isSlip(wanted, near) ? ` Did you mean "name:${near.name}"?` : '';
      return `The group map has "${key}", and nobody pushed such a group yet.${meant}`;
    });
}

/** What the map gives a group by any of its names, each room once, in the order of the map. */
export function createTargetsOf(map: GroupMap): (group: GroupNames) => readonly RoomTarget[] {
  const byExternalId = new Map<string, RoomTarget[]>();
  const byName = new Map<string, RoomTarget[]>();
  for (const { group, targets } of map.rules) {
    if (group.kind === 'everybody') continue;
    const [index, key] = group.kind === 'name' ? [byName, foldName(group.name)] : [byExternalId, group.id];
    index.set(key, [...(index.get(key) ?? []), ...targets]);
  }
  return ({ externalId, displayName }) => {
    const byId = byExternalId.get(externalId ?? '') ?? [];
    const targets = [...byId, ...(byName.get(foldName(displayName)) ?? [])];
    const rooms = new Map<string, RoomTarget>();
    for (const target of targets) {
      // As one `additive` mapping keeps all in the room.
      const isKept = rooms.get(target.room)?.mode === 'additive';
      rooms.set(target.room, isKept ? { ...target, mode: 'additive' } : target);
    }
    return [...rooms.values()];
  };
}

/** The groups that a rule is about; several may have one name, when several sources push. */
function createSelector(groups: readonly GroupNames[]): (selector: GroupSelector) => readonly ResourceId[] {
  const byExternalId = Map.groupBy(groups, (group) => group.externalId);
  const byName = Map.groupBy(groups, (group) => foldName(group.displayName));
  return (selector) => {
    if (selector.kind === 'everybody') return [];
    const found =
      selector.kind === 'name' ? byName.get(foldName(selector.name)) : byExternalId.get(selector.id);
    return (found ?? []).map(({ id }) => id);
  };
}

/** The rooms that are open to a member of these groups. One `additive` mapping keeps all in that room. */
export function openTo(openings: Openings, groups: ReadonlySet<ResourceId>): ReadonlyMap<RoomId, Opening> {
  const open = new Map<RoomId, Opening>();
  const add = (door: Door, via: string): void => {
    open.set(door.roomId, widened(open.get(door.roomId), door, via));
  };
  for (const door of openings.everybody) add(door, '*');
  for (const [group, doors] of openings.byGroup) {
    if (groups.has(group)) for (const door of doors) add(door, group);
  }
  return open;
}

function widened(before: Opening | undefined, { mode }: Door, via: string): Opening {
  return {
    via: [...new Set([...(before?.via ?? []), via])].sort(),
    mode: before?.mode === 'additive' ? 'additive' : mode,
  };
}

export function sameOpening(a: Opening, b: Opening): boolean {
  return a.mode === b.mode && a.via.length === b.via.length && a.via.every((group) => b.via.includes(group));
}

/** Those of a person's groups (and `*`) of which some room is not known. */
export function uncertainFor(openings: Openings, groups: ReadonlySet<ResourceId>): ReadonlySet<string> {
  return new Set([...openings.uncertain].filter((group) => group === '*' || groups.has(group)));
}

/** Through whom a room is open: the groups, and whether to everybody. */
export type Openers = {
  readonly groups: readonly ResourceId[];
  readonly everybody: boolean;
  /** The opening for a member of some of the groups. */
  readonly openingFor: (groups: readonly ResourceId[]) => Opening;
};

export function openersOf(openings: Openings, roomId: RoomId): Openers {
  const doorsTo = (doors: readonly Door[]): readonly Door[] => doors.filter((door) => door.roomId === roomId);
  const byGroup = new Map<string, readonly Door[]>();
  const groups: ResourceId[] = [];
  for (const [group, doors] of openings.byGroup) {
    if (doorsTo(doors).length === 0) continue;
    byGroup.set(group, doorsTo(doors));
    groups.push(group);
  }
  const general = doorsTo(openings.everybody);
  if (general.length > 0) byGroup.set('*', general);
  return {
    groups,
    everybody: general.length > 0,
    openingFor(given) {
      const via = general.length > 0 ? ['*', ...given] : given;
      const doors = via.flatMap((group) => (byGroup.get(group) ?? []).map((door) => [group, door] as const));
      return doors.reduce<Opening>((opening, [group, door]) => widened(opening, door, group), {
        via: [],
        mode: 'granted',
      });
    },
  };
}
