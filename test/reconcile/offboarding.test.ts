import { describe, expect, it } from 'vitest';
import type { Attributes } from '../../src/directory/resource.ts';
import { HomeserverError } from '../../src/matrix/error.ts';
import type { Homeserver } from '../../src/matrix/homeserver.ts';
import { userId } from '../../src/matrix/ids.ts';
import { PNG } from '../support/images.ts';
import { ANN, scene } from '../support/scene.ts';
import type { Env } from '../support/usher.ts';

const BOB = userId('bob', 'usher.test');
const LADDER = 'lock, deactivate after 30d, erase after 60d';
const SETTINGS: Env = { ON_DEACTIVATE: LADDER, ON_DELETE: LADDER, AVATARS: 'sync' };

const ann: Attributes = {
  userName: 'ann',
  externalId: 'x1',
  displayName: 'Ann Lee',
  active: true,
  emails: [{ value: 'ann@example.org', primary: true }],
  photos: [{ value: `data:image/png;base64,${PNG.toString('base64')}` }],
};

/** All that Usher gives to her. */
const COMPLETE = {
  displayName: 'Ann Lee',
  externalIds: [{ provider: 'oidc-idp', id: 'x1' }],
  threepids: [{ medium: 'email', address: 'ann@example.org' }],
  avatarUrl: expect.stringMatching(/^mxc:/),
  deactivated: false,
  locked: false,
  suspended: false,
};

/** Ann and Bob, in a room that their group opens. */
async function stage(settings: Env = {}) {
  const it = await scene();
  const room = await it.owner.createRoom();
  const user = await it.user(ann);
  const bob = await it.user({ userName: 'bob', externalId: 'x2', active: true });
  await it.group('eng', user.id, bob.id);
  const sync = (faults: Partial<Homeserver> = {}, more: Env = {}) =>
    it.run({ eng: room }, faults, { ...SETTINGS, ...settings, ...more });
  await sync();
  return {
    ...it,
    sync,
    room,
    ann: user,
    leave: () => it.change(user.id, { ...ann, active: false }),
    comeBack: () => it.change(user.id, ann),
    isErased: () => it.world.accounts.isErased(ANN),
    /** So many days later. */
    async after(days: number) {
      it.backdate(days);
      await sync();
    },
  };
}

