import { afterEach, describe, expect, it, vi } from 'vitest';
import { HomeserverError } from '../../src/matrix/error.ts';
import type { Homeserver } from '../../src/matrix/homeserver.ts';
import { createRoomDesk } from '../../src/reconcile/room-desk.ts';
import { at, crowd, decide, rows, scopes } from '../support/crowd.ts';
import { ANN, scene } from '../support/scene.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** Ann is in `mods`, and there are `admins`; a room for both. */
async function withMods() {
  const stage = await scene();
  const room = await stage.owner.createRoom({ version: '11' });
  const ann = await stage.user({ userName: 'ann', externalId: 'ann' });
  const mods = await stage.group('mods', ann.id);
  const admins = await stage.group('admins');
  const level = async () => (await stage.homeserver.roomPower(room))?.powerLevels.users.get(ANN);
  return { ...stage, room, ann: ann.id, mods: mods.id, admins: admins.id, level };
}

const failing: Partial<Homeserver> = {
  async setPowerLevels() {
    throw new HomeserverError('failed', 'did not answer in time');
  },
};

describe('the level of somebody', () => {
  it('who is a server admin by now is neither taken nor raised', async () => {
    const { room, ann, mods, leave, join, run, admin, level, isIn } = await withMods();
    await run({ mods: { room, powerLevel: 50 } });
    expect(await level()).toBe(50);
    await admin('ann');
    await leave(mods, ann);
    await run({ mods: { room, powerLevel: 50 } });
    expect(await isIn(room)).toBe(true);
    expect(await level()).toBe(50);
    await join(mods, ann);
    await run({ mods: { room, powerLevel: 60 } });
    expect(await level()).toBe(50);
  });

  it('who is on the list of the protected is not touched', async () => {
    const { room, run, level } = await withMods();
    await run({ mods: { room, powerLevel: 50 } });
    await run({ mods: { room, powerLevel: 60 } }, {}, { PROTECTED_USERS: ANN });
    expect(await level()).toBe(50);
  });

  it('is taken with her last group, though a higher one could not be given in between', async () => {
    const { room, ann, mods, admins, join, leave, run, level } = await withMods();
    const map = { mods: { room, powerLevel: 50 }, admins: { room, powerLevel: 75 } };
    await run(map);
    await join(admins, ann);
    await run(map, failing);
    expect(await level()).toBe(50);
    await leave(admins, ann);
    await leave(mods, ann);
    await run(map);
    expect(await level()).toBe(undefined);
  });

  it('is taken with her last group, though nobody knows whether a lower one was given in between', async () => {
    const { room, ann, mods, admins, join, leave, run, level, homeserver } = await withMods();
    const map = { mods: { room, powerLevel: 50 }, admins: { room, powerLevel: 75 } };
    await join(admins, ann);
    await run(map);
    expect(await level()).toBe(75);
    await leave(admins, ann);
    await run(map, {
      async setPowerLevels(...args) {
        await homeserver.setPowerLevels(...args);
        throw new HomeserverError('failed', 'did not answer in time');
      },
    });
    expect(await level()).toBe(50);
    await leave(mods, ann);
    await run(map);
    expect(await level()).toBe(undefined);
  });

  it('stays for as long as her removal is held or was rejected, and asks for no second yes', async () => {
    const limits = { REMOVAL_LIMIT_COUNT: '3', REMOVAL_LIMIT_PERCENT: '0' };
    const stage = await crowd(8, limits, (room) => ({ room, powerLevel: 50 }));
    await stage.leave(stage.group, ...stage.ids.slice(0, 4));
    await stage.run(stage.map);
    expect(await scopes(stage)).toEqual([`room:${stage.room}`]);
    expect(await stage.powerOf('p0')).toBe(50);
    await decide(stage, `room:${stage.room}`, 'rejected');
    await stage.run(stage.map);
    expect(await stage.inRoom()).toBe(8);
    expect(await stage.powerOf('p0')).toBe(50);
  });

  it('goes with her removal once that is approved', async () => {
    const limits = { REMOVAL_LIMIT_COUNT: '3', REMOVAL_LIMIT_PERCENT: '0' };
    const stage = await crowd(8, limits, (room) => ({ room, powerLevel: 50 }));
    await stage.leave(stage.group, ...stage.ids.slice(0, 4));
    await stage.run(stage.map);
    await decide(stage, `room:${stage.room}`);
    await stage.run(stage.map);
    expect(await stage.inRoom()).toBe(4);
    expect(await stage.powerOf('p0')).toBe(undefined);
    expect(await stage.powerOf('p7')).toBe(50);
    expect(await rows(stage)).toEqual([]);
    expect(await scopes(stage)).toEqual([]);
  });

  it('stays for as long as she keeps the room after she left, and passes find nothing to do', async () => {
    const ladder = { ON_DEACTIVATE: 'rooms after 7d, lock after 7d' };
    const stage = await crowd(8, ladder, (room) => ({ room, powerLevel: 50 }));
    await stage.edit(0, { active: false });
    await stage.run(stage.map);
    expect(await stage.isIn(stage.room, at('p0'))).toBe(true);
    expect(await stage.powerOf('p0')).toBe(50);
    expect((await stage.run(stage.map)).lastPass?.marked).toBe(0);
    stage.backdate(8);
    await stage.run(stage.map);
    expect(await stage.isIn(stage.room, at('p0'))).toBe(false);
    expect(await stage.powerOf('p0')).toBe(undefined);
  });

  it('is held when the map was emptied, also by a pass that takes long', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const stage = await crowd(4, {}, (room) => ({ room, mode: 'additive', powerLevel: 50 }));
    await stage.run(
      {},
      {
        async *accounts() {
          vi.setSystemTime(Date.now() + 6_000);
          await new Promise((resolve) => setTimeout(resolve, 50));
          yield* stage.homeserver.accounts();
        },
      },
    );
    expect(await stage.powerOf('p0')).toBe(50);
    expect(await scopes(stage)).toEqual(['map']);
    expect(await rows(stage)).toHaveLength(4);
  });

  it('comes before a pass ends that takes long', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { room, ann, mods, leave, join, engine, run, level, homeserver } = await withMods();
    const map = { mods: { room, powerLevel: 50 } };
    await leave(mods, ann);
    await run(map);
    const gate = Promise.withResolvers<void>();
    const loop = await engine(() => map, {
      async *accounts() {
        await gate.promise;
        yield* homeserver.accounts();
      },
    });
    const running = loop.run();
    await join(mods, ann);
    loop.wake();
    for (let wait = 0; wait < 100 && (await level()) !== 50; wait += 1) {
      vi.setSystemTime(Date.now() + 1_000);
      loop.wake();
      await tick();
    }
    expect(await level()).toBe(50);
    expect(loop.status().lastPass).toBe(undefined);
    gate.resolve();
    await loop.stop();
    await running;
  });

  it('is asked for once where it can never be: a pass over such a room takes no power', async () => {
    const stage = await scene({ env: { EXISTING_ACCOUNTS: 'adopt' } });
    const [creators, equals] = [
      await stage.owner.createRoom({ version: '12' }),
      await stage.owner.createRoom({ version: '11' }),
    ];
    const creator = await stage.user({ userName: 'owner', externalId: 'owner' });
    const ann = await stage.user({ userName: 'ann', externalId: 'ann' });
    await stage.group('creators', creator.id);
    const equal = await stage.group('equals', ann.id);
    const map = {
      creators: { room: creators, powerLevel: 50 },
      equals: { room: equals, mode: 'additive', powerLevel: 100 },
    };
    await stage.run(map);
    await stage.leave(equal.id, ann.id);
    await stage.run(map);
    const calls: string[] = [];
    const spied = Object.fromEntries(
      (['takeRoom', 'setPowerLevels', 'join', 'kick'] as const).map((name) => [
        name,
        (...args: never[]) => {
          calls.push(name);
          return (stage.homeserver[name] as (...all: never[]) => Promise<void>)(...args);
        },
      ]),
    );
    await stage.run(map, spied);
    expect(calls).not.toContain('takeRoom');
    expect(calls).not.toContain('setPowerLevels');
  });
});

describe('a room that waits for a look', () => {
  it('is due after ten seconds at most, and when it may be tried again', () => {
    let now = 1_000;
    const desk = createRoomDesk({ store: {} as never, house: {} as never, now: () => now });
    const room = '!a:usher.test' as never;
    desk.request([room]);
    expect(desk.next(now, false)).toBe(undefined);
    expect(desk.nextDue()).toBe(11_000);
    now = 11_000;
    expect(desk.next(now, false)).toBe(room);
    expect(desk.nextDue()).toBe(undefined);
    desk.settle(room, [], 60_000);
    expect(desk.next(30_000, true)).toBe(undefined);
    expect(desk.nextDue()).toBe(60_000);
    desk.hurry();
    expect(desk.next(now, true)).toBe(room);
  });
});

const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));
