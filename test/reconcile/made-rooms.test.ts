import { describe, expect, it } from 'vitest';
import { HomeserverError } from '../../src/matrix/error.ts';
import type { RoomAlias, RoomId } from '../../src/matrix/ids.ts';
import { scene } from '../support/scene.ts';

const NEW = '#new:usher.test' as RoomAlias;

/** Ann's group is to have a room that is not there yet, in a space that is. */
async function toBeMade() {
  const stage = await scene();
  const space = await stage.owner.createRoom({ isSpace: true, alias: 'sp' });
  await stage.group('eng', (await stage.user({ userName: 'ann', externalId: 'ann' })).id);
  const map = { eng: { room: NEW, create: { name: 'New', parent: '#sp:usher.test' } } };
  const journal = async () =>
    (await stage.store.journal.find({ limit: 20 })).map(({ action }) => action as string);
  return { ...stage, space, map, journal };
}

describe('a room that is made', () => {
  it('comes into its space also when the answer to its making was lost', async () => {
    const stage = await toBeMade();
    await stage.run(stage.map, {
      async createRoom(room) {
        await stage.homeserver.createRoom(room);
        throw new HomeserverError('failed', 'did not answer in time');
      },
    });
    await stage.run(stage.map);
    const room = await stage.homeserver.resolveAlias(NEW);
    expect(await stage.homeserver.children(stage.space)).toEqual([room]);
    expect(await stage.isIn(room as RoomId)).toBe(true);
    expect((await stage.store.rooms.created()).get(NEW)).toBe(room);
  });

  it('by somebody else a moment before is hers: her members come in, and it is put nowhere', async () => {
    const stage = await toBeMade();
    const mallory = await stage.person('mallory');
    let foreign: RoomId | undefined;
    const late = {
      async createRoom(room: Parameters<typeof stage.homeserver.createRoom>[0]) {
        foreign = await mallory.createRoom({ alias: 'new' });
        return stage.homeserver.createRoom(room);
      },
    };
    await stage.run(stage.map, late);
    await stage.run(stage.map);
    expect(await stage.homeserver.resolveAlias(NEW)).toBe(foreign);
    expect(await stage.isIn(foreign as RoomId)).toBe(true);
    expect(await stage.homeserver.children(stage.space)).toEqual([]);
    expect((await stage.store.rooms.created()).has(NEW)).toBe(false);
    expect(await stage.journal()).not.toContain('create-room');
  });

  it('by somebody else after a making that failed is hers, too', async () => {
    const stage = await toBeMade();
    await stage.run(stage.map, {
      async createRoom() {
        throw new HomeserverError('failed', 'did not answer in time');
      },
    });
    const mallory = await stage.person('mallory');
    await mallory.createRoom({ alias: 'new' });
    await stage.run(stage.map);
    expect(await stage.homeserver.children(stage.space)).toEqual([]);
    expect(await stage.journal()).not.toContain('create-room');
  });
});

describe('stopping', () => {
  it('does not wait for the rest of the rooms of the map', async () => {
    const stage = await scene();
    const map = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`g${n}`, `#r${n}:usher.test`]));
    let asked = 0;
    const begun = Promise.withResolvers<void>();
    const loop = await stage.engine(() => map, {
      async resolveAlias(alias) {
        asked += 1;
        if (asked === 3) begun.resolve();
        await new Promise((resolve) => setTimeout(resolve, 5));
        return stage.homeserver.resolveAlias(alias);
      },
    });
    const running = loop.run();
    await begun.promise;
    await loop.stop();
    await running;
    expect(asked).toBeLessThan(6);
  });
});
