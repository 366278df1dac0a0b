import { describe, expect, it } from 'vitest';
import type { SourceId } from '../../src/directory/resource.ts';
import { HomeserverError } from '../../src/matrix/error.ts';
import { userId } from '../../src/matrix/ids.ts';
import { whole } from '../../src/pieces.ts';
import { ANN, SOURCE, scene } from '../support/scene.ts';
import { IDP } from '../support/usher.ts';

describe('an edit of the map', () => {
  it.each([
    ['granted', 'additive', true],
    ['additive', 'granted', false],
  ] as const)('from %s to %s counts for those who are in already', async (before, after, stays) => {
    const { owner, user, group, leave, run, isIn } = await scene();
    const room = await owner.createRoom();
    const ann = await user({ userName: 'ann' });
    const eng = await group('eng', ann.id);
    await run({ eng: { room, mode: before } });
    await run({ eng: { room, mode: after } });
    await leave(eng.id, ann.id);
    await run({ eng: { room, mode: after } });
    expect(await isIn(room)).toBe(stays);
  });

  it('that misspells a room id removes nobody, and is told', async () => {
    const { owner, user, group, run, isIn } = await scene();
    const room = await owner.createRoom();
    await group('eng', (await user({ userName: 'ann' })).id);
    await run({ eng: room });
    const { lastPass } = await run({ eng: '!nowhere:usher.test' });
    expect(await isIn(room)).toBe(true);
    expect(lastPass?.problems).toMatchObject([{ target: '!nowhere:usher.test' }]);
  });

  it('to a replacement removes nobody from the old room that can not be read', async () => {
    const { owner, user, group, run, isIn, homeserver } = await scene();
    const room = await owner.createRoom({ alias: 'eng', version: '11' });
    await group('eng', (await user({ userName: 'ann' })).id);
    await run({ eng: '#eng:usher.test' });
    await owner.upgradeRoom(room, '12');
    const { lastPass } = await run(
      { eng: '#eng:usher.test' },
      {
        async replacement(id) {
          if (id === room) throw new HomeserverError('failed', 'answered 500');
          return homeserver.replacement(id);
        },
      },
    );
    expect(await isIn(room)).toBe(true);
    expect(lastPass?.problems).toMatchObject([{ target: room }]);
  });
});