describe('somebody who left', () => {
  it.each(['deactivate, erase after 60d', 'lock'])(
    'comes back whole after a step of "%s" that was refused',
    async (ladder) => {
      const it = await stage({ ON_DEACTIVATE: ladder });
      const refuse = async () => {
        throw new HomeserverError('refused', 'not now');
      };
      await it.leave();
      await it.sync();
      it.backdate(61);
      await it.sync({ restrict: refuse });
      await it.comeBack();
      await it.sync();
      expect(await it.account()).toMatchObject(COMPLETE);
      expect(await it.isIn(it.room)).toBe(true);
    },
  );

  it('goes down the ladder, step by step', async () => {
    const it = await stage();
    await it.leave();
    await it.sync();
    expect(await it.isIn(it.room)).toBe(false);
    expect(await it.account()).toMatchObject({ ...COMPLETE, locked: true });
    await it.after(29);
    expect(await it.account()).toMatchObject({ ...COMPLETE, locked: true });
    await it.after(1);
    expect(await it.account()).toMatchObject({ deactivated: true, locked: false, threepids: [] });
    expect(it.isErased()).toBe(false);
    await it.after(29);
    expect(it.isErased()).toBe(false);
    await it.after(1);
    expect(it.isErased()).toBe(true);
    expect(await it.isIn(it.room, BOB)).toBe(true);
    expect(await it.store.work.failing(10)).toEqual([]);
  });

  it('keeps what was done to her while nothing more is due', async () => {
    const it = await stage();
    await it.leave();
    await it.sync();
    await it.after(60);
    const done = await it.store.journal.find({ account: ANN, limit: 100 });
    await it.after(365);
    expect(await it.store.journal.find({ account: ANN, limit: 100 })).toEqual(done);
  });

  it.each([
    ['locked', 0],
    ['deactivated', 30],
    ['erased', 60],
  ])('has everything again when she comes back %s', async (_title, days) => {
    const it = await stage();
    await it.leave();
    await it.sync();
    if (days >= 30) await it.after(30);
    if (days >= 60) await it.after(30);
    await it.comeBack();
    await it.sync();
    expect(await it.account()).toMatchObject(COMPLETE);
    expect(it.isErased()).toBe(false);
    expect(await it.isIn(it.room)).toBe(true);
    expect(await it.store.work.failing(10)).toEqual([]);
    await (await it.person('ann')).createRoom();
  });

  it.each([
    ['locked', 0],
    ['deactivated', 30],
    ['erased', 60],
  ])('has everything again when she comes back %s, as a new user of the provider', async (_title, days) => {
    const it = await stage();
    await it.remove(it.ann.id);
    await it.sync();
    if (days >= 30) await it.after(30);
    if (days >= 60) await it.after(30);
    const again = await it.user(ann);
    await it.group('eng2', again.id);
    await it.run({ eng: it.room, eng2: it.room }, {}, SETTINGS);
    expect(await it.account()).toMatchObject(COMPLETE);
    expect(await it.isIn(it.room)).toBe(true);
    expect(await it.store.work.failing(10)).toEqual([]);
  });

  it('begins anew when she leaves again', async () => {
    const it = await stage();
    await it.leave();
    await it.sync();
    it.backdate(29);
    await it.comeBack();
    await it.sync();
    await it.leave();
    await it.sync();
    await it.after(2);
    expect(await it.account()).toMatchObject({ locked: true, deactivated: false });
  });

  it('begins anew, too, when something kept her from having her account again', async () => {
    const it = await stage();
    await it.leave();
    await it.sync();
    it.backdate(29);
    const stranger = { provider: 'oidc-idp', id: 'x9' };
    await it.homeserver.updateAccount(ANN, { externalIds: [stranger] });
    await it.comeBack();
    await it.sync();
    expect(await it.store.work.failing(10)).toHaveLength(1);
    await it.leave();
    await it.sync();
    await it.after(2);
    expect(await it.account()).toMatchObject({ locked: true, deactivated: false });
  });

  it('keeps her rooms for as long as the ladder says', async () => {
    const it = await stage({ ON_DEACTIVATE: 'rooms after 7d, suspend after 14d' });
    await it.leave();
    await it.sync();
    await it.after(6);
    expect(await it.isIn(it.room)).toBe(true);
    await it.after(1);
    expect(await it.isIn(it.room)).toBe(false);
    expect(await it.account()).toMatchObject({ suspended: false });
    await it.after(7);
    expect(await it.account()).toMatchObject({ suspended: true });
    await it.comeBack();
    await it.sync();
    expect(await it.account()).toMatchObject(COMPLETE);
    expect(await it.isIn(it.room)).toBe(true);
  });

  it('loses her rooms and nothing else by "nothing"', async () => {
    const it = await stage({ ON_DEACTIVATE: 'nothing' });
    await it.leave();
    await it.sync();
    await it.after(365);
    expect(await it.isIn(it.room)).toBe(false);
    expect(await it.account()).toMatchObject(COMPLETE);
  });

  it('is on the ladder of the deleted once she is deleted, counted from when she left', async () => {
    const it = await stage({ ON_DEACTIVATE: 'nothing', ON_DELETE: 'deactivate after 30d' });
    await it.leave();
    await it.sync();
    await it.after(30);
    expect(await it.account()).toMatchObject({ deactivated: false });
    await it.remove(it.ann.id);
    await it.sync();
    expect(await it.account()).toMatchObject({ deactivated: true });
  });

  it('stays where she is when the ladder becomes milder, and goes on when it becomes harder', async () => {
    const it = await stage({ ON_DEACTIVATE: 'lock' });
    await it.leave();
    await it.sync();
    await it.sync({}, { ON_DEACTIVATE: 'suspend' });
    expect(await it.account()).toMatchObject({ locked: true, suspended: false });
    await it.sync({}, { ON_DEACTIVATE: 'deactivate' });
    expect(await it.account()).toMatchObject({ deactivated: true });
  });

  it('keeps the lock of an admin, also when she comes back', async () => {
    const it = await stage();
    await it.homeserver.restrict(ANN, 'lock');
    await it.leave();
    await it.sync();
    await it.comeBack();
    await it.sync();
    expect(await it.account()).toMatchObject({ locked: true });
  });

  it('is deactivated still if an admin did it', async () => {
    const it = await stage();
    await it.leave();
    await it.sync();
    await it.homeserver.restrict(ANN, 'deactivate');
    await it.comeBack();
    await it.sync();
    expect(await it.account()).toMatchObject({ deactivated: true });
    expect(await it.store.work.failing(10)).toHaveLength(1);
  });
});

