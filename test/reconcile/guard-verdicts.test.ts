import { describe, expect, it } from 'vitest';
import type { SourceId } from '../../src/directory/resource.ts';
import { HomeserverError } from '../../src/matrix/error.ts';
import type { RoomId } from '../../src/matrix/ids.ts';
import { at, crowd, decide, rows, scopes } from '../support/crowd.ts';
import { seeHeld } from '../support/decide.ts';
import { scene } from '../support/scene.ts';

describe('what was approved', () => {
  it('is exactly what was shown: who approves a lock erases nobody', async () => {
    const limits = { REMOVAL_LIMIT_COUNT: '0', REMOVAL_LIMIT_PERCENT: '0' };
    const stage = await crowd(5, { ON_DEACTIVATE: 'lock, erase after 1d', ...limits });
    await stage.edit(0, { active: false });
    await stage.run(stage.map);
    expect(await rows(stage)).toContainEqual(expect.stringMatching(/^lock .*@p0/));
    const shown = await seeHeld(stage.store, 'accounts');
    stage.backdate(2);
    await stage.run(stage.map);
    expect(await stage.store.guard.decide(shown, 'approved')).toBeUndefined();
    await stage.store.work.mark([stage.idOf(0)], 'removal', Date.now());
    await stage.run(stage.map);
    expect((await stage.account(at('p0')))?.deactivated).toBe(false);
  });

  it('does not go for the next step, which is asked about anew', async () => {
    const limits = { REMOVAL_LIMIT_COUNT: '0', REMOVAL_LIMIT_PERCENT: '0' };
    const stage = await crowd(5, { ON_DEACTIVATE: 'lock, erase after 1d', ...limits });
    await stage.edit(0, { active: false });
    await stage.run(stage.map);
    await decide(stage, 'accounts');
    stage.backdate(2);
    await stage.run(stage.map);
    expect((await stage.account(at('p0')))?.deactivated).toBe(false);
    expect(await rows(stage)).toContainEqual(expect.stringMatching(/^erase .*@p0/));
  });

  it('stands for nothing any more when half of it was taken back and comes again', async () => {
    const stage = await crowd(20);
    await stage.leave(stage.group, ...stage.ids);
    await stage.run(stage.map);
    await stage.join(stage.group, ...stage.ids.slice(0, 10));
    await decide(stage, `room:${stage.room}`);
    await stage.run(stage.map);
    expect(await stage.inRoom()).toBe(10);
    expect(await rows(stage)).toEqual([]);
    await stage.leave(stage.group, ...stage.ids.slice(0, 10));
    await stage.run(stage.map);
    expect(await stage.inRoom()).toBe(10);
  });

  it('leaves a ban by a moderator, and no permission behind', async () => {
    const stage = await crowd(20);
    await stage.leave(stage.group, ...stage.ids);
    await stage.run(stage.map);
    await stage.owner.ban(stage.room, at('p0'));
    await decide(stage, `room:${stage.room}`);
    await stage.run(stage.map);
    expect(await stage.inRoom()).toBe(0);
    expect((await stage.homeserver.member(stage.room, at('p0')))?.membership).toBe('ban');
    expect(await rows(stage)).toEqual([]);
  });
});

