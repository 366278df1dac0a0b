import type { ResourceId } from '../directory/resource.ts';
import type { RoomId } from '../matrix/ids.ts';
import { othersTurn } from '../pieces.ts';
import type { GroupMap } from '../plan/group-map.ts';
import { type FoundRooms, type Openings, openingsOf } from '../plan/openings.ts';
import { DECIDED } from '../store/guard-store.ts';
import type { Store } from '../store/store.ts';
import type { Guard } from './guard.ts';
import { lastKnown } from './house.ts';

type Deps = {
  readonly store: Pick<Store, 'facts' | 'groups' | 'guard' | 'rooms'>;
  readonly guard: Guard;
};

/** Sees a map that lost half of what it opened, before it is in force; what held for that is let go of after it is. */
export type MapWatch = (map: GroupMap, found: FoundRooms) => Promise<() => Promise<void>>;

/** The name of the fact that holds the rules of the map that was last in force without a question. */
export const ACCEPTED = 'accepted-map';
const DECISION = `${DECIDED}map`;

/**
 * A map that was emptied, cut off, or is another one: nothing is removed before a person has looked. Both maps are
 * compared as they would be today, so that renamed groups and rooms are the same.
 */
export function createMapWatch({ store, guard }: Deps): MapWatch {
  const accept = async (map: GroupMap, before: unknown): Promise<void> => {
    if (JSON.stringify(before) !== JSON.stringify(map.rules)) await store.facts.set(ACCEPTED, map.rules);
    if ((await store.facts.get(DECISION)) !== undefined) await store.facts.set(DECISION, undefined);
  };

  return async (map, found) => {
    const before = await store.facts.get(ACCEPTED);
    const isHeld = (await store.guard.holds()).some(({ scope }) => scope === 'map');
    const isDecided = !isHeld && (await store.facts.get(DECISION)) !== undefined;
    if (before === undefined || isDecided || (await store.rooms.countJoined()) === 0) {
      await accept(map, before);
      return NOTHING_ELSE;
    }
    const loss = await lossOf(store, map, found);
    if (loss !== undefined) {
      await guard.hold('map', loss);
      return NOTHING_ELSE;
    }
    await accept(map, before);
    return isHeld ? () => guard.release('map') : NOTHING_ELSE;
  };
}

const NOTHING_ELSE = async (): Promise<void> => {};

/** What a map lost against the one in force, in words, if it is half or more; both as they would be today. */
export async function lossOf(
  store: Pick<Store, 'facts' | 'groups' | 'rooms'>,
  map: GroupMap,
  found: FoundRooms,
): Promise<string | undefined> {
  const before = await store.facts.get(ACCEPTED);
  if (before === undefined) return undefined;
  const groups = await store.groups.names();
  const known = await lastKnown(store);
  await othersTurn();
  const rooms = {
    resolved: new Map([...known.resolved, ...found.resolved]),
    children: new Map([...known.children, ...found.children]),
  };
  const old = doorsOf(openingsOf({ rules: before as GroupMap['rules'] }, groups, rooms));
  await othersTurn();
  const openings = openingsOf(map, groups, { ...rooms, resolved: found.resolved });
  const present = new Set(doorsOf(openings).map((door) => door.join(' ')));
  // A group of which some room is not known loses nothing before it is.
  const isLost = (door: Door): boolean => !openings.uncertain.has(door[0]) && !present.has(door.join(' '));
  const lost = old.filter(isLost).length;
  if (old.length === 0 || lost * 2 < old.length) return undefined;
  return `the group map lost ${lost} of the ${old.length} rooms that it gave to groups`;
}

/** A group, or everybody, and a room that it opens. */
type Door = readonly [group: ResourceId | '*', room: RoomId];

/** A group that nobody pushed opens nothing, so nothing is lost with it. */
function doorsOf({ byGroup, everybody }: Openings): readonly Door[] {
  const all = [['*', everybody] as const, ...byGroup];
  return all.flatMap(([group, doors]) =>
    [...new Set(doors.map(({ roomId }) => roomId))].map((roomId): Door => [group, roomId]),
  );
}
