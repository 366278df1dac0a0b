import { describe, expect, it } from 'vitest';
import type { RoomId } from '../../src/matrix/ids.ts';
import { at, crowd, decide, heldIn, rows, scopes } from '../support/crowd.ts';
import type { Env } from '../support/usher.ts';

const exclusiveRoom = (count: number, env: Env = {}) =>
  crowd(count, { PROTECTED_USERS: '@owner:usher.test', ...env }, (room) => ({ room, mode: 'exclusive' }));

describe('a stranger in an exclusive room', () => {
  it('is asked about again when the room was granted meanwhile', async () => {
    const stage = await exclusiveRoom(8);
    await stage.strangers('s0');
    await stage.run(stage.map);
    expect(await scopes(stage)).toEqual([`exclusive:${stage.room}`]);
    await stage.run({ ...stage.map, eng: stage.room });
    expect(await scopes(stage)).toEqual([]);
    await stage.run(stage.map);
    expect(await stage.isIn(stage.room, at('s0'))).toBe(true);
    expect(await heldIn(stage, `exclusive:${stage.room}`)).toBe(1);
  });

  it('is not taken for answered about while some room of the map is not known', async () => {
    const stage = await exclusiveRoom(8);
    await stage.strangers('s0');
    await stage.run(stage.map);
    await stage.run({ ...stage.map, other: [stage.map.other, '#nowhere:usher.test'] });
    await stage.run(stage.map);
    expect(await stage.isIn(stage.room, at('s0'))).toBe(true);
    expect(await heldIn(stage, `exclusive:${stage.room}`)).toBe(1);
  });

  it('who was to stay stays when some room of the map was not known for a while', async () => {
    const stage = await exclusiveRoom(8);
    await stage.strangers('s0');
    await stage.run(stage.map);
    await decide(stage, `exclusive:${stage.room}`, 'rejected');
    await stage.run(stage.map);
    await stage.run({ ...stage.map, other: [stage.map.other, '#nowhere:usher.test'] });
    await stage.run(stage.map);
    expect(await stage.isIn(stage.room, at('s0'))).toBe(true);
  });

  it('is asked about by the first, and again after the first left by herself', async () => {
    const stage = await exclusiveRoom(8);
    const [first] = await stage.strangers('s0');
    await stage.run(stage.map);
    await first?.leave(stage.room);
    await stage.run(stage.map);
    await stage.run(stage.map);
    expect(await scopes(stage)).toEqual([]);
    expect(await rows(stage)).toEqual([]);
    await stage.strangers('s1');
    await stage.run(stage.map);
    expect(await stage.isIn(stage.room, at('s1'))).toBe(true);
  });

  it('is held no more once a group lets her in', async () => {
    const stage = await exclusiveRoom(8, { EXISTING_ACCOUNTS: 'adopt' });
    await stage.strangers('s0');
    await stage.run(stage.map);
    const { id } = await stage.user({ userName: 's0' });
    await stage.join(stage.group, id);
    await stage.run(stage.map);
    await stage.run(stage.map);
    expect(await stage.isIn(stage.room, at('s0'))).toBe(true);
    expect(await scopes(stage)).toEqual([]);
    expect(await rows(stage)).toEqual([]);
  });

  it('who is let in while others are removed stays, and has her record', async () => {
    const stage = await exclusiveRoom(2, { EXISTING_ACCOUNTS: 'adopt', REMOVAL_LIMIT_PERCENT: '100' });
    const names = ['s0', 's1', 's2', 's3', 's4', 's5'];
    await stage.strangers(...names);
    await stage.run(stage.map);
    await decide(stage, `exclusive:${stage.room}`);
    let late: string | undefined;
    const loop = await stage.engine(() => stage.map, {
      async kick(roomId, user, reason) {
        if (late === undefined) {
          late = names.toReversed().find((name) => at(name) !== user) ?? '';
          const { id } = await stage.user({ userName: late });
          await stage.join(stage.group, id);
          loop.wake();
          const isIn = async () => (await stage.store.people.entitlements(at(late ?? ''))).length > 0;
          for (let wait = 0; wait < 50 && !(await isIn()); wait += 1) await tick();
        }
        return stage.homeserver.kick(roomId, user, reason);
      },
    });
    await loop.runOnce();
    const [record] = await stage.store.people.entitlements(at(late ?? ''));
    expect(record).toMatchObject({ roomId: stage.room, state: 'joined' });
    expect(await stage.isIn(stage.room, at(late ?? ''))).toBe(true);
    expect(await stage.inRoom()).toBe(3);
  });

  it('counts against no limit of others while nobody decided about her', async () => {
    const stage = await exclusiveRoom(40);
    await stage.strangers(...Array.from({ length: 15 }, (_, number) => `s${number}`));
    const { id } = await stage.user({ userName: 'z', externalId: 'z' });
    await stage.join(stage.other, id);
    await stage.run(stage.map);
    await stage.leave(stage.other, id);
    await stage.run(stage.map);
    expect(await stage.isIn(stage.map.other, at('z'))).toBe(false);
    await stage.leave(stage.group, stage.idOf(0));
    await stage.run(stage.map);
    expect(await stage.isIn(stage.room, at('p0'))).toBe(false);
    expect(await scopes(stage)).toEqual([`exclusive:${stage.room}`]);
    expect(await stage.store.journal.find({ action: 'hold', limit: 9 })).toHaveLength(1);
  });
});

describe('many strangers', () => {
  /** Exclusive rooms, each with so many whom a person let go. */
  async function throngs(rooms: number, count: number) {
    const stage = await exclusiveRoom(1, { REMOVAL_LIMIT_PERCENT: '100' });
    const names = Array.from({ length: count }, (_, number) => at(`s${number}`));
    for (const name of names) stage.world.register(name.slice(1, name.indexOf(':')));
    const map: typeof stage.map & Record<string, RoomId | object> = { ...stage.map };
    for (let number = 0; number < rooms; number += 1) {
      const room = await stage.owner.createRoom();
      await stage.makeGroup(`g${number}`);
      map[`g${number}`] = { room, mode: 'exclusive' };
      for (const name of names) stage.world.passages.forceJoin(stage.owner.userId, room, name);
    }
    await stage.run(map);
    for (const scope of await scopes(stage)) await decide(stage, scope);
    return { ...stage, map };
  }

  it('in several rooms leave the single change of a provider a place', async () => {
    const stage = await throngs(6, 25);
    let kicks = 0;
    let kicksBefore: number | undefined;
    const loop = await stage.engine(() => stage.map, {
      async kick(...args) {
        kicks += 1;
        if (kicks === 10) {
          await stage.join(stage.other, stage.idOf(0));
          loop.wake();
        }
        await tick();
        return stage.homeserver.kick(...args);
      },
      async join(...args) {
        kicksBefore ??= kicks;
        return stage.homeserver.join(...args);
      },
    });
    await loop.runOnce();
    expect(await stage.isIn(stage.map.other, at('p0'))).toBe(true);
    expect(await rows(stage)).toEqual([]);
    expect(kicksBefore).toBeLessThan(100);
  });

  it('do not keep it from stopping', async () => {
    const stage = await throngs(1, 15);
    let kicks = 0;
    const begun = Promise.withResolvers<void>();
    const loop = await stage.engine(() => stage.map, {
      async kick(...args) {
        kicks += 1;
        begun.resolve();
        await tick();
        return stage.homeserver.kick(...args);
      },
    });
    const running = loop.run();
    await begun.promise;
    await loop.stop();
    await running;
    expect(kicks).toBeLessThan(3);
  });
});

const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));
