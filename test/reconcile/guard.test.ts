import { describe, expect, it } from 'vitest';
import type { ResourceId } from '../../src/directory/resource.ts';
import { type RoomId, userId } from '../../src/matrix/ids.ts';
import { crowd, decide, heldIn, scopes } from '../support/crowd.ts';
import { SOURCE, scene } from '../support/scene.ts';

describe('guard', () => {
  it('lets a quarter of a room go at once, and not one more', async () => {
    const stage = await crowd(40);
    await stage.leave(stage.group, ...stage.ids.slice(0, 10));
    await stage.run(stage.map);
    expect(await stage.inRoom()).toBe(30);
    await stage.leave(stage.group, ...stage.ids.slice(10, 11));
    await stage.run(stage.map);
    expect(await stage.inRoom()).toBe(30);
    expect(await heldIn(stage, `room:${stage.room}`)).toBe(1);
  });

  it('holds all of a removal that is too large, says why, and makes exactly that when it is approved', async () => {
    const stage = await crowd(40);
    await stage.leave(stage.group, ...stage.ids.slice(0, 16));
    await stage.run(stage.map);
    expect(await stage.inRoom()).toBe(40);
    expect(await heldIn(stage, `room:${stage.room}`)).toBe(16);
    const [hold] = await stage.store.guard.holds();
    expect(hold?.reason).toMatch(/16 removals from .* of 40 members; without approval 10 an hour/);
    await decide(stage, `room:${stage.room}`);
    await stage.leave(stage.group, ...stage.ids.slice(16, 32));
    await stage.run(stage.map);
    expect(await stage.inRoom()).toBe(24);
    expect(await heldIn(stage, `room:${stage.room}`)).toBe(16);
  });

  it('goes on adding while it holds', async () => {
    const stage = await crowd(20);
    await stage.leave(stage.group, ...stage.ids);
    const { id } = await stage.user({ userName: 'ann' });
    await stage.join(stage.other, id);
    await stage.run(stage.map);
    expect(await stage.inRoom()).toBe(20);
    expect(await stage.isIn(stage.map.other)).toBe(true);
  });

  it('lets go of what it holds when the provider takes the removal back', async () => {
    const stage = await crowd(20);
    await stage.leave(stage.group, ...stage.ids);
    await stage.run(stage.map);
    expect(await heldIn(stage, `room:${stage.room}`)).toBe(20);
    await stage.join(stage.group, ...stage.ids.slice(0, 18));
    await stage.run(stage.map);
    expect(await scopes(stage)).toEqual([]);
    expect(await stage.inRoom()).toBe(18);
  });

  it('leaves people where they are when the removal is rejected, until they have the group again', async () => {
    const stage = await crowd(20);
    await stage.leave(stage.group, ...stage.ids);
    await stage.run(stage.map);
    await decide(stage, `room:${stage.room}`, 'rejected');
    await stage.run(stage.map);
    expect(await stage.inRoom()).toBe(20);
    expect(await scopes(stage)).toEqual([]);
    await stage.join(stage.group, ...stage.ids);
    await stage.run(stage.map);
    await stage.leave(stage.group, ...stage.ids.slice(0, 2));
    await stage.run(stage.map);
    expect(await stage.inRoom()).toBe(18);
  });

  it('holds the total of many small removals', async () => {
    const stage = await scene();
    const rooms: RoomId[] = [];
    const map: Record<string, RoomId> = {};
    const groups: { readonly group: ResourceId; readonly user: ResourceId }[] = [];
    for (let index = 0; index < 16; index += 1) {
      const room = await stage.owner.createRoom();
      rooms.push(room);
      map[`g${index}`] = room;
      const { id } = await stage.user({ userName: `u${index}`, externalId: `u${index}` });
      groups.push({ group: (await stage.group(`g${index}`, id)).id, user: id });
    }
    await stage.run(map);
    for (const { group, user } of groups.slice(0, 7)) await stage.leave(group, user);
    await stage.run(map);
    const present = await Promise.all(
      rooms.map((room, index) => stage.isIn(room, userId(`u${index}`, stage.serverName))),
    );
    expect(present.filter((isIn) => isIn)).toHaveLength(16);
    expect((await stage.store.guard.holds()).map(({ scope }) => scope)).toEqual(['total']);
  });

  it('holds locks as it holds removals', async () => {
    const stage = await crowd(20);
    for (const [index, id] of stage.ids.slice(0, 6).entries()) {
      await stage.store.users.update(
        SOURCE,
        id,
        () => ({ userName: `p${index}`, externalId: `p${index}`, active: false }),
        Date.now(),
      );
    }
    await stage.run(stage.map);
    expect(await scopes(stage)).toContain('accounts');
    const account = await stage.homeserver.account(userId('p0', stage.serverName));
    expect(account?.locked).toBe(false);
    await decide(stage, 'accounts');
    for (const scope of await scopes(stage)) await decide(stage, scope);
    await stage.run(stage.map);
    expect((await stage.homeserver.account(userId('p0', stage.serverName)))?.locked).toBe(true);
    expect(await stage.inRoom()).toBe(14);
  });

  it('holds everything when the map was emptied or halved, until it is whole again or somebody decided', async () => {
    const stage = await crowd(3);
    await stage.run({});
    expect(await stage.inRoom()).toBe(3);
    expect(await scopes(stage)).toEqual(['map']);
    await stage.run(stage.map);
    expect(await scopes(stage)).toEqual([]);
    await stage.run({ other: stage.map.other });
    expect(await stage.inRoom()).toBe(3);
    await decide(stage, 'map');
    await stage.run({ other: stage.map.other });
    expect(await stage.inRoom()).toBe(0);
    expect(await scopes(stage)).toEqual([]);
    await stage.run({ other: stage.map.other });
    expect(await scopes(stage)).toEqual([]);
  });

  it('asks nobody about keys of groups that do not exist', async () => {
    const stage = await crowd(3);
    await stage.run({ ...stage.map, gone: stage.map.other, lost: stage.map.third, never: stage.room });
    await stage.run({ eng: stage.room, other: stage.map.other });
    expect(await stage.store.journal.find({ action: 'hold', limit: 9 })).toEqual([]);
  });

  it('holds what is held though others want the accounts', async () => {
    const stage = await crowd(8);
    for (const id of stage.ids) await stage.store.users.remove(SOURCE, id, Date.now());
    await stage.run(stage.map);
    expect(await scopes(stage)).toEqual(['empty']);
    for (const name of stage.names) await stage.user({ userName: name, externalId: `new-${name}` });
    for (let pass = 0; pass < 3; pass += 1) await stage.run(stage.map);
    expect(await stage.inRoom()).toBe(8);
    const locked = await Promise.all(
      stage.names.map((name) => stage.homeserver.account(userId(name, stage.serverName))),
    );
    expect(locked.filter((account) => account?.locked)).toEqual([]);
    expect((await scopes(stage)).toSorted()).toEqual(['accounts', `room:${stage.room}`]);
  });

  it('holds everything when the directory is empty all at once', async () => {
    const stage = await crowd(3);
    for (const id of stage.ids) await stage.store.users.remove(SOURCE, id, Date.now());
    await stage.run(stage.map);
    expect(await scopes(stage)).toEqual(['empty']);
    expect(await stage.inRoom()).toBe(3);
  });

  it('holds everything when no group is left, though the people are', async () => {
    const stage = await crowd(3);
    for (const group of await stage.store.groups.names()) {
      await stage.store.groups.remove(SOURCE, group.id, Date.now());
    }
    await stage.run(stage.map);
    expect(await scopes(stage)).toEqual(['empty']);
    expect(await stage.inRoom()).toBe(3);
  });

  it('takes it for no fault when one group of several is gone', async () => {
    const stage = await crowd(3);
    await stage.store.groups.remove(SOURCE, stage.group, Date.now());
    await stage.run(stage.map);
    expect(await scopes(stage)).toEqual([]);
    expect(await stage.inRoom()).toBe(0);
  });

  it('removes nobody after a restore, not even one, before somebody decided', async () => {
    const stage = await crowd(20);
    await stage.store.guard.openHold({ scope: 'restored', reason: 'a restore', since: Date.now() });
    await stage.leave(stage.group, ...stage.ids.slice(0, 1));
    await stage.run(stage.map);
    expect(await stage.inRoom()).toBe(20);
    await decide(stage, 'restored');
    await stage.run(stage.map);
    expect(await stage.inRoom()).toBe(19);
  });

  it('takes the limits of the settings and those of a room', async () => {
    const stage = await crowd(8, { REMOVAL_LIMIT_COUNT: '1', REMOVAL_LIMIT_PERCENT: '0' });
    await stage.leave(stage.group, ...stage.ids.slice(0, 2));
    await stage.run(stage.map);
    expect(await stage.inRoom()).toBe(8);
    const generous = { ...stage.map, eng: { room: stage.room, limit: { percent: 50, count: 0 } } };
    await stage.run(generous);
    // The total is still that of the settings.
    expect(await scopes(stage)).toEqual(['total']);
    await decide(stage, 'total');
    await stage.run(generous);
    expect(await stage.inRoom()).toBe(6);
  });

  it('shows a person who leaves a room by herself no longer among what is held', async () => {
    const stage = await crowd(20);
    await stage.leave(stage.group, ...stage.ids.slice(0, 8));
    await stage.run(stage.map);
    const gone = await stage.person('p0');
    await gone.leave(stage.room);
    await stage.store.work.mark(stage.ids.slice(0, 1), 'small', Date.now());
    await stage.run(stage.map);
    expect(await heldIn(stage, `room:${stage.room}`)).toBe(7);
  });
});
