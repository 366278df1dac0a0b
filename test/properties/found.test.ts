import { describe, expect, it } from 'vitest';
import { HomeserverError } from '../../src/matrix/error.ts';
import { userId } from '../../src/matrix/ids.ts';
import { decideNow } from '../support/decide.ts';
import { ANN, SOURCE, scene } from '../support/scene.ts';

/** The shortest stories of what the property tests found. */
describe('found by the properties', () => {
  it('nobody is removed from a room that is additive now, though the map and her groups changed at once', async () => {
    const { owner, user, group, leave, run, isIn } = await scene();
    const room = await owner.createRoom();
    const ann = await user({ userName: 'ann' });
    const eng = await group('eng', ann.id);
    await run({ eng: room });
    await leave(eng.id, ann.id);
    await run({ eng: { room, mode: 'additive' } });
    expect(await isIn(room)).toBe(true);
  });

  it('levels are given in a public room that a moderator removed the bot from', async () => {
    const { owner, user, group, join, run, bot, homeserver } = await scene();
    const room = await owner.createRoom({ joinRule: 'public' });
    const map = { eng: { room, powerLevel: 10 } };
    const eng = await group('eng', (await user({ userName: 'ann' })).id);
    await run(map);
    await owner.kick(room, bot);
    await join(eng.id, (await user({ userName: 'bob' })).id);
    await run(map);
    const power = await homeserver.roomPower(room);
    expect(power?.powerLevels.users.get(userId('bob', 'usher.test'))).toBe(10);
  });

  it('what was rejected stays rejected while a room can not be read', async () => {
    const { owner, user, store, group, run, isIn, homeserver } = await scene();
    const [room, other] = [await owner.createRoom(), await owner.createRoom()];
    const ann = await user({ userName: 'ann' });
    await group('eng', ann.id);
    await group('ops', ann.id);
    const map = { ops: other };
    await run({ eng: room, ...map });
    await run(map);
    await decideNow(store, 'map', 'rejected');
    await run(map);
    expect(await isIn(room)).toBe(true);
    await store.users.update(SOURCE, ann.id, () => ({ userName: 'ann', displayName: 'Ann' }), Date.now());
    await run(map, {
      async replacement(id) {
        if (id === room) throw new HomeserverError('failed', 'answered 500');
        return homeserver.replacement(id);
      },
    });
    expect(await isIn(room)).toBe(true);
    await run(map);
    expect(await isIn(room)).toBe(true);
  });

  it('a room that was upgraded and lost its alias meanwhile is the new one', async () => {
    const { owner, user, group, join, run, isIn } = await scene();
    const old = await owner.createRoom({ alias: 'eng', version: '11' });
    const eng = await group('eng');
    await run({ eng: '#eng:usher.test' });
    const room = await owner.upgradeRoom(old, '12');
    await join(eng.id, (await user({ userName: 'ann' })).id);
    await run({ eng: '#eng:usher.test' }, { resolveAlias: async () => undefined });
    expect(await isIn(room)).toBe(true);
    expect(await isIn(old)).toBe(false);
  });

  it('nobody is removed from a room of a space that was upgraded, when that room could not be read', async () => {
    const { owner, user, group, run, isIn, homeserver } = await scene();
    const space = await owner.createRoom({ isSpace: true, version: '11' });
    const room = await owner.createRoom();
    await owner.setChild(space, room, true);
    await group('eng', (await user({ userName: 'ann' })).id);
    const others = [await owner.createRoom(), await owner.createRoom()];
    const map = { eng: { room: space, children: 'all' }, '*': others };
    await run(map);
    const next = await owner.upgradeRoom(space, '11');
    await owner.setChild(next, room, true);
    let reads = 0;
    await run(map, {
      async replacement(id) {
        if (id === room) reads += 1;
        if (id === room && reads === 1) throw new HomeserverError('failed', 'answered 500');
        return homeserver.replacement(id);
      },
    });
    expect(await isIn(room)).toBe(true);
    expect(await isIn(next)).toBe(true);
  });

  it('a lowering that was rejected stays so when she had no right to the room for a while', async () => {
    const { owner, user, store, group, join, leave, run, homeserver } = await scene();
    const room = await owner.createRoom();
    const { id } = await user({ userName: 'ann' });
    await group('mods', id);
    const eng = await group('eng', id);
    const limits = { REMOVAL_LIMIT_COUNT: '0', REMOVAL_LIMIT_PERCENT: '0' };
    const others = { '*': [await owner.createRoom(), await owner.createRoom()] };
    await run({ mods: { room, powerLevel: 50 }, eng: room, ...others }, {}, limits);
    const map = { eng: room, ...others };
    await run(map, {}, limits);
    const [held] = await store.guard.held();
    expect(held).toMatchObject({ kind: 'lower', account: ANN, scope: `levels:${room}` });
    await decideNow(store, held?.scope ?? '', 'rejected');
    await leave(eng.id, id);
    await run(map, {}, limits);
    await join(eng.id, id);
    await run(map, {}, { REMOVAL_LIMIT_PERCENT: '100' });
    expect((await homeserver.roomPower(room))?.powerLevels.users.get(ANN)).toBe(50);
  });
});
