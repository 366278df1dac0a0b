import type { GroupNames } from '../directory/group.ts';
import type { ResourceId } from '../directory/resource.ts';
import type { RoomId } from '../matrix/ids.ts';
import {
  foldName,
  type GroupMap,
  type GroupSelector,
  type Limit,
  type Mode,
  type RoomTarget,
  type Words,
} from './group-map.ts';
import { isSlip, nearest } from './nearest.ts';

/** A room that is open to somebody: through which groups (`*` is everybody), and on which terms. */
export type Opening = Terms & { readonly via: readonly string[] };

type Terms = Pick<RoomTarget, 'mode' | 'leave' | 'powerLevel'>;
type Door = Terms & { readonly roomId: RoomId };

/** What the map's rooms were found to be. */
export type FoundRooms = {
  /** By alias or id of the map. */
  readonly resolved: ReadonlyMap<string, RoomId>;
  /** The rooms of spaces whose rooms come along. */
  readonly children: ReadonlyMap<RoomId, readonly RoomId[]>;
  /** Those of the map that certainly do not exist, and are to be made. */
  readonly toMake?: ReadonlySet<string>;
};

/** The group map with its names matched against the directory and its aliases resolved. */
export type Openings = {
  readonly byGroup: ReadonlyMap<ResourceId, readonly Door[]>;
  readonly everybody: readonly Door[];
  /** On which terms, whoever opens them. */
  readonly rooms: ReadonlyMap<RoomId, RoomTerms>;
  /** Groups (and `*`) of which some room is not known: what they open no more may only have changed its name. */
  readonly uncertain: ReadonlySet<ResourceId | '*'>;
  /** Groups whose members are server admins. */
  readonly admins: ReadonlySet<ResourceId>;
};

export type RoomTerms = {
  readonly mode: Mode;
  readonly limit: Partial<Limit> | undefined;
  /** Of several, under several names, the first in the map. */
  readonly words: Words | undefined;
  /** Whether some mapping gives a power level. */
  readonly hasLevels: boolean;
  /** Whether some group that opens it was never pushed: then it is not known who is to be in it. */
  readonly isAwaited: boolean;
};

/**
 * Matches the map with the groups that were pushed. A group that nobody pushed opens nothing, and a target
 * that was never resolved is left out: neither removes anybody, since nothing was recorded through them.
 */
export function openingsOf(map: GroupMap, groups: readonly GroupNames[], found: FoundRooms): Openings {
  const byGroup = new Map<ResourceId, Door[]>();
  const everybody: Door[] = [];
  const rooms = new Map<RoomId, RoomTerms>();
  const uncertain = new Set<ResourceId | '*'>();
  const selected = createSelector(groups);
  for (const rule of map.rules) {
    const passages = rule.targets.map((target) => behind(target, found));
    const doors = passages.flatMap(({ doors: own }) => own);
    const isUncertain = passages.some(({ isWhole }) => !isWhole);
    const matching = selected(rule.group);
    const isAwaited = rule.group.kind !== 'everybody' && matching.length === 0;
    for (const { target, doors: own } of passages) {
      for (const { roomId } of own) {
        const isNamed = found.resolved.get(target.room) === roomId;
        const words = isNamed ? target.words : undefined;
        rooms.set(roomId, joined(rooms.get(roomId), { ...target, words }, isAwaited));
      }
    }
    if (rule.group.kind === 'everybody') {
      everybody.push(...doors);
      if (isUncertain) uncertain.add('*');
    }
    for (const group of matching) {
      byGroup.set(group, [...(byGroup.get(group) ?? []), ...doors]);
      if (isUncertain) uncertain.add(group);
    }
  }
  return { byGroup, everybody, rooms, uncertain, admins: adminGroupsOf(map, groups) };
}

/** Those of the groups whose members the map makes server admins. */
export function adminGroupsOf(map: GroupMap, groups: readonly GroupNames[]): ReadonlySet<ResourceId> {
  const rules = map.rules.filter(({ admin }) => admin !== undefined);
  return new Set(rules.length === 0 ? [] : rules.map(({ group }) => group).flatMap(createSelector(groups)));
}

/** The room of a target, and those of the space's rooms that come along; not `isWhole` if some are not known. */
function behind(
  target: RoomTarget,
  { resolved, children, toMake }: FoundRooms,
): { readonly target: RoomTarget; readonly doors: readonly Door[]; readonly isWhole: boolean } {
  const { mode, leave, powerLevel } = target;
  const roomId = resolved.get(target.room);
  if (roomId === undefined) return { target, doors: [], isWhole: toMake?.has(target.room) === true };
  const doorTo = (id: RoomId): Door => ({ roomId: id, mode, leave, powerLevel });
  if (target.children === 'none') return { target, doors: [doorTo(roomId)], isWhole: true };
  const inside = children.get(roomId);
  const wanted =
    target.children === 'all' ? inside : target.children.map((child) => resolved.get(child)).filter(isKnown);
  const isWhole =
    inside !== undefined && (target.children === 'all' || wanted?.length === target.children.length);
  const along = (wanted ?? []).filter((id) => id !== roomId && inside?.includes(id));
  return { target, doors: [roomId, ...new Set(along)].map(doorTo), isWhole };
}

function isKnown<T>(value: T | undefined): value is T {
  return value !== undefined;
}

/** The gentlest of several: one `additive` mapping keeps all in the room. */
const GENTLENESS: Readonly<Record<Mode, number>> = { exclusive: 0, granted: 1, additive: 2 };

/** The one that removes fewer. */
export function gentler(a: Mode, b: Mode): Mode {
  return GENTLENESS[a] >= GENTLENESS[b] ? a : b;
}

function joined(before: RoomTerms | undefined, target: RoomTarget, isAwaited: boolean): RoomTerms {
  return {
    mode: before === undefined ? target.mode : gentler(before.mode, target.mode),
    limit: before?.limit ?? target.limit,
    words: before?.words ?? target.words,
    hasLevels: before?.hasLevels === true || target.powerLevel !== undefined,
    isAwaited: before?.isAwaited === true || isAwaited,
  };
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
    return [...new Map(targets.map((target) => [target.room, target])).values()];
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

/** The rooms that are open to a member of these groups. */
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

/** The gentlest mode, the strictest word about leaving, the highest level. */
function widened(before: Opening | undefined, door: Door, via: string): Opening {
  const { mode, leave, powerLevel } = door;
  if (before === undefined) return { via: [via], mode, leave, powerLevel };
  return {
    via: [...new Set([...before.via, via])].sort(),
    mode: gentler(before.mode, mode),
    leave: before.leave === 'undone' ? 'undone' : leave,
    powerLevel: higher(before.powerLevel, powerLevel),
  };
}

function higher(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}

/** What a record says of an opening. */
type Recorded = Pick<Opening, 'via' | 'mode'>;

export function sameOpening(a: Recorded, b: Recorded): boolean {
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
  /** The opening for a member of some of the groups; undefined if none of them opens it. */
  readonly openingFor: (groups: readonly ResourceId[]) => Opening | undefined;
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
      return doors.reduce<Opening | undefined>(
        (opening, [group, door]) => widened(opening, door, group),
        undefined,
      );
    },
  };
}
