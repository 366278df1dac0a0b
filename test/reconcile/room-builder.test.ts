import { describe, expect, it } from 'vitest';
import { HomeserverError } from '../../src/matrix/error.ts';
import type { Homeserver } from '../../src/matrix/homeserver.ts';
import type { RoomAlias, RoomId } from '../../src/matrix/ids.ts';
import { statementsIn } from '../../src/simulator/room.ts';
import { failed } from '../support/room-acting.ts';
import { NEW, NOTHING, SPACE, site, target } from '../support/room-site.ts';
import { BOT, NOW, OWNER } from '../support/room-stage.ts';

describe('a room that is missing', () => {
  it('is made as the map says, and that is written down', async () => {
    const { build, homeserver, world, stateOf, created, journal, isIn } = await site();
    const create = { name: 'New', topic: 'About', isEncrypted: true };
    const { made, problems } = await build([], { missing: [target(NEW, create)] });
    const roomId = world.rooms.resolve(NEW) as RoomId;
    expect([made, problems]).toEqual([[roomId], []]);
    expect(await homeserver.room(roomId)).toMatchObject({
      ...{ name: 'New', canonicalAlias: NEW, isSpace: false, joinRule: 'invite', isEncrypted: true },
      creators: new Set([BOT]),
    });
    expect(statementsIn(stateOf(roomId)).find(({ type }) => type === 'm.room.topic')?.content.topic).toBe(
      'About',
    );
    expect(await created()).toEqual([[NEW, roomId]]);
    expect(await journal()).toEqual([
      {
        ...{ at: NOW, action: 'create-room', outcome: 'done', roomId, account: undefined },
        ...{ userId: undefined, detail: 'create the room #new:x', cause: 'the group map asks for it' },
      },
    ]);
    expect(await isIn(BOT)).toBe(false);
  });

  it('may be a space that anybody may come into', async () => {
    const { build, homeserver, lines } = await site();
    const { made } = await build([], { missing: [target(NEW, { isSpace: true, isPrivate: false })] });
    expect(await homeserver.room(made[0] as RoomId)).toMatchObject({ isSpace: true, joinRule: 'public' });
    expect(await lines()).toEqual(['create the space #new:x']);
  });

  it('is not made without an alias, nor if the map does not say how', async () => {
    const { build, created } = await site();
    const missing = [target('!id' as RoomId, {}), target(NEW)];
    expect(await build([], { missing })).toEqual(NOTHING);
    expect(await created()).toEqual([]);
  });

  it('may have been made all the same if the answer was lost; others are made', async () => {
    const { build, homeserver, created } = await site();
    const other = '#other:x' as RoomAlias;
    const createRoom: Homeserver['createRoom'] = (room) =>
      room.alias === NEW ? failed() : homeserver.createRoom(room);
    const missing = [target(NEW, {}), target(other, {})];
    const { made, problems } = await build([], { missing, faults: { createRoom } });
    expect(made).toHaveLength(1);
    expect(problems).toEqual([{ target: NEW, message: '#new:x: did not answer in time' }]);
    expect(new Map(await created())).toEqual(
      new Map<string, RoomId | undefined>([
        [NEW, undefined],
        [other, made[0]],
      ]),
    );
  });

  it('was certainly not made if that was refused', async () => {
    const { build, created, world } = await site();
    world.createRoom(OWNER, { alias: NEW });
    expect(await build([], { missing: [target(NEW, {})] })).toEqual({
      made: [],
      problems: [{ target: NEW, message: '#new:x: Room alias already taken' }],
    });
    expect(await created()).toEqual([]);
  });

  it.each([
    new HomeserverError('unavailable', 'no connection'),
    Object.assign(new Error('a bug'), { kind: 'refused' }),
  ])('may have been made if everything ends with "$message"', async (error) => {
    const { build, created } = await site();
    const faults = { createRoom: () => Promise.reject(error) };
    await expect(build([], { missing: [target(NEW, {})], faults })).rejects.toBe(error);
    expect(await created()).toEqual([[NEW, undefined]]);
  });

  it('is put into its space at the next look, when it is found by its alias', async () => {
    const { build, inside, own } = await site();
    const roomId = await own('#old:x' as RoomAlias);
    const old = target('#old:x' as RoomAlias, { parent: SPACE });
    await build([old], { missing: [target(NEW, {})] });
    expect(await inside()).toEqual([]);
    expect(await build([old])).toEqual(NOTHING);
    expect(await inside()).toEqual([roomId]);
  });
});
