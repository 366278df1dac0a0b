import type { Homeserver } from '../matrix/homeserver.ts';
import { parseRoomAlias, parseRoomId, type RoomId } from '../matrix/ids.ts';
import { forEach, othersTurn } from '../pieces.ts';
import type { GroupMap, RoomTarget } from '../plan/group-map.ts';
import { roomWarnings } from '../plan/group-map-rooms.ts';
import type { GroupMapWarning } from '../plan/group-map-warnings.ts';
import type { FoundRooms } from '../plan/openings.ts';
import type { Store } from '../store/store.ts';
import { type House, lastKnown } from './house.ts';
import { orProblem, type Problem, unknownAlias, unknownRoom } from './problem.ts';

/** What the rooms of the map were found to be. */
export type Found = FoundRooms & {
  readonly problems: readonly Problem[];
  /** Targets whose alias certainly belongs to no room, and that are to be made then. */
  readonly missing: readonly RoomTarget[];
  /** What is seldom meant in the map, as far as that is known now. */
  readonly warnings: readonly GroupMapWarning[];
};

/** Finds out what the map's rooms are. What can't be read keeps the meaning it last had. */
export type RoomFinder = (signal?: AbortSignal) => Promise<Found>;

type Deps = {
  readonly store: Pick<Store, 'rooms'>;
  readonly homeserver: Homeserver;
  readonly house: House;
  readonly map: () => GroupMap;
  /** How many rooms are read at once. */
  readonly readers: number;
  readonly now: () => number;
  /** Told what is about to be in force; what it resolves with is called once it is. */
  readonly beforeLearning: (map: GroupMap, found: FoundRooms) => Promise<() => Promise<void>>;
};