describe('what was rejected', () => {
  it('says nothing about the next step of the ladder, which is asked about', async () => {
    const limits = { REMOVAL_LIMIT_COUNT: '0', REMOVAL_LIMIT_PERCENT: '0' };
    const stage = await crowd(5, { ON_DEACTIVATE: 'lock, deactivate after 1d', ...limits });
    await stage.edit(0, { active: false });
    await stage.run(stage.map);
    await decide(stage, 'accounts', 'rejected');
    stage.backdate(2);
    await stage.run(stage.map);
    expect((await stage.account(at('p0')))?.deactivated).toBe(false);
    expect(await scopes(stage)).toContain('accounts');
    const waiting = (await stage.store.guard.held()).filter(({ verdict }) => verdict === undefined);
    expect(waiting.map(({ detail }) => detail)).toContainEqual(expect.stringMatching(/^deactivate .*@p0/));
  });

  it('stays so when the room can not be read for a while', async () => {
    const stage = await crowd(8, { REMOVAL_LIMIT_COUNT: '1', REMOVAL_LIMIT_PERCENT: '0' });
    const { eng: _, ...less } = stage.map;
    await stage.run(less);
    for (const scope of await scopes(stage)) await decide(stage, scope, 'rejected');
    await stage.run(less);
    await stage.edit(0, { displayName: 'Pea' });
    await stage.run(less, {
      async replacement(id) {
        if (id === stage.room) throw new HomeserverError('failed', 'answered 500');
        return stage.homeserver.replacement(id);
      },
    });
    await stage.run(less);
    expect(await stage.inRoom()).toBe(8);
  });

  it('stays so when somebody else is pushed who would have her name', async () => {
    const stage = await crowd(8);
    await stage.leave(stage.group, ...stage.ids);
    await stage.run(stage.map);
    for (const scope of await scopes(stage)) await decide(stage, scope, 'rejected');
    await stage.run(stage.map);
    const twin = { userName: 'P0', externalId: 'other' };
    await stage.store.users.create('second' as SourceId, twin, Date.now());
    await stage.run(stage.map);
    await stage.run(stage.map);
    expect(await stage.inRoom()).toBe(8);
  });

  it('stays so for an admin for as long as she is one, and after', async () => {
    const stage = await crowd(8);
    await stage.leave(stage.group, ...stage.ids);
    await stage.run(stage.map);
    for (const scope of await scopes(stage)) await decide(stage, scope, 'rejected');
    await stage.run(stage.map);
    const asAdmin = async (user: Parameters<typeof stage.homeserver.account>[0]) => {
      const account = await stage.homeserver.account(user);
      return account && user === at('p0') ? { ...account, admin: true } : account;
    };
    await stage.edit(0, { displayName: 'Pea' });
    await stage.run(stage.map, { account: asAdmin });
    await stage.run(stage.map);
    expect(await stage.inRoom()).toBe(8);
  });

  it('survives restarts, also if every mark was lost', async () => {
    const stage = await crowd(20);
    await stage.leave(stage.group, ...stage.ids.slice(0, 8));
    await stage.run(stage.map);
    await decide(stage, `room:${stage.room}`, 'rejected');
    for (let start = 0; start < 3; start += 1) {
      stage.forgetWork();
      await stage.run(stage.map);
    }
    expect(await stage.inRoom()).toBe(20);
  });

  it('is over when its cause is: months later a removal that is meant is made', async () => {
    const stage = await crowd(3);
    await stage.run({});
    await decide(stage, 'map', 'rejected');
    await stage.run({});
    expect(await stage.inRoom()).toBe(3);
    await stage.run(stage.map);
    expect(await rows(stage)).toEqual([]);
    await stage.leave(stage.group, stage.idOf(0));
    await stage.run(stage.map);
    expect(await stage.isIn(stage.room, at('p0'))).toBe(false);
  });

  it('after a restore leaves the rest of what follows from it held', async () => {
    const stage = await crowd(20);
    await stage.store.guard.openHold({ scope: 'restored', reason: 'a restore', since: Date.now() });
    await stage.leave(stage.group, stage.idOf(0));
    await stage.run(stage.map);
    await decide(stage, 'restored', 'rejected');
    await stage.leave(stage.group, stage.idOf(1));
    await stage.run(stage.map);
    expect(await stage.inRoom()).toBe(20);
    expect(await scopes(stage)).toEqual(['restored']);
    await decide(stage, 'restored');
    await stage.run(stage.map);
    expect(await stage.isIn(stage.room, at('p0'))).toBe(true);
    expect(await stage.isIn(stage.room, at('p1'))).toBe(false);
    expect(await scopes(stage)).toEqual([]);
  });
});