describe('what breaks off in the middle', () => {
  it('leaves nobody behind whom it had joined, when she is deleted meanwhile', async () => {
    const { owner, user, group, run, isIn, homeserver, world, store } = await scene();
    const rooms = [await owner.createRoom(), await owner.createRoom()];
    await homeserver.createAccount(ANN, {
      displayName: 'Ann',
      externalId: { provider: IDP, id: 'x' },
      email: undefined,
    });
    const ann = await user({ userName: 'other-name', externalId: 'x', displayName: 'Ann' });
    await group('eng', ann.id);
    await run(
      { eng: rooms },
      {
        async join(room, account) {
          await homeserver.join(room, account);
          world.goDown();
        },
      },
    );
    await store.users.remove(SOURCE, ann.id, Date.now());
    world.comeUp();
    await run({ eng: rooms });
    for (const room of rooms) expect(await isIn(room)).toBe(false);
    expect((await homeserver.account(ANN))?.locked).toBe(true);
  });

  it.each(['unavailable', 'failed'] as const)(
    'does not make a stranger of an account that was made while the answer was lost (%s)',
    async (kind) => {
      const { owner, user, run, isIn, homeserver } = await scene();
      const room = await owner.createRoom();
      await user({ userName: 'ann' });
      await run(
        { '*': room },
        {
          async createAccount(id, account) {
            await homeserver.createAccount(id, account);
            throw new HomeserverError(kind, 'answered 504');
          },
        },
      );
      await run({ '*': room });
      expect(await isIn(room)).toBe(true);
    },
  );

  it('tells of an account that a homeserver half made and died, and gives nothing to it', async () => {
    const { owner, user, run, isIn, homeserver, store } = await scene();
    const room = await owner.createRoom();
    const ann = await user({ userName: 'ann', externalId: 'x' });
    await run(
      { '*': room },
      {
        async createAccount(id, account) {
          await homeserver.createAccount(id, { ...account, externalId: undefined });
          throw new HomeserverError('unavailable', 'no answer (ECONNRESET)');
        },
      },
    );
    await run({ '*': room });
    expect(await isIn(room)).toBe(false);
    const [failing] = await store.work.failing(10);
    expect(failing).toMatchObject({ userId: ann.id, lastError: { kind: 'conflict' } });
    expect(failing?.lastError?.message).toContain('If it is hers, link it to her');
  });

  it('does not take an update for made that was not', async () => {
    const { user, run, homeserver, store } = await scene();
    const ann = await user({ userName: 'ann', externalId: 'a', emails: [{ value: 'a@x.test' }] });
    await run({});
    const next = { userName: 'ann', externalId: 'b', emails: [{ value: 'b@x.test' }] };
    await store.users.update(SOURCE, ann.id, () => next, Date.now());
    await run(
      {},
      {
        updateAccount: async () => {
          throw new HomeserverError('failed', 'answered 500');
        },
      },
    );
    await run({});
    expect(await homeserver.account(ANN)).toMatchObject({
      externalIds: [{ provider: IDP, id: 'b' }],
      threepids: [{ medium: 'email', address: 'b@x.test' }],
    });
  });

  it('gives nothing more to somebody who was deactivated meanwhile', async () => {
    const { owner, user, run, homeserver, store, isIn } = await scene();
    const rooms = await Promise.all(Array.from({ length: 8 }, () => owner.createRoom()));
    const ann = await user({ userName: 'ann' });
    let joins = 0;
    await run(
      { '*': rooms },
      {
        async join(room, account) {
          joins += 1;
          await homeserver.join(room, account);
          if (joins === 2) {
            await store.users.update(SOURCE, ann.id, () => ({ userName: 'ann', active: false }), Date.now());
          }
        },
      },
    );
    expect((await homeserver.account(ANN))?.locked).toBe(true);
    for (const room of rooms) expect(await isIn(room)).toBe(false);
    // Each join of a private room is refused once, until the bot is in it.
    expect(joins).toBeLessThan(5);
  });
});

describe('what is not certain', () => {
  it('leaves the entitlements of a room that could not be read, until it can', async () => {
    const { owner, user, group, run, isIn, homeserver } = await scene();
    const room = await owner.createRoom();
    await group('eng', (await user({ userName: 'ann' })).id);
    const rest = { a: await owner.createRoom(), b: await owner.createRoom() };
    for (const key of ['a', 'b']) await group(key);
    await run({ ...rest, eng: room });
    await run(rest, {
      async replacement(id) {
        if (id === room) throw new HomeserverError('failed', 'answered 500');
        return homeserver.replacement(id);
      },
    });
    expect(await isIn(room)).toBe(true);
    await run(rest);
    expect(await isIn(room)).toBe(false);
  });

  it('never locks a stranger who took a name that was about to be given', async () => {
    const { user, run, homeserver, store, world } = await scene();
    const ann = await user({ userName: 'ann' });
    let isDeleted = false;
    await run(
      {},
      {
        async account(id) {
          const account = await homeserver.account(id);
          if (id === ANN && !isDeleted) {
            isDeleted = true;
            await store.users.remove(SOURCE, ann.id, Date.now());
          }
          return account;
        },
      },
    );
    world.register('ann');
    await run({});
    expect((await homeserver.account(ANN))?.locked).toBe(false);
  });

  it('never gives a stranger the external id of somebody whose account was not made', async () => {
    const { user, run, homeserver, world, store } = await scene();
    const ann = await user({ userName: 'ann', externalId: 'x' });
    await run(
      {},
      {
        createAccount: async () => {
          throw new HomeserverError('failed', 'answered 500');
        },
      },
    );
    world.register('ann');
    await run({});
    expect((await homeserver.account(ANN))?.externalIds).toEqual([]);
    await store.users.remove(SOURCE, ann.id, Date.now());
    await run({});
    expect((await homeserver.account(ANN))?.locked).toBe(false);
  });

  it('does not forget a lock whose answer was lost', async () => {
    const { user, run, homeserver, store } = await scene();
    const ann = await user({ userName: 'ann' });
    await run({});
    await store.users.update(SOURCE, ann.id, () => ({ userName: 'ann', active: false }), Date.now());
    await run(
      {},
      {
        async restrict(id, restriction) {
          await homeserver.restrict(id, restriction);
          throw new HomeserverError('failed', 'answered 504');
        },
      },
    );
    await run({});
    await store.users.update(SOURCE, ann.id, () => ({ userName: 'ann', active: true }), Date.now());
    await run({});
    expect((await homeserver.account(ANN))?.locked).toBe(false);
  });
});

