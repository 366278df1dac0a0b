import { onTestFinished } from 'vitest';
import type { Attributes, ResourceId, SourceId } from '../../src/directory/resource.ts';
import type { Homeserver } from '../../src/matrix/homeserver.ts';
import { type RoomAlias, type RoomId, type UserId, userId } from '../../src/matrix/ids.ts';
import { parseGroupMap } from '../../src/plan/group-map-parse.ts';
import { createHouse, type Learnt } from '../../src/reconcile/house.ts';
import { createRoomPlanner } from '../../src/reconcile/room-planner.ts';
import { createSimulatedHomeserver } from '../../src/simulator/homeserver.ts';
import { levelsOf, record, setPowerLevels } from '../../src/simulator/room.ts';
import { createWorld } from '../../src/simulator/world.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import type { Entitlement, Store } from '../../src/store/store.ts';
import { linkOf } from './people.ts';
import { tempDir } from './temp-dir.ts';

export const NOW = Date.UTC(2026, 0, 1);
export const ALIAS = '#room:x' as RoomAlias;
export const PROVIDER = 'oidc';
const SOURCE = 'idp' as SourceId;

export const at = (name: string): UserId => userId(name, 'x');
export const [BOT, OWNER, ANN, BOB] = [at('usher'), at('owner'), at('ann'), at('bob')] as const;

/** One room on a simulated homeserver, and a real store with the directory. Its owner is never touched. */
export async function roomStage({ version = '11', creator = OWNER } = {}) {
  const store = openStore(tempDir());
  onTestFinished(() => store.close());
  const world = createWorld({ serverName: 'x', now: () => NOW });
  world.register('usher', { admin: true });
  world.register('owner');
  for (const each of [BOT, OWNER]) world.limits.lift(each);
  const homeserver = createSimulatedHomeserver(world, world.logIn(BOT));
  const room = world.createRoom(creator, { alias: ALIAS, version });
  const house = createHouse({
    ...{ store, map: { rules: [] }, found: { resolved: new Map(), children: new Map() } },
  });
  const policy = {
    ...({ bot: BOT, provider: PROVIDER, existingAccounts: 'refuse', avatars: false } as const),
    ...{ serverName: 'x', localpart: '{userName}', isProtected: (user: UserId) => user === OWNER },
  };
  const stateOf = (roomId: RoomId) => {
    const found = world.rooms.get(roomId);
    if (found === undefined) throw new RangeError(`there is no room ${roomId}`);
    return found;
  };
  const group = (name: string, ...members: readonly ResourceId[]) =>
    store.groups.create(SOURCE, { attributes: { displayName: name, externalId: name }, members }, NOW);
  const user = (userName: string, attributes: Attributes = {}) =>
    store.users.create(SOURCE, { userName, ...attributes }, NOW);
  const enter = (account: UserId, roomId: RoomId = room) =>
    record(stateOf(roomId), { userId: account, membership: 'join', sender: account });
  const entitle = (account: UserId, state: Entitlement['state'] = 'joined') =>
    store.people.saveEntitlement({
      ...{ account, roomId: room, state, via: ['*'], mode: 'granted', since: NOW },
    });
  return {
    ...{ store, world, homeserver, room, house, policy, stateOf, group, user, enter, entitle },
    /** Has the map in force; names of it that `resolved` does not have are not known, but the room of this stage is. */
    learn(map: object, { resolved = new Map(), ...rest }: Partial<Omit<Learnt, 'map'>> = {}) {
      house.learn({
        ...{ map: parseGroupMap(JSON.stringify(map)), children: new Map() },
        ...{ retired: new Set(), unread: new Set(), ...rest },
        resolved: new Map([[ALIAS as string, room], ...resolved]),
      });
    },
    planner: (faults: Partial<Homeserver> = {}, instead: Partial<Store> = {}) =>
      createRoomPlanner({
        ...{ store: { ...store, ...instead }, homeserver: { ...homeserver, ...faults }, house, policy },
      }),
    /** A user who has this account. */
    async linked(account: UserId) {
      const { id } = await user(account.slice(1, account.indexOf(':')));
      await store.people.saveLink(linkOf(id, account));
      return id;
    },
    /** An account of this homeserver that is in the room. */
    member(name: string) {
      enter(world.register(name));
      return at(name);
    },
    /** The levels that members have of their own, with all else as it is. */
    setLevels(users: Readonly<Record<string, number>>, rest: object = {}) {
      const content = levelsOf(stateOf(room));
      setPowerLevels(stateOf(room), OWNER, { ...content, ...rest, users });
    },
    levels: async (roomId: RoomId = room) =>
      Object.fromEntries((await homeserver.roomPower(roomId))?.powerLevels.users ?? []),
    isIn: async (account: UserId) => (await homeserver.joinedMembers(room))?.has(account) === true,
    journal: async () => (await store.journal.find({ limit: 100 })).toReversed(),
  };
}