describe('a step that breaks off', () => {
  const brokenOff = async (): Promise<never> => {
    throw new HomeserverError('unavailable', 'no answer');
  };

  it.each(
    ['lock, deactivate after 30d', 'suspend, lock after 30d', 'suspend, erase after 30d'].flatMap(
      (ladder) => [
        [ladder, 'looked at', 'restrict'] as const,
        [ladder, 'looked at', 'unrestrict'] as const,
        [ladder, 'forgotten', 'unrestrict'] as const,
        [ladder, 'not looked at', 'restrict'] as const,
        [ladder, 'not looked at', 'unrestrict'] as const,
      ],
    ),
  )('leaves nothing on her account when she comes back (%s, %s since, %s)', async (ladder, since, method) => {
    const it = await stage({ ON_DEACTIVATE: ladder });
    await it.leave();
    await it.sync();
    it.backdate(30);
    await it.sync({ [method]: brokenOff });
    if (since === 'forgotten') it.forgetWork();
    if (since !== 'not looked at') await it.sync();
    await it.comeBack();
    await it.sync();
    expect(await it.account()).toMatchObject(COMPLETE);
    expect(await it.isIn(it.room)).toBe(true);
    expect(await it.store.facts.names('step:')).toEqual([]);
  });

  it.each([
    ['lifted at last', true],
    ['lifted when she is back', false],
  ])('twice in a row is %s', async (_title, hasTime) => {
    const it = await stage({ ON_DEACTIVATE: 'suspend, lock after 30d, deactivate after 60d' });
    await it.leave();
    await it.sync();
    for (const _ of ['lock', 'deactivate']) {
      it.backdate(30);
      await it.sync({ unrestrict: brokenOff });
    }
    expect(await it.account()).toMatchObject({ suspended: true, locked: true, deactivated: true });
    if (hasTime) {
      await it.sync();
      expect(await it.account()).toMatchObject({ suspended: false, locked: false, deactivated: true });
    }
    await it.comeBack();
    await it.sync();
    expect(await it.account()).toMatchObject(COMPLETE);
  });

  it.each([true, false])('is an erasure all the same; the marks are lost: %s', async (isForgotten) => {
    const it = await stage();
    await it.leave();
    await it.sync();
    await it.after(30);
    it.backdate(30);
    await it.sync({ restrict: brokenOff });
    expect(it.isErased()).toBe(false);
    if (isForgotten) it.forgetWork();
    await it.sync();
    expect(it.isErased()).toBe(true);
  });

  it('on her way back is made good', async () => {
    const it = await stage();
    await it.leave();
    await it.sync();
    await it.comeBack();
    await it.sync({ unrestrict: brokenOff });
    expect(await it.account()).toMatchObject({ locked: true });
    await it.sync();
    expect(await it.account()).toMatchObject(COMPLETE);
  });

  it.each(['unavailable', 'failed'] as const)(
    'after an erasure was taken back loses no avatar (%s)',
    async (kind) => {
      const it = await stage();
      await it.leave();
      await it.sync();
      await it.after(60);
      await it.comeBack();
      await it.sync({
        async upload() {
          throw new HomeserverError(kind, 'no answer');
        },
      });
      expect(await it.account()).toMatchObject({ deactivated: false, avatarUrl: undefined });
      await it.comeBack();
      await it.store.work.mark([it.ann.id], 'small', Date.now());
      await it.sync();
      expect(await it.account()).toMatchObject(COMPLETE);
    },
  );

  it('does not make the lock of an admin ours', async () => {
    const it = await stage({ ON_DEACTIVATE: 'suspend, deactivate after 30d' });
    await it.leave();
    await it.sync();
    await it.homeserver.restrict(ANN, 'lock');
    it.backdate(30);
    await it.sync({ unrestrict: brokenOff });
    await it.sync();
    await it.comeBack();
    await it.sync();
    expect(await it.account()).toMatchObject({ ...COMPLETE, locked: true });
  });

  it('is taken in the next pass', async () => {
    const it = await stage();
    await it.leave();
    await it.sync();
    it.backdate(30);
    await it.sync({ restrict: brokenOff });
    expect(await it.account()).toMatchObject({ locked: true, deactivated: false });
    await it.sync();
    expect(await it.account()).toMatchObject({ locked: false, deactivated: true });
  });
});

describe('somebody protected', () => {
  const PROTECTED: Env = { PROTECTED_USERS: '@ann:*' };

  it.each([
    ['deactivated', 'leave'],
    ['deleted', 'remove'],
  ])('is neither removed nor locked when she is %s', async (_title, how) => {
    const it = await stage();
    if (how === 'leave') await it.leave();
    else await it.remove(it.ann.id);
    await it.sync({}, PROTECTED);
    await it.sync({}, PROTECTED);
    expect(await it.isIn(it.room)).toBe(true);
    expect(await it.account()).toMatchObject(COMPLETE);
  });

  it('is not removed from a room that her groups do not open any more', async () => {
    const it = await stage();
    await it.run({}, {}, { ...SETTINGS, ...PROTECTED });
    expect(await it.isIn(it.room)).toBe(true);
  });

  it('is not linked, even if accounts are adopted', async () => {
    const it = await scene();
    const room = await it.owner.createRoom();
    await it.person('ann');
    const before = await it.account();
    const user = await it.user(ann);
    const settings = { ...SETTINGS, ...PROTECTED, EXISTING_ACCOUNTS: 'adopt' };
    await it.run({ '*': room }, {}, settings);
    expect(await it.account()).toEqual(before);
    expect(await it.isIn(room)).toBe(false);
    expect(await it.store.people.link(user.id)).toBeUndefined();
    expect(await it.store.work.failing(10)).toMatchObject([
      { lastError: { message: expect.stringContaining('is named by PROTECTED_USERS') } },
    ]);
  });
});
