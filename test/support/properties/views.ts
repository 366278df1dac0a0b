import type { RoomId } from '../../../src/matrix/ids.ts';
import type { Directory } from './directory.ts';
import { type MapEntry, type MapPlan, type ModeName, PEOPLE, ROOMS, SPACE } from './story.ts';

/** A room of the story, and what it is on the homeserver today. */
export type Place = {
  readonly ids: RoomId[];
  /** What the alias meant when it was lost. */
  lostAt: RoomId | undefined;
  isChild: boolean;
};

export type Door = {
  readonly group: number | '*';
  readonly byName: boolean;
  readonly roomId: RoomId;
  readonly mode: ModeName;
  readonly undone: boolean;
  readonly level: number | undefined;
};

/** What the map meant at a moment. The directory is that of now. */
export type View = { readonly doors: readonly Door[]; readonly isCertain: boolean };

export type Terms = { readonly undone: boolean; readonly level: number | undefined };

export const current = ({ ids }: Place): RoomId => ids.at(-1) as RoomId;

export function viewOf(map: MapPlan, places: readonly Place[]): View {
  const doors: Door[] = [];
  let isCertain = true;
  for (const { group, byName, room, byId, undone, level, children } of entriesOf(map)) {
    const place = places[room] as Place;
    if (!byId && place.lostAt !== undefined) isCertain = false;
    const open = (roomId: RoomId): void => {
      doors.push({ group, byName, roomId, mode: map.modes[room] ?? 'granted', undone, level });
    };
    open(byId ? current(place) : (place.lostAt ?? current(place)));
    if (room !== SPACE || children === 'none') continue;
    if (children === 'some' && (places[CHOSEN_CHILD] as Place).lostAt !== undefined) isCertain = false;
    for (let child = 0; child < ROOMS; child += 1) {
      const inside = places[child] as Place;
      if (inside.isChild && (children === 'all' || child === CHOSEN_CHILD)) open(current(inside));
    }
  }
  return { doors, isCertain };
}

/** A group has a room once in a map. */
export function entriesOf({ entries }: MapPlan): readonly MapEntry[] {
  const first = new Map<string, MapEntry>();
  for (const each of entries) {
    const key = `${each.group} ${each.byName && each.group !== '*'} ${each.room} ${each.byId}`;
    if (!first.has(key)) first.set(key, each);
  }
  return [...first.values()];
}

/** The one that a list of children names. */
export const CHOSEN_CHILD = 4;

/** On which terms a room is open to a person; undefined if it is not. */
export function termsFor(
  view: View,
  directory: Directory,
  person: number,
  roomId: RoomId,
): Terms | undefined {
  if (!directory.isActive(person)) return undefined;
  const own = directory.groupsOf(person);
  const doors = view.doors.filter((door) => door.roomId === roomId && opens(door, directory, own));
  if (doors.length === 0) return undefined;
  const levels = doors.flatMap(({ level }) => level ?? []);
  return {
    undone: doors.some(({ undone }) => undone),
    level: levels.length === 0 ? undefined : Math.max(...levels),
  };
}

function opens({ group, byName }: Door, { groups }: Directory, own: ReadonlySet<number>): boolean {
  if (group === '*') return true;
  return own.has(group) && (!byName || groups.get(group)?.name === `G${group}`);
}

/** The gentlest mode; undefined if the map does not have the room. */
export function modeOf({ doors }: View, roomId: RoomId): ModeName | undefined {
  const modes = new Set(doors.filter((door) => door.roomId === roomId).map(({ mode }) => mode));
  return (['additive', 'granted', 'exclusive'] as const).find((mode) => modes.has(mode));
}

/** Whether all groups that open a room are there. */
export function isAwaited({ doors }: View, { groups }: Directory, roomId: RoomId): boolean {
  const there = ({ group, byName }: Door): boolean =>
    group === '*' || (groups.has(group) && (!byName || groups.get(group)?.name === `G${group}`));
  return doors.some((door) => door.roomId === roomId && !there(door));
}

export const everybody: readonly number[] = Array.from({ length: PEOPLE }, (_, person) => person);
