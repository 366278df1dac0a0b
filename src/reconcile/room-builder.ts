import { HomeserverError } from '../matrix/error.ts';
import type { Homeserver } from '../matrix/homeserver.ts';
import { parseRoomAlias, type RoomId, type UserId } from '../matrix/ids.ts';
import type { GroupMap, RoomTarget } from '../plan/group-map.ts';
import type { Store } from '../store/store.ts';
import { withPower } from './power.ts';
import { orProblem, type Problem } from './problem.ts';
import type { Found } from './room-finder.ts';

/**
 * Makes the rooms that the map asks for and that do not exist, each once, and puts them into their spaces. Resolves
 * with whether anything was made, and what could not be. Rejects with a `HomeserverError` that `stopsEverything`.
 */
export type RoomBuilder = (
  map: GroupMap,
  found: Found,
) => Promise<{ readonly made: readonly RoomId[]; readonly problems: readonly Problem[] }>;

type Deps = {
  readonly store: Pick<Store, 'rooms' | 'journal'>;
  readonly homeserver: Homeserver;
  readonly bot: UserId;
  readonly now: () => number;
};

/** What who makes a room of a version before 12 has in it. */
const MAKER_LEVEL = 100;

export function createRoomBuilder({ store, homeserver, bot, now }: Deps): RoomBuilder {
  /** Written down before: what was made by a call that broke off is ours, too. */
  const make = async ({ room, create }: RoomTarget): Promise<RoomId | undefined> => {
    const alias = parseRoomAlias(room);
    if (alias === undefined || create === undefined) return undefined;
    const { name, topic, isSpace, isPrivate, isEncrypted } = create;
    await store.rooms.saveCreated(room, undefined, now());
    try {
      const roomId = await homeserver.createRoom({ alias, name, topic, isSpace, isPrivate, isEncrypted });
      await settle(room, roomId, isSpace);
      return roomId;
    } catch (error) {
      const isRefused = error instanceof HomeserverError && error.kind === 'refused';
      if (isRefused) await store.rooms.forgetCreated(room);
      throw error;
    }
  };

  const settle = async (room: string, roomId: RoomId, isSpace: boolean): Promise<void> => {
    await store.rooms.saveCreated(room, roomId, now());
    await write(roomId, 'create-room', `create the ${isSpace ? 'space' : 'room'} ${room}`);
  };

  const write = (roomId: RoomId, action: string, detail: string): Promise<void> =>
    store.journal.append({
      ...{ at: now(), action, outcome: 'done', roomId, detail, cause: 'the group map asks for it' },
      ...{ account: undefined, userId: undefined },
    });

  /** Somebody else may have taken the alias when our call did not come through. */
  const isByUs = async (roomId: RoomId): Promise<boolean> => {
    const power = await homeserver.roomPower(roomId);
    if (power === undefined) return false;
    const { creators, powerLevels } = power;
    return creators.size > 0 ? creators.has(bot) : powerLevels.users.get(bot) === MAKER_LEVEL;
  };

  /** Only rooms that we made: where others are is not ours to say. */
  const putIntoSpaces = async (map: GroupMap, { resolved }: Found): Promise<readonly Problem[]> => {
    const ours = new Map(await store.rooms.created());
    const problems: Problem[] = [];
    const insides = new Map<RoomId, ReadonlySet<RoomId>>();
    for (const { room, create } of map.rules.flatMap(({ targets }) => targets)) {
      const found = resolved.get(room);
      if (create !== undefined && found !== undefined && ours.has(room) && ours.get(room) === undefined) {
        const isOurs = await orProblem(room, () => isByUs(found));
        if (isOurs === true) {
          await settle(room, found, create.isSpace);
          ours.set(room, found);
        } else if (isOurs === false) await store.rooms.forgetCreated(room);
        else problems.push(isOurs);
      }
      const roomId = ours.get(room);
      const parent = create?.parent === undefined ? undefined : resolved.get(create.parent);
      if (roomId === undefined || parent === undefined || resolved.get(room) !== roomId) continue;
      const problem = await orProblem(`${room} in ${create?.parent}`, async () => {
        const inside = insides.get(parent) ?? new Set(await homeserver.children(parent));
        insides.set(parent, inside);
        if (inside.has(roomId)) return;
        await withPower(homeserver, parent, () => homeserver.addChild(parent, roomId));
        insides.set(parent, new Set([...inside, roomId]));
        await write(roomId, 'add-child', `put ${room} into the space ${create?.parent}`);
      });
      if (problem !== undefined) problems.push(problem);
    }
    return problems;
  };

  return async (map, found) => {
    const made: RoomId[] = [];
    const problems: Problem[] = [];
    for (const target of found.missing) {
      const roomId = await orProblem(target.room, () => make(target));
      if (typeof roomId === 'string') made.push(roomId);
      else if (roomId !== undefined) problems.push(roomId);
    }
    // What was just made is found by its alias in the next look.
    if (made.length > 0) return { made, problems };
    return { made, problems: [...problems, ...(await putIntoSpaces(map, found))] };
  };
}
