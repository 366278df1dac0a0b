import type { Homeserver } from '../../src/matrix/homeserver.ts';
import type { RoomAlias, RoomId } from '../../src/matrix/ids.ts';
import type { GroupMap } from '../../src/plan/group-map.ts';
import { parseGroupMap } from '../../src/plan/group-map-parse.ts';
import type { FoundRooms } from '../../src/plan/openings.ts';
import { createRoomFinder } from '../../src/reconcile/room-finder.ts';
import { failed } from './room-acting.ts';
import { NOW, OWNER, roomStage } from './room-stage.ts';

/** Rooms on a simulated homeserver, a real store, and a finder that knows in it what it has found before. */
export async function finderDesk() {
  const stage = await roomStage();
  const { store, world, homeserver, house, stateOf } = stage;
  const state = {
    now: NOW,
    map: {} as object,
    faults: {} as Partial<Homeserver>,
    beforeLearning: async (_map: GroupMap, _found: FoundRooms) => async () => {},
  };
  const finder = createRoomFinder({
    ...{ store, house, readers: 2, now: () => state.now },
    homeserver: new Proxy(homeserver, {
      get: (target, name) => Reflect.get({ ...target, ...state.faults }, name),
    }),
    map: () => parseGroupMap(JSON.stringify(state.map)),
    beforeLearning: (map, found) => state.beforeLearning(map, found),
  });
  return {
    ...{ ...stage, state },
    /** What a map's rooms are, with faults put in front of the homeserver. */
    find(map: object = state.map, faults: Partial<Homeserver> = {}, signal?: AbortSignal) {
      Object.assign(state, { map, faults });
      return finder(signal);
    },
    /** What is known from before. */
    async know(
      resolved: Readonly<Record<string, RoomId>>,
      children: Readonly<Record<RoomId, RoomId[]>> = {},
    ) {
      await store.rooms.saveResolutions(new Map(Object.entries(resolved)), NOW);
      for (const [space, rooms] of Object.entries(children)) {
        await store.rooms.saveChildren(space as RoomId, rooms);
      }
    },
    make: (alias?: string) =>
      world.createRoom(OWNER, { alias: alias as RoomAlias | undefined, version: '11' }),
    /** A space with these rooms in it, known here or not. */
    space: (alias: string, ...inside: readonly RoomId[]) =>
      world.createRoom(OWNER, {
        ...{ alias: alias as RoomAlias, version: '11', isSpace: true },
        state: inside.map((roomId, index) => ({
          ...{ type: 'm.space.child', stateKey: roomId, content: { via: ['x'], order: `${index}` } },
        })),
      }),
    /** By hand, or by somebody of another homeserver: aliases stay where they are. */
    replace(old: RoomId, replacement: RoomId) {
      stateOf(old).tombstone = { replacement, at: 0 };
    },
    upgrade: (old: RoomId) => world.upgradeRoom(OWNER, old, '11'),
    loseAlias: (alias: string) => world.rooms.forgetAlias(alias as RoomAlias),
    levelGiven: (roomId: RoomId) => store.rooms.saveLevels(roomId, new Map([[OWNER, [50]]])),
  };
}

/** Fails for these, and answers for the others. */
export const failingFor =
  <Key extends string, Answer>(real: (key: Key) => Promise<Answer>, ...keys: readonly string[]) =>
  (key: Key): Promise<Answer> =>
    keys.includes(key) ? failed() : real(key);