describe('a full pass', () => {
  it('finds a changed e-mail and external id when the work marks were lost', async () => {
    const { user, run, homeserver, store, forgetWork } = await scene();
    const ann = await user({ userName: 'ann', externalId: 'a', emails: [{ value: 'a@x.test' }] });
    await run({});
    const next = { userName: 'ann', externalId: 'b', emails: [{ value: 'b@x.test' }] };
    await store.users.update(SOURCE, ann.id, () => next, Date.now());
    forgetWork();
    await run({});
    expect(await homeserver.account(ANN)).toMatchObject({
      externalIds: [{ id: 'b' }],
      threepids: [{ address: 'b@x.test' }],
    });
  });

  it('takes a room from somebody whose new external id is on another account', async () => {
    const { owner, user, group, leave, run, isIn, homeserver, store } = await scene();
    const room = await owner.createRoom();
    const ann = await user({ userName: 'ann', externalId: 'a' });
    const eng = await group('eng', ann.id);
    await run({ eng: room });
    const other = { displayName: 'Bob', externalId: { provider: IDP, id: 'b' }, email: undefined };
    await homeserver.createAccount(userId('bob', 'usher.test'), other);
    await store.users.update(SOURCE, ann.id, () => ({ userName: 'ann', externalId: 'b' }), Date.now());
    await leave(eng.id, ann.id);
    await run({ eng: room });
    expect(await isIn(room)).toBe(false);
    expect((await homeserver.account(ANN))?.externalIds).toEqual([{ provider: IDP, id: 'a' }]);
  });

  it('lets go of a server admin whose user was deleted', async () => {
    const { user, run, store, request } = await scene();
    const ann = await user({ userName: 'ann' });
    await run({});
    await request('PUT', `/_synapse/admin/v2/users/${encodeURIComponent(ANN)}`, { admin: true });
    await store.users.remove(SOURCE, ann.id, Date.now());
    await run({});
    await run({});
    expect(await store.work.all()).toEqual([]);
    expect(await whole(store.people.roster())).toEqual([]);
  });

  it('finds nobody in a right world, also when two sources pushed one person', async () => {
    const { owner, user, group, run, store } = await scene();
    const room = await owner.createRoom();
    const other = 'other' as SourceId;
    const ann = await user({ userName: 'ann', externalId: 'x' });
    const again = await store.users.create(other, { userName: 'ann', externalId: 'x' }, Date.now());
    await group('eng', ann.id);
    const ops = { attributes: { displayName: 'ops', externalId: 'ops' }, members: [again.id] };
    await store.groups.create(other, ops, Date.now());
    await run({ eng: room, ops: room });
    await run({ eng: room, ops: room });
    const { lastPass } = await run({ eng: room, ops: room });
    expect(lastPass?.marked).toBe(0);
  });

  it('tells once of an e-mail that is on another account', async () => {
    const { user, run, store } = await scene();
    for (const userName of ['ann', 'bob']) await user({ userName, emails: [{ value: 'a@x.test' }] });
    for (let pass = 0; pass < 3; pass += 1) await run({});
    const entries = await store.journal.find({ limit: 100 });
    expect(entries.filter(({ action }) => action === 'email-of-another')).toHaveLength(1);
  });
});