/** Rejects with a `HomeserverError` that `stopsEverything`, and when it is aborted. */
export function createRoomFinder({
  store,
  homeserver,
  house,
  map,
  readers,
  now,
  beforeLearning,
}: Deps): RoomFinder {
  /** When a room that an alias leads to was last seen not to be upgraded. */
  const seen = new Map<RoomId, number>();

  /**
   * Synapse has the aliases of a room that it upgrades lead to the new one, so that such a room seldom is an old one: when
   * a person of another homeserver upgraded it, or a tombstone was set by hand.
   */
  const followAlias = async (roomId: RoomId): Promise<RoomId> => {
    if (now() - (seen.get(roomId) ?? Number.NEGATIVE_INFINITY) < FOLLOW_MS) return roomId;
    const newest = await followUpgrades(homeserver, roomId);
    seen.set(newest, now());
    return newest;
  };

  /** The room of a target today, following upgrades; undefined if its alias certainly belongs to no room. */
  const findTarget = async (
    target: string,
    known: ReadonlyMap<string, RoomId>,
  ): Promise<RoomId | Problem | undefined> => {
    const alias = parseRoomAlias(target);
    const named = alias === undefined ? parseRoomId(target) : await homeserver.resolveAlias(alias);
    if (named === undefined) return undefined;
    const isKnown = alias !== undefined || known.has(target);
    if (!isKnown && (await homeserver.joinedMembers(named)) === undefined) return unknownRoom(target);
    return alias === undefined ? followUpgrades(homeserver, named) : followAlias(named);
  };

  /** What replaced a room whose alias is gone; the room itself while that can't be read. */
  const newest = async (roomId: RoomId): Promise<RoomId> => {
    const room = await orProblem(roomId, () => followUpgrades(homeserver, roomId));
    return typeof room === 'string' ? room : roomId;
  };

  /** The rooms of a space, each as it is today. One that nobody here has ever been in can't be given to anybody. */
  const findChildren = async (
    space: RoomId,
    last: readonly RoomId[],
  ): Promise<{ readonly rooms: readonly RoomId[]; readonly problems: readonly Problem[] }> => {
    const rooms: RoomId[] = [];
    const problems: Problem[] = [];
    for (const child of await homeserver.children(space)) {
      const isKnown = last.includes(child) || (await homeserver.joinedMembers(child)) !== undefined;
      const room = isKnown
        ? await orProblem(child, () => followUpgrades(homeserver, child))
        : unknownRoom(child);
      if (typeof room === 'string') rooms.push(room);
      else {
        problems.push(room);
        if (last.includes(child)) rooms.push(child);
      }
    }
    return { rooms: [...new Set(rooms)], problems };
  };

  const childrenOf = async (
    current: GroupMap,
    resolved: ReadonlyMap<string, RoomId>,
    before: FoundRooms,
  ): Promise<{
    readonly children: Map<RoomId, readonly RoomId[]>;
    readonly problems: readonly Problem[];
  }> => {
    const children = new Map<RoomId, readonly RoomId[]>();
    const problems: Problem[] = [];
    for (const target of current.rules.flatMap((rule) => rule.targets)) {
      const space = target.children === 'none' ? undefined : resolved.get(target.room);
      if (space === undefined || children.has(space)) continue;
      // A space that was upgraded has the rooms that it had before.
      const former = before.resolved.get(target.room) ?? space;
      const last = before.children.get(space) ?? before.children.get(former);
      const found = await orProblem(target.room, () => findChildren(space, last ?? []));
      if ('message' in found) {
        problems.push(found);
        if (last !== undefined) children.set(space, last);
      } else {
        problems.push(...found.problems);
        children.set(space, found.rooms);
      }
    }
    return { children, problems };
  };

  /** Rooms we put people in, or gave levels in, that are no longer mapped because a mapped room replaced them. */
  const findRetired = async (mapped: ReadonlySet<RoomId>): Promise<Retirement> => {
    const retired = new Set<RoomId>();
    const unread = new Set<RoomId>();
    const problems: Problem[] = [];
    for (const roomId of new Set([...(await store.rooms.entitled()), ...(await store.rooms.withLevels())])) {
      if (mapped.has(roomId)) continue;
      const replacement = await orProblem(roomId, () => followUpgrades(homeserver, roomId));
      if (typeof replacement === 'string') {
        if (mapped.has(replacement)) retired.add(roomId);
      } else {
        unread.add(roomId);
        problems.push(replacement);
      }
    }
    return { retired, unread, problems };
  };

  return async (signal) => {
    const current = map();
    const before = await lastKnown(store);
    const created = await store.rooms.created();
    const resolved = new Map<string, RoomId>();
    const problems: Problem[] = [];
    const missing = new Map<string, RoomTarget>();
    const lost = new Map<string, RoomId>();
    const names = namesIn(current);
    const rooms = new Map<string, RoomId | Problem | undefined>();
    await forEach(names.keys(), readers, async (name) => {
      signal?.throwIfAborted();
      rooms.set(name, await orProblem(name, () => findTarget(name, before.resolved)));
    });
    for (const [name, target] of names) {
      const found = rooms.get(name);
      const last = before.resolved.get(name);
      if (typeof found === 'string') {
        resolved.set(name, found);
        continue;
      }
      const own = found === undefined ? created.get(name) : undefined;
      if (found === undefined && own === undefined && isToBeMade(target)) {
        missing.set(name, target);
        continue;
      }
      if (own !== undefined) lost.set(name, own);
      // A room of ours without its alias is still that room: a warning says what to do.
      if (own === undefined || own !== last) problems.push(found ?? unknownAlias(name));
      if (last !== undefined) resolved.set(name, found === undefined ? await newest(last) : last);
    }
    await othersTurn();
    const { children, problems: inSpaces } = await childrenOf(current, resolved, before);
    const mapped = new Set([...resolved.values(), ...[...children.values()].flat()]);
    const { retired, unread, problems: obstacles } = await findRetired(mapped);
    const toMake = new Set(missing.keys());
    const afterLearning = await beforeLearning(current, {
      resolved,
      children,
      toMake,
    });
    await othersTurn();
    house.learn({ map: current, resolved, children, toMake, retired, unread });
    await afterLearning();
    await othersTurn();
    const all = [...problems, ...inSpaces, ...obstacles];
    const facts = { lost, unread: new Set(all.map(({ target }) => target)), rooms: new Map() };
    return {
      resolved,
      children,
      missing: [...missing.values()],
      problems: all,
      warnings: roomWarnings(current, { resolved, children }, facts),
    };
  };
}

/** Every alias and id that a map has, with the target that says what to make of it. */
function namesIn(map: GroupMap): ReadonlyMap<string, RoomTarget | undefined> {
  const names = new Map<string, RoomTarget | undefined>();
  for (const target of map.rules.flatMap((rule) => rule.targets)) {
    // What to make of a room may stand at any of its places.
    if (names.get(target.room)?.create === undefined) names.set(target.room, target);
    const { children, create } = target;
    for (const child of typeof children === 'string' ? [] : children) names.set(child, names.get(child));
    if (create?.parent !== undefined) names.set(create.parent, names.get(create.parent));
  }
  return names;
}

function isToBeMade(target: RoomTarget | undefined): target is RoomTarget {
  return target?.create !== undefined;
}

/** How often an alias is looked at for an upgrade that did not move it. */
const FOLLOW_MS = 6 * 3_600_000;

const MOST_UPGRADES = 20;

/** The last room in a chain of upgrades. */
export async function followUpgrades(homeserver: Homeserver, first: RoomId): Promise<RoomId> {
  let roomId = first;
  for (let step = 0; step < MOST_UPGRADES; step += 1) {
    const next = await homeserver.replacement(roomId);
    if (next === undefined) return roomId;
    roomId = next;
  }
  return roomId;
}

type Retirement = {
  readonly retired: ReadonlySet<RoomId>;
  /** Those of which it could not be read. */
  readonly unread: ReadonlySet<RoomId>;
  readonly problems: readonly Problem[];
};
