import { describe, expect, it } from 'vitest';
import type { Homeserver } from '../../src/matrix/homeserver.ts';
import type { RoomAlias, UserId } from '../../src/matrix/ids.ts';
import { levelsOf, setPowerLevels } from '../../src/simulator/room.ts';
import { failed } from '../support/room-acting.ts';
import { NEW, NOTHING, SPACE, site, target } from '../support/room-site.ts';
import { ALIAS, BOT, NOW, OWNER } from '../support/room-stage.ts';

describe('a room that we made', () => {
  it('comes into its space once, and that is written down', async () => {
    const { build, own, inside, journal, lines } = await site();
    const roomId = await own(NEW);
    const asked = target(NEW, { parent: SPACE });
    expect(await build([asked, asked])).toEqual(NOTHING);
    expect(await inside()).toEqual([roomId]);
    expect(await journal()).toMatchObject([{ action: 'add-child', roomId, at: NOW }]);
    await build([asked]);
    expect(await lines()).toEqual(['put #new:x into the space #space:x']);
  });

  it('comes beside others, and the space is read once in a look', async () => {
    const { build, own, inside, homeserver } = await site();
    const other = '#other:x' as RoomAlias;
    const both = [await own(NEW), await own(other)];
    let reads = 0;
    const children: Homeserver['children'] = async (roomId) => {
      reads += 1;
      return reads > 1 ? failed() : homeserver.children(roomId);
    };
    const targets = [target(NEW, { parent: SPACE }), target(other, { parent: SPACE })];
    expect(await build(targets, { faults: { children } })).toEqual(NOTHING);
    expect(new Set(await inside())).toEqual(new Set(both));
    reads = 0;
    expect(await build(targets, { faults: { children } })).toEqual(NOTHING);
  });

  it('stays where it is without a space in the map, or one that is known', async () => {
    const { build, own, inside } = await site();
    await own(NEW);
    const nowhere = target(NEW, { parent: '#nowhere:x' as RoomAlias });
    expect(await build([target(NEW, {}), target(NEW), nowhere])).toEqual(NOTHING);
    expect(await inside()).toEqual([]);
  });

  it('stays where it is when its alias has become another room’s', async () => {
    const { build, own, inside, world } = await site();
    await own(NEW);
    world.rooms.forgetAlias(NEW);
    expect(await build([target(NEW, { parent: SPACE })])).toEqual(NOTHING);
    world.createRoom(OWNER, { alias: NEW });
    expect(await build([target(NEW, { parent: SPACE })])).toEqual(NOTHING);
    expect(await inside()).toEqual([]);
  });

  it('that can’t be put into its space is a problem, and others are', async () => {
    const { build, own, inside, homeserver } = await site();
    const other = '#other:x' as RoomAlias;
    const [roomId, second] = [await own(NEW), await own(other)];
    const addChild: Homeserver['addChild'] = (space, child) =>
      child === roomId ? failed() : homeserver.addChild(space, child);
    const targets = [target(NEW, { parent: SPACE }), target(other, { parent: SPACE })];
    expect(await build(targets, { faults: { addChild } })).toEqual({
      made: [],
      problems: [{ target: '#new:x in #space:x', message: '#new:x in #space:x: did not answer in time' }],
    });
    expect(await inside()).toEqual([second]);
  });

  it('is told along with what could not be made', async () => {
    const { build, own } = await site();
    await own(NEW);
    const missing = [target('#bad:x' as RoomAlias, { parent: SPACE })];
    const faults = { createRoom: failed, addChild: failed };
    const { problems } = await build([...missing, target(NEW, { parent: SPACE })], { missing, faults });
    expect(problems.map((problem) => problem.target)).toEqual(['#bad:x', '#new:x in #space:x']);
  });
});

describe('a room of somebody else, or of nobody', () => {
  it('is put into no space', async () => {
    const { build, inside, created } = await site();
    expect(await build([target(ALIAS, { parent: SPACE })])).toEqual(NOTHING);
    expect(await build([target('#nowhere:x' as RoomAlias, { parent: SPACE })])).toEqual(NOTHING);
    expect([await inside(), await created()]).toEqual([[], []]);
  });
});

describe('a room whose making broke off', () => {
  /** It is not known whether the room with this alias is ours. */
  async function unsure(version?: string, maker: UserId = BOT) {
    const stage = await site();
    const roomId = stage.world.createRoom(maker, { alias: NEW, version });
    await stage.store.rooms.saveCreated(NEW, undefined, 0);
    return { ...stage, roomId };
  }

  it.each([undefined, '11'])('is ours if the bot made it (version %s), once', async (version) => {
    const { build, created, roomId, inside, lines } = await unsure(version);
    const asked = target(NEW, { parent: SPACE });
    expect(await build([asked, asked])).toEqual(NOTHING);
    expect([await created(), await inside()]).toEqual([[[NEW, roomId]], [roomId]]);
    expect(await build([asked], { faults: { roomPower: failed } })).toEqual(NOTHING);
    expect(await lines()).toEqual(['create the room #new:x', 'put #new:x into the space #space:x']);
  });

  it.each([undefined, '11'])('is not ours if somebody else made it (version %s)', async (version) => {
    const { build, created, roomId, inside, lines, stateOf } = await unsure(version, OWNER);
    const content = levelsOf(stateOf(roomId));
    setPowerLevels(stateOf(roomId), OWNER, { ...content, users: { [BOT]: 99 } });
    expect(await build([target(NEW, { parent: SPACE, isSpace: true })])).toEqual(NOTHING);
    expect([await created(), await inside(), await lines()]).toEqual([[], [], []]);
  });

  it('is not ours in a room of version 12 for a level: only its creators are', async () => {
    const { build, created, roomId, homeserver } = await unsure('12', OWNER);
    await homeserver.takeRoom(roomId);
    await build([target(NEW, {})]);
    expect(await created()).toEqual([]);
  });

  it('is not ours if the homeserver does not know it any more', async () => {
    const { build, created } = await unsure();
    await build([target(NEW, {})], { faults: { roomPower: async () => undefined } });
    expect(await created()).toEqual([]);
  });

  it('is looked at again if it can’t be read, or is not found, or is not to be made any more', async () => {
    const { build, created, world } = await unsure();
    const faults = { roomPower: failed };
    expect(await build([target(NEW, { parent: SPACE })], { faults })).toEqual({
      made: [],
      problems: [{ target: NEW, message: '#new:x: did not answer in time' }],
    });
    expect(await build([target(NEW)])).toEqual(NOTHING);
    world.rooms.forgetAlias(NEW);
    expect(await build([target(NEW, {})])).toEqual(NOTHING);
    expect(await created()).toEqual([[NEW, undefined]]);
  });
});
