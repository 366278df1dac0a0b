import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEngine } from '../../src/cli/engine.ts';
import { loadConfig } from '../../src/config/config.ts';
import { HomeserverError } from '../../src/matrix/error.ts';
import type { Homeserver } from '../../src/matrix/homeserver.ts';
import { type RoomId, userId } from '../../src/matrix/ids.ts';
import { parseGroupMap } from '../../src/plan/group-map-parse.ts';
import { scene } from '../support/scene.ts';
import { tempDir } from '../support/temp-dir.ts';
import { envFor } from '../support/usher.ts';

const MINUTE = 60_000;
const BOB = userId('bob', 'usher.test');

const ignore = (): void => {};
const LISTENER = {
  ...{ changed: ignore, found: ignore, held: ignore, paused: ignore, resumed: ignore },
  ...{ passed: ignore, postponed: ignore },
  crashed: (error: unknown): void => {
    throw error;
  },
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

type Room = { readonly room: RoomId; readonly spoil: () => void; readonly mend: () => Promise<void> };

/** An Usher with a full pass every 2 minutes of a clock that stands still but in `wait`; and the calls that it made. */
async function running(terms: object = {}) {
  const stage = await scene();
  const room = await stage.owner.createRoom({ version: '11' });
  const { id: ann } = await stage.user({ userName: 'ann' });
  const eng = await stage.group('eng', ann);
  const { homeserver } = stage;
  const gone = new Set<RoomId>();
  const calls = { join: 0, takeRoom: 0 };
  const unlessGone = <T>(roomId: RoomId, otherwise: T, call: () => Promise<T>): Promise<T> =>
    gone.has(roomId) ? Promise.resolve(otherwise) : call();
  const notFound = (): Promise<never> => Promise.reject(new HomeserverError('not-found', 'Not a known room'));
  const faults: Partial<Homeserver> = {
    joinedMembers: (id) => unlessGone(id, undefined, () => homeserver.joinedMembers(id)),
    roomPower: (id) => unlessGone(id, undefined, () => homeserver.roomPower(id)),
    async memberships(user) {
      const found = [...(await homeserver.memberships(user))];
      return new Map(found.filter(([id]) => !gone.has(id)));
    },
    join(id, user) {
      calls.join += 1;
      return gone.has(id) ? notFound() : homeserver.join(id, user);
    },
    takeRoom(id) {
      calls.takeRoom += 1;
      return gone.has(id) ? notFound() : homeserver.takeRoom(id);
    },
  };
  const text = JSON.stringify({ eng: { room, ...terms } });
  const env = envFor(stage, tempDir(), {
    ...{ GROUP_MAP_FILE: '', IDP_GROUP_TO_ROOM: text, RESYNC_INTERVAL: '2m' },
  });
  const { config } = loadConfig({ env, readFile: () => '' });
  const loop = await createEngine({
    ...{ config, store: stage.store, listener: LISTENER },
    homeserver: { ...homeserver, ...faults },
    map: () => parseGroupMap(text),
  });
  const done = loop.run();
  await loop.rest();
  const stop = async (): Promise<void> => {
    await loop.stop();
    await done;
  };
  /** So many minutes go by; in each of them all that is due is done. */
  const wait = async (minutes: number): Promise<void> => {
    for (let minute = 0; minute < minutes; minute += 1) {
      vi.setSystemTime(Date.now() + MINUTE);
      await loop.rest();
    }
  };
  const addBob = async (): Promise<void> => {
    const { id } = await stage.user({ userName: 'bob' });
    await stage.join(eng.id, id);
    await loop.rest();
  };
  return { ...stage, room, eng, ann, gone, calls, loop, stop, wait, addBob };
}

type Running = Awaited<ReturnType<typeof running>>;

const failing = async ({ store }: Running): Promise<readonly string[]> =>
  (await store.work.failing(10)).map(({ lastError }) => lastError?.message ?? '');

/** How a room stops being usable, and how it comes back. */
const TROUBLES: Readonly<Record<string, (stage: Running) => Omit<Room, 'room'>>> = {
  'that is blocked': ({ world, room }) => {
    const state = world.rooms.get(room);
    if (state === undefined) throw new Error('no room');
    const block = (blocked: boolean): void => {
      state.blocked = blocked;
    };
    return { spoil: () => block(true), mend: async () => block(false) };
  },
  'that has vanished': ({ gone, room }) => ({
    spoil: () => gone.add(room),
    mend: async () => {
      gone.delete(room);
    },
  }),
  'that nobody here may let anybody into': ({ world, room, owner, bot }) => {
    const state = world.rooms.get(room);
    if (state === undefined) throw new Error('no room');
    const raise = (users: object): void => {
      const content = { users, invite: 50, kick: 50, events: { 'm.room.power_levels': 100 } };
      state.statements.push({
        ...{ type: 'm.room.power_levels', stateKey: '', sender: owner.userId, content, at: 0 },
      });
    };
    return { spoil: () => raise({}), mend: async () => raise({ [owner.userId]: 100, [bot]: 100 }) };
  },
};

describe('a room', () => {
  it.each(Object.keys(TROUBLES))(
    '%s removes nobody, is told, is not tried again and again, and mends itself',
    async (name) => {
      const stage = await running();
      const { room, wait, addBob, isIn, calls, store, loop } = stage;
      expect(await isIn(room)).toBe(true);
      const trouble = TROUBLES[name]?.(stage);
      trouble?.spoil();
      await addBob();
      await wait(120);
      expect(await isIn(room)).toBe(true);
      expect(await store.rooms.entitlements(room)).toMatchObject([{ account: '@ann:usher.test' }, {}]);
      const told = [...(await failing(stage)), ...loop.problems().map(({ message }) => message)];
      expect(told.join('\n')).toMatch(/blocked|not known to the homeserver|No local admin/);
      // 1, 2, 4, 8, 16, 32, 60 minutes, or half of each; each may be tried twice, before and after takeRoom.
      expect(calls.join).toBeGreaterThan(5);
      expect(calls.join).toBeLessThanOrEqual(2 * 10 + 2);
      expect(calls.takeRoom).toBeLessThanOrEqual(10 + 1);

      await trouble?.mend();
      await wait(61);
      expect(await isIn(room, BOB)).toBe(true);
      expect(await failing(stage)).toEqual([]);
      await stage.stop();
    },
  );

  it('that nobody here is in any more is told once, and is filled again when somebody is', async () => {
    const stage = await running();
    const { room, wait, isIn, owner, loop, calls, store, person } = stage;
    const remote = userId('zed', 'elsewhere.test');
    stage.world.admitRemote(remote, room);
    for (const member of [owner, await person('ann'), await person('usher')]) await member.leave(room);
    const before = calls.join;
    await wait(61);
    expect(loop.problems()).toMatchObject([
      { message: expect.stringMatching(/^Nobody of this homeserver is in !/) },
    ]);
    expect(await failing(stage)).toEqual([]);
    expect(calls.join).toBe(before);
    expect(await store.rooms.entitlements(room)).toHaveLength(1);

    stage.world.admitRemote(owner.userId, room);
    await wait(65);
    expect(loop.problems()).toEqual([]);
    expect(await isIn(room)).toBe(false);
    expect(await store.people.entitlements(userId('ann', 'usher.test'))).toMatchObject([{ state: 'left' }]);
    await stage.addBob();
    expect(await isIn(room, BOB)).toBe(true);
    await stage.stop();
  });

  it('whose levels the bot can not set is looked at with longer and longer pauses', async () => {
    const stage = await running({ powerLevel: 50 });
    const { wait, calls, loop, addBob } = stage;
    TROUBLES['that nobody here may let anybody into']?.(stage).spoil();
    await addBob();
    const before = calls.takeRoom;
    loop.requestPass();
    await wait(120);
    expect(
      loop
        .problems()
        .map(({ message }) => message)
        .join(),
    ).toContain('No local admin');
    expect(calls.takeRoom - before).toBeLessThanOrEqual(2 * (10 + 1));
    TROUBLES['that nobody here may let anybody into']?.(stage).mend();
    await wait(121);
    expect(loop.problems()).toEqual([]);
    expect((await stage.homeserver.roomPower(stage.room))?.powerLevels.users.get(BOB)).toBe(50);
    await stage.stop();
  });
});