describe('what is held', () => {
  it('is not the whole directory where there never was a group', async () => {
    const stage = await scene();
    const room = await stage.owner.createRoom();
    const ids = [];
    for (let number = 0; number < 12; number += 1) {
      ids.push((await stage.user({ userName: `p${number}`, externalId: `p${number}` })).id);
    }
    await stage.run({ '*': room });
    for (const [number, id] of ids.slice(0, 2).entries()) {
      await stage.change(id, { userName: `p${number}`, externalId: `p${number}`, active: false });
    }
    await stage.run({ '*': room });
    expect(await scopes(stage)).toEqual([]);
    expect(await stage.isIn(room, at('p0'))).toBe(false);
  });

  it('is all of what a renamed group would take away', async () => {
    const stage = await crowd(40);
    const map = { ...stage.map, eng: stage.map.third, 'name:eng': stage.room };
    await stage.run(map);
    const renamed = { displayName: 'engineering', externalId: 'eng' };
    await stage.store.groups.update(
      'idp' as SourceId,
      stage.group,
      () => ({ attributes: renamed, members: [] }),
      Date.now(),
    );
    await stage.run(map);
    expect(await stage.inRoom()).toBe(40);
    expect(await rows(stage)).toHaveLength(40);
  });

  it('is told once, and written into the journal once', async () => {
    const stage = await crowd(3);
    for (let pass = 0; pass < 4; pass += 1) await stage.run({});
    expect(await stage.store.journal.find({ action: 'hold', limit: 9 })).toHaveLength(1);
  });

  it('is nobody, or all, also of people who were taken out and came back within the hour', async () => {
    const stage = await crowd(40);
    const some = stage.ids.slice(0, 10);
    await stage.leave(stage.group, ...some);
    await stage.run(stage.map);
    expect(await stage.inRoom()).toBe(30);
    await stage.join(stage.group, ...some);
    await stage.run(stage.map);
    expect(await stage.inRoom()).toBe(40);
    await stage.leave(stage.group, ...stage.ids.slice(0, 12));
    await stage.run(stage.map);
    expect(await stage.inRoom()).toBe(40);
  });

  it('is what a map loses that opens the rooms of a space no more', async () => {
    const stage = await scene();
    const space = await stage.owner.createRoom({ isSpace: true });
    const inside: RoomId[] = [];
    for (let number = 0; number < 6; number += 1) {
      const room = await stage.owner.createRoom();
      await stage.owner.setChild(space, room, true);
      inside.push(room);
    }
    const names = ['p0', 'p1', 'p2'];
    const ids = [];
    for (const name of names) ids.push((await stage.user({ userName: name, externalId: name })).id);
    await stage.group('eng', ...ids);
    await stage.run({ eng: { room: space, children: 'all' } });
    await stage.run({ eng: space });
    expect(await scopes(stage)).toEqual(['map']);
    for (const room of inside) expect(await stage.isIn(room, at('p0'))).toBe(true);
  });

  it('is forgotten with the account that is nobody’s any more', async () => {
    const stage = await crowd(4, { REMOVAL_LIMIT_PERCENT: '100' });
    await stage.remove(stage.idOf(0));
    const gone = {
      account: async (user: Parameters<typeof stage.homeserver.account>[0]) =>
        user === at('p0') ? undefined : stage.homeserver.account(user),
    };
    await stage.run(stage.map, gone);
    const records = await stage.store.rooms.entitlements(stage.room);
    expect(records.map(({ account }) => account)).not.toContain(at('p0'));
    expect(await stage.store.people.linksOf(at('p0'))).toEqual([]);
  });
});

describe('a plan', () => {
  it('that was made by a map that is not in force any more is not carried out', async () => {
    const stage = await crowd(8);
    let map: object = { other: stage.map.other };
    const gate = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    const loop = await stage.engine(() => map, {
      async memberships(user) {
        const memberships = await stage.homeserver.memberships(user);
        if (user === at('p3')) {
          reached.resolve();
          await gate.promise;
        }
        return memberships;
      },
    });
    const running = loop.run();
    await reached.promise;
    const passed = async (after: number | undefined) => {
      while ((loop.status().lastPass?.finishedAt ?? 0) <= (after ?? 0)) await tick();
    };
    await passed(undefined);
    await tick();
    map = stage.map;
    loop.requestPass();
    await passed(loop.status().lastPass?.finishedAt);
    gate.resolve();
    await loop.rest();
    expect(await stage.inRoom()).toBe(8);
    expect(await scopes(stage)).toEqual([]);
    await loop.stop();
    await running;
  });
});

const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));
