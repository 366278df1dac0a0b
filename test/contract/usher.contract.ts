import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, it } from 'vitest';
import { localpartOf } from '../../src/matrix/ids.ts';
import type { ActingUser, HomeserverUnderTest } from '../support/homeserver/harness.ts';
import { createProvider } from '../support/provider.ts';
import { tempDir } from '../support/temp-dir.ts';
import { envFor, IDP, SECRET, startUsher } from '../support/usher.ts';
import { startUsherProcess } from '../support/usher-process.ts';
import { createGround } from './usher-shared.ts';

/** What an admin was promised, on any homeserver: who is in which room after what a provider pushed. */
export function describeUsher(name: string, start: () => Promise<HomeserverUnderTest>): void {
  describe(`Usher on ${name}`, () => {
    const { fresh, account, aliasOf, inRoom, ...ground } = createGround(start);
    let homeserver: HomeserverUnderTest;
    let owner: ActingUser;
    beforeAll(() => {
      homeserver = ground.homeserver();
      owner = ground.owner();
    });

    describe('what the provider is shown', () => {
      const extension = 'urn:matrix-usher:scim:schemas:extension:1.0';

      it('is the account with its rooms, and the rooms of a group', async () => {
        const [room, key, eve] = [await owner.createRoom(), fresh('key'), fresh('eve')];
        const { provider, settle } = await startUsher(homeserver, { [key]: room });
        const id = await provider.createUser({ userName: eve });
        const group = await provider.createGroup(key, key, [id]);
        await settle();
        expect((await provider.readUser(id))[`${extension}:User`]).toEqual({
          userId: account(eve),
          accountState: 'active',
          rooms: [{ value: room, membership: 'joined', since: expect.any(String) }],
        });
        expect((await provider.readGroup(group))[`${extension}:Group`]).toEqual({
          rooms: [{ value: room, roomId: room, mode: 'granted' }],
        });
        await provider.putUser(id, { userName: eve, active: false });
        await settle();
        expect((await provider.readUser(id))[`${extension}:User`]).toEqual({
          userId: account(eve),
          accountState: 'locked',
          rooms: [],
        });
      });

      it('is why somebody has no account', async () => {
        const stranger = localpartOf((await homeserver.person(fresh('stranger'))).userId);
        const { provider, settle } = await startUsher(homeserver, {});
        const id = await provider.createUser({ userName: stranger });
        await settle();
        expect((await provider.readUser(id))[`${extension}:User`]).toMatchObject({
          accountState: 'none',
          lastError: expect.stringContaining(stranger),
        });
      });
    });

    describe('accounts', () => {
      it('makes an account, linked to the provider, with name and e-mail', async () => {
        const usher = await startUsher(homeserver, {});
        const ann = fresh('Ann');
        await usher.provider.createUser({
          userName: ann,
          displayName: 'Ann Lee',
          email: `${ann}@example.com`,
        });
        await usher.settle();
        expect(await homeserver.homeserver.account(account(ann.toLowerCase()))).toMatchObject({
          displayName: 'Ann Lee',
          externalIds: [{ provider: IDP, id: `uid-${ann}` }],
          threepids: [{ medium: 'email', address: `${ann}@example.com`.toLowerCase() }],
        });
      });

      it('finds an account by its external id, whatever its name, and keeps its other links', async () => {
        const [anna, room] = [fresh('anna'), await owner.createRoom()];
        await homeserver.homeserver.createAccount(account(anna), {
          displayName: 'A',
          externalId: { provider: IDP, id: `x-${anna}` },
          email: undefined,
        });
        const other = homeserver.otherProvider ?? 'saml';
        const links = [
          { provider: other, id: `s-${anna}` },
          { provider: IDP, id: `x-${anna}` },
        ];
        await homeserver.homeserver.updateAccount(account(anna), { externalIds: links });
        const usher = await startUsher(homeserver, { '*': room });
        const name = fresh('other');
        await usher.provider.createUser({ userName: name, externalId: `x-${anna}`, displayName: 'Anna' });
        await usher.settle();
        expect(await inRoom(room)).toEqual([anna]);
        expect(await homeserver.homeserver.account(account(name))).toBeUndefined();
        const found = await homeserver.homeserver.account(account(anna));
        expect(found?.displayName).toBe('Anna');
        expect(new Set(found?.externalIds.map((link) => link.provider))).toEqual(new Set([other, IDP]));
      });

      it('keeps name and e-mail as the provider has them, and the account where it is', async () => {
        const usher = await startUsher(homeserver, {});
        const bob = fresh('bob');
        const id = await usher.provider.createUser({ userName: bob, email: `${bob}@example.com` });
        await usher.settle();
        await usher.provider.putUser(id, {
          userName: fresh('renamed'),
          externalId: `uid-${bob}`,
          displayName: 'Robert',
          email: `${bob}@example.org`,
        });
        await usher.settle();
        expect(await homeserver.homeserver.account(account(bob))).toMatchObject({
          displayName: 'Robert',
          threepids: [{ address: `${bob}@example.org` }],
        });
      });

      it('never takes an e-mail from another account', async () => {
        const [holder, cid] = [fresh('holder'), fresh('cid')];
        const email = `${holder}@example.com`;
        await homeserver.homeserver.createAccount(account(holder), {
          displayName: 'H',
          externalId: undefined,
          email,
        });
        const usher = await startUsher(homeserver, {});
        await usher.provider.createUser({ userName: cid, email });
        await usher.settle();
        expect(await homeserver.homeserver.accountByEmail(email)).toBe(account(holder));
        expect((await homeserver.homeserver.account(account(cid)))?.threepids).toEqual([]);
      });

      it('makes an account without an e-mail that is none', async () => {
        const usher = await startUsher(homeserver, {});
        const dora = fresh('dora');
        await usher.provider.createUser({ userName: dora, email: 'nonsense' });
        await usher.settle();
        expect(await homeserver.homeserver.account(account(dora))).toMatchObject({ threepids: [] });
      });

      it('leaves accounts alone that are not linked to the person, server admins, appservice users and the bot', async () => {
        const room = await owner.createRoom();
        const stranger = await homeserver.person(fresh('stranger'));
        const boss = await homeserver.admin(fresh('boss'));
        const bridge = await homeserver.appserviceUser(fresh('bridge'));
        const usher = await startUsher(homeserver, { '*': room });
        for (const user of [stranger.userId, boss.userId, bridge, homeserver.bot]) {
          await usher.provider.createUser({ userName: localpartOf(user), displayName: 'Taken over' });
        }
        await usher.settle();
        expect(await inRoom(room)).toEqual([]);
        for (const user of [stranger.userId, boss.userId, bridge, homeserver.bot]) {
          const found = await homeserver.homeserver.account(user);
          expect(found?.displayName).not.toBe('Taken over');
          expect(found?.externalIds).toEqual([]);
        }
      });

      it('adopts an unlinked account of that name when the setting says so, but never an admin', async () => {
        const room = await owner.createRoom();
        const eve = await homeserver.person(fresh('eve'));
        const boss = await homeserver.admin(fresh('boss'));
        const usher = await startUsher(homeserver, { '*': room }, { env: { EXISTING_ACCOUNTS: 'adopt' } });
        await usher.provider.createUser({ userName: localpartOf(eve.userId) });
        await usher.provider.createUser({ userName: localpartOf(boss.userId) });
        await usher.settle();
        expect(await inRoom(room)).toEqual([localpartOf(eve.userId)]);
      });

      it('gives one of two people who want the same at the same time what the other then does not get', async () => {
        const env = { LOCALPART: '{emailLocalpart}' };
        const usher = await startUsher(homeserver, {}, { env });
        const name = fresh('same');
        const link = fresh('link');
        await Promise.all([
          usher.provider.createUser({
            userName: fresh('one'),
            externalId: link,
            email: `${name}@example.com`,
          }),
          usher.provider.createUser({
            userName: fresh('two'),
            externalId: fresh('x'),
            email: `${name}@example.org`,
          }),
          usher.provider.createUser({
            userName: fresh('three'),
            externalId: link,
            email: `${fresh('mail')}@example.com`,
          }),
        ]);
        await usher.settle();
        const holder = await homeserver.homeserver.account(account(name));
        expect(holder?.externalIds).toHaveLength(1);
        expect(holder?.threepids).toHaveLength(1);
        expect(await readiness(usher.url)).toMatch(/[12] people are not as they should be/);
      });

      it('makes accounts only for members of mapped groups when the setting says so', async () => {
        const room = await owner.createRoom();
        const key = fresh('key');
        const usher = await startUsher(homeserver, { [key]: room }, { env: { PROVISION: 'mapped' } });
        const [ann, bob] = [fresh('ann'), fresh('bob')];
        const id = await usher.provider.createUser({ userName: ann });
        await usher.provider.createUser({ userName: bob });
        await usher.provider.createGroup(key, key, [id]);
        await usher.settle();
        expect(await inRoom(room)).toEqual([ann]);
        expect(await homeserver.homeserver.account(account(bob))).toBeUndefined();
      });
    });

    describe('groups and rooms', () => {
      it('shows people into rooms by alias and by id, private ones too that the bot is not in', async () => {
        const [byAlias, byId, key] = [fresh('eng'), await owner.createRoom(), fresh('key')];
        const aliased = await owner.createRoom({ alias: byAlias });
        const usher = await startUsher(homeserver, { [key]: [aliasOf(byAlias).replace('#', '%23'), byId] });
        const [ann, bob] = [fresh('ann'), fresh('bob')];
        const annId = await usher.provider.createUser({ userName: ann });
        const bobId = await usher.provider.createUser({ userName: bob });
        const group = await usher.provider.createGroup(key, key, [annId]);
        await usher.settle();
        expect([await inRoom(aliased), await inRoom(byId)]).toEqual([[ann], [ann]]);
        await usher.provider.addMembers(group, bobId);
        await usher.settle();
        expect([await inRoom(aliased), await inRoom(byId)]).toEqual([
          [ann, bob],
          [ann, bob],
        ]);
      });

      it('shows out with the reason of the setting who leaves the group', async () => {
        const [room, key, ann] = [await owner.createRoom(), fresh('key'), fresh('ann')];
        const usher = await startUsher(
          homeserver,
          { [key]: room },
          { env: { KICK_REASON: 'No longer in the group.' } },
        );
        const id = await usher.provider.createUser({ userName: ann });
        const group = await usher.provider.createGroup(key, key, [id]);
        await usher.settle();
        expect(await inRoom(room)).toEqual([ann]);
        await usher.provider.removeMembers(group, id);
        await usher.settle();
        expect(await inRoom(room)).toEqual([]);
        const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/state/m.room.member/${encodeURIComponent(account(ann))}`;
        const { body } = await homeserver.request('GET', path, undefined, owner.token);
        expect(body).toMatchObject({ membership: 'leave', reason: 'No longer in the group.' });
      });

      it('lets her stay while one of two groups opens the room', async () => {
        const [room, one, two, ann] = [await owner.createRoom(), fresh('key'), fresh('key'), fresh('ann')];
        const usher = await startUsher(homeserver, { [one]: room, [`name:${two}`]: room });
        const id = await usher.provider.createUser({ userName: ann });
        const first = await usher.provider.createGroup(one, one, [id]);
        const second = await usher.provider.createGroup(two, fresh('key'), [id]);
        await usher.settle();
        await usher.provider.removeMembers(first, id);
        await usher.settle();
        expect(await inRoom(room)).toEqual([ann]);
        await usher.provider.removeMembers(second, id);
        await usher.settle();
        expect(await inRoom(room)).toEqual([]);
      });

      it('shows in through a nested group, and out when the nesting ends', async () => {
        const [room, key, ann] = [await owner.createRoom(), fresh('key'), fresh('ann')];
        const usher = await startUsher(homeserver, { [key]: room });
        const id = await usher.provider.createUser({ userName: ann });
        const inner = await usher.provider.createGroup(fresh('inner'), fresh('key'), [id]);
        const outer = await usher.provider.createGroup(key, key, [inner]);
        await usher.settle();
        expect(await inRoom(room)).toEqual([ann]);
        await usher.provider.removeMembers(outer, inner);
        await usher.settle();
        expect(await inRoom(room)).toEqual([]);
      });

      it('shows everybody out when a group is replaced without members, and in again with them', async () => {
        const [room, key, ann] = [await owner.createRoom(), fresh('key'), fresh('ann')];
        const usher = await startUsher(homeserver, { [key]: room });
        const id = await usher.provider.createUser({ userName: ann });
        const group = await usher.provider.createGroup(key, key, [id]);
        await usher.settle();
        await usher.provider.putGroup(group, { displayName: key, externalId: key });
        await usher.settle();
        expect(await inRoom(room)).toEqual([]);
        await usher.provider.putGroup(group, { displayName: key, externalId: key, members: [{ value: id }] });
        await usher.settle();
        expect(await inRoom(room)).toEqual([ann]);
      });

      it('shows everybody out of the rooms of a group that is deleted', async () => {
        const [room, key, ann] = [await owner.createRoom(), fresh('key'), fresh('ann')];
        const usher = await startUsher(homeserver, { [key]: room });
        const id = await usher.provider.createUser({ userName: ann });
        const group = await usher.provider.createGroup(key, key, [id]);
        await usher.settle();
        expect(await inRoom(room)).toEqual([ann]);
        await usher.provider.deleteGroup(group);
        await usher.settle();
        expect(await inRoom(room)).toEqual([]);
      });

      it('removes nobody whom it did not see entitled, and nobody from an additive room', async () => {
        const [room, additive, key] = [await owner.createRoom(), await owner.createRoom(), fresh('key')];
        const guest = await homeserver.person(fresh('guest'));
        await owner.invite(room, guest.userId);
        await guest.join(room);
        const usher = await startUsher(homeserver, { [key]: [room, { room: additive, mode: 'additive' }] });
        const ann = fresh('ann');
        const id = await usher.provider.createUser({ userName: ann });
        const group = await usher.provider.createGroup(key, key, [id]);
        await usher.settle();
        await usher.provider.removeMembers(group, id);
        await usher.resync();
        expect(await inRoom(room)).toEqual([localpartOf(guest.userId)]);
        expect(await inRoom(additive)).toEqual([ann]);
      });

      it('goes on with the other rooms when one can not be had', async () => {
        const [good, key, ann] = [await owner.createRoom(), fresh('key'), fresh('ann')];
        const empty = await owner.createRoom();
        await owner.leave(empty);
        const usher = await startUsher(homeserver, { [key]: [aliasOf(fresh('nowhere')), empty, good] });
        const id = await usher.provider.createUser({ userName: ann });
        await usher.provider.createGroup(key, key, [id]);
        await usher.settle();
        expect(await inRoom(good)).toEqual([ann]);
        expect(await readiness(usher.url)).toMatch(/"rooms":{"status":"degraded","detail":"[^"]*nowhere/);
      });

      it('follows an alias to the room that replaced another, and removes nobody from the old one', async () => {
        const [alias, key, ann] = [fresh('old'), fresh('key'), fresh('ann')];
        const old = await owner.createRoom({ alias, version: '11' });
        const usher = await startUsher(homeserver, { [key]: aliasOf(alias) });
        const id = await usher.provider.createUser({ userName: ann });
        await usher.provider.createGroup(key, key, [id]);
        await usher.settle();
        const replacement = await owner.upgradeRoom(old, '12');
        await usher.resync();
        expect([await inRoom(old), await inRoom(replacement)]).toEqual([[ann], [ann]]);
      });
    });

    describe('what people and moderators decide', () => {
      it('respects that somebody left by herself, until she gets the group again', async () => {
        const [room, key] = [await owner.createRoom(), fresh('key')];
        const usher = await startUsher(homeserver, { [key]: room });
        const ann = fresh('ann');
        const id = await usher.provider.createUser({ userName: ann });
        const group = await usher.provider.createGroup(key, key, [id]);
        await usher.settle();
        await (await homeserver.person(ann)).leave(room);
        await usher.resync();
        await usher.resync();
        expect(await inRoom(room)).toEqual([]);
        await usher.provider.removeMembers(group, id);
        await usher.settle();
        await usher.provider.addMembers(group, id);
        await usher.settle();
        expect(await inRoom(room)).toEqual([ann]);
      });

      it('respects the kick and the ban of a moderator', async () => {
        const [room, key] = [await owner.createRoom(), fresh('key')];
        const usher = await startUsher(homeserver, { [key]: room });
        const [kicked, banned] = [fresh('kicked'), fresh('banned')];
        const ids = [
          await usher.provider.createUser({ userName: kicked }),
          await usher.provider.createUser({ userName: banned }),
        ];
        const group = await usher.provider.createGroup(key, key, ids);
        await usher.settle();
        await owner.kick(room, account(kicked));
        await owner.ban(room, account(banned));
        await usher.resync();
        await usher.provider.removeMembers(group, ...ids);
        await usher.settle();
        await usher.provider.addMembers(group, ...ids);
        await usher.settle();
        expect(await inRoom(room)).toEqual([]);
      });
    });

    describe('leaving and coming back', () => {
      it('locks who is deactivated, takes the rooms, and gives both back', async () => {
        const [room, key, ann] = [await owner.createRoom(), fresh('key'), fresh('ann')];
        const usher = await startUsher(homeserver, { [key]: room });
        const id = await usher.provider.createUser({ userName: ann });
        await usher.provider.createGroup(key, key, [id]);
        await usher.settle();
        await usher.provider.putUser(id, { userName: ann, active: false });
        await usher.settle();
        expect(await inRoom(room)).toEqual([]);
        expect((await homeserver.homeserver.account(account(ann)))?.locked).toBe(true);
        await usher.provider.putUser(id, { userName: ann, active: true });
        await usher.settle();
        expect(await inRoom(room)).toEqual([ann]);
        expect((await homeserver.homeserver.account(account(ann)))?.locked).toBe(false);
      });

      it('locks who is deleted, and gives the account back to her who returns under a new id', async () => {
        const [room, key, ann] = [await owner.createRoom(), fresh('key'), fresh('ann')];
        const usher = await startUsher(homeserver, { [key]: room });
        const id = await usher.provider.createUser({ userName: ann });
        const group = await usher.provider.createGroup(key, key, [id]);
        await usher.settle();
        await usher.provider.deleteUser(id);
        await usher.settle();
        expect(await inRoom(room)).toEqual([]);
        expect((await homeserver.homeserver.account(account(ann)))?.locked).toBe(true);
        const again = await usher.provider.createUser({ userName: ann });
        await usher.provider.addMembers(group, again);
        await usher.settle();
        expect(await inRoom(room)).toEqual([ann]);
        expect((await homeserver.homeserver.account(account(ann)))?.locked).toBe(false);
      });

      it.each(['suspend', 'deactivate', 'nothing'] as const)(
        'does to the account what ON_DEACTIVATE=%s says, and undoes it',
        async (setting) => {
          const [room, key, ann] = [await owner.createRoom(), fresh('key'), fresh('ann')];
          const usher = await startUsher(homeserver, { [key]: room }, { env: { ON_DEACTIVATE: setting } });
          const id = await usher.provider.createUser({ userName: ann, email: `${ann}@example.com` });
          await usher.provider.createGroup(key, key, [id]);
          await usher.settle();
          await usher.provider.putUser(id, { userName: ann, active: false });
          await usher.settle();
          expect(await inRoom(room)).toEqual([]);
          expect(await homeserver.homeserver.account(account(ann))).toMatchObject({
            locked: false,
            suspended: setting === 'suspend',
            deactivated: setting === 'deactivate',
          });
          await usher.provider.putUser(id, { userName: ann, email: `${ann}@example.com` });
          await usher.settle();
          expect(await inRoom(room)).toEqual([ann]);
          expect(await homeserver.homeserver.account(account(ann))).toMatchObject({
            locked: false,
            suspended: false,
            deactivated: false,
            threepids: [{ address: `${ann}@example.com` }],
          });
        },
      );

      it('deactivates who was locked before and is deleted then, and gives the account back all the same', async () => {
        const usher = await startUsher(homeserver, {}, { env: { ON_DELETE: 'deactivate' } });
        const ann = fresh('ann');
        const id = await usher.provider.createUser({ userName: ann });
        await usher.settle();
        await usher.provider.putUser(id, { userName: ann, active: false });
        await usher.settle();
        expect(await homeserver.homeserver.account(account(ann))).toMatchObject({
          locked: true,
          deactivated: false,
        });
        await usher.provider.deleteUser(id);
        await usher.settle();
        expect(await homeserver.homeserver.account(account(ann))).toMatchObject({
          locked: false,
          deactivated: true,
        });
        await usher.provider.createUser({ userName: ann });
        await usher.settle();
        expect(await homeserver.homeserver.account(account(ann))).toMatchObject({
          locked: false,
          deactivated: false,
        });
      });

      it('locks the account of somebody who is pushed as inactive, if it is linked to her', async () => {
        const usher = await startUsher(homeserver, {});
        const ann = fresh('ann');
        const link = { provider: IDP, id: `uid-${ann}` };
        await homeserver.homeserver.createAccount(account(ann), {
          displayName: ann,
          externalId: link,
          email: undefined,
        });
        await usher.provider.createUser({ userName: ann, active: false });
        await usher.provider.createUser({ userName: fresh('nobody'), active: false });
        await usher.settle();
        expect((await homeserver.homeserver.account(account(ann)))?.locked).toBe(true);
      });

      it('never hands the account of somebody who is gone to another person of her name', async () => {
        const room = await owner.createRoom();
        const usher = await startUsher(homeserver, { '*': room }, { env: { EXISTING_ACCOUNTS: 'adopt' } });
        const ann = fresh('ann');
        const id = await usher.provider.createUser({ userName: ann, externalId: `first-${ann}` });
        await usher.settle();
        await usher.provider.deleteUser(id);
        await usher.settle();
        await usher.provider.createUser({ userName: ann, externalId: `second-${ann}` });
        await usher.settle();
        expect(await inRoom(room)).toEqual([]);
        expect(await homeserver.homeserver.account(account(ann))).toMatchObject({
          locked: true,
          externalIds: [{ provider: IDP, id: `first-${ann}` }],
        });
        await usher.provider.createUser({ userName: fresh('back'), externalId: `first-${ann}` });
        await usher.settle();
        expect(await inRoom(room)).toEqual([ann]);
      });

      it('keeps the lock of an admin when somebody comes back', async () => {
        const usher = await startUsher(homeserver, {});
        const ann = fresh('ann');
        const id = await usher.provider.createUser({ userName: ann });
        await usher.settle();
        await homeserver.homeserver.restrict(account(ann), 'lock');
        await usher.provider.putUser(id, { userName: ann, active: false });
        await usher.settle();
        await usher.provider.putUser(id, { userName: ann, active: true });
        await usher.resync();
        expect((await homeserver.homeserver.account(account(ann)))?.locked).toBe(true);
      });
    });

    describe('the group map', () => {
      it('takes an edit over while it runs: joins and removals', async () => {
        const [one, two, key, ann] = [
          await owner.createRoom(),
          await owner.createRoom(),
          fresh('key'),
          fresh('ann'),
        ];
        const more = [fresh('key'), fresh('key')];
        const others = Object.fromEntries(more.map((each) => [each, two]));
        const usher = await startUsher(homeserver, { ...others, [key]: one });
        const id = await usher.provider.createUser({ userName: ann });
        // So that the edit is not half of what the map opens.
        for (const each of more) await usher.provider.createGroup(each, each);
        await usher.provider.createGroup(key, key, [id]);
        await usher.settle();
        usher.writeMap({ ...others, [key]: two });
        await expect.poll(() => inRoom(two), { timeout: 10_000 }).toEqual([ann]);
        await expect.poll(() => inRoom(one), { timeout: 10_000 }).toEqual([]);
      });

      it('removes nobody from the old room while the new name of it is not known', async () => {
        const [alias, key, ann] = [fresh('known'), fresh('key'), fresh('ann')];
        const room = await owner.createRoom({ alias });
        const usher = await startUsher(homeserver, { [key]: aliasOf(alias) });
        const id = await usher.provider.createUser({ userName: ann });
        const group = await usher.provider.createGroup(key, key, [id]);
        await usher.settle();
        usher.writeMap({ [key]: aliasOf(fresh('misspelt')) });
        const isTold = async () => (await readiness(usher.url)).includes('misspelt');
        await expect.poll(isTold, { timeout: 10_000 }).toBe(true);
        await usher.settle();
        expect(await inRoom(room)).toEqual([ann]);
        await usher.provider.removeMembers(group, id);
        await usher.settle();
        expect(await inRoom(room)).toEqual([]);
      });

      it('keeps the last good map when an edit is broken, and says so', async () => {
        const [room, key, ann] = [await owner.createRoom(), fresh('key'), fresh('ann')];
        const usher = await startUsher(homeserver, { [key]: room });
        const id = await usher.provider.createUser({ userName: ann });
        await usher.provider.createGroup(key, key, [id]);
        await usher.settle();
        usher.writeMap('{ "broken": ');
        const isDegraded = async () =>
          (await readiness(usher.url)).includes('"groupMap":{"status":"degraded"');
        await expect.poll(isDegraded, { timeout: 10_000 }).toBe(true);
        await usher.resync();
        expect(await inRoom(room)).toEqual([ann]);
      });
    });

    describe('drift and restarts', () => {
      it('mends in a full pass what others changed, and then changes nothing more', async () => {
        const [room, key, ann] = [await owner.createRoom(), fresh('key'), fresh('ann')];
        const usher = await startUsher(homeserver, { [key]: room });
        const id = await usher.provider.createUser({ userName: ann, displayName: 'Ann' });
        await usher.provider.createGroup(key, key, [id]);
        await usher.settle();
        await homeserver.homeserver.updateAccount(account(ann), { displayName: 'Somebody else' });
        await usher.resync();
        expect((await homeserver.homeserver.account(account(ann)))?.displayName).toBe('Ann');
        const made = async () => {
          const metrics = await (await fetch(`${usher.url}/metrics`)).text();
          const lines = metrics.split('\n');
          return lines.filter((line) => /^usher_homeserver_call_.*_count{route="(PUT|POST)/.test(line));
        };
        const before = await made();
        expect(before.length).toBeGreaterThan(0);
        await usher.resync();
        expect(await made()).toEqual(before);
      });

      it('makes everything right in a full pass when every work mark was lost', async () => {
        const [room, key] = [await owner.createRoom(), fresh('key')];
        const usher = await startUsher(homeserver, { [key]: room });
        const [ann, bob, cid] = [fresh('ann'), fresh('bob'), fresh('cid')];
        const annId = await usher.provider.createUser({ userName: ann });
        const bobId = await usher.provider.createUser({ userName: bob });
        const group = await usher.provider.createGroup(key, key, [annId, bobId]);
        await usher.settle();
        await homeserver.stop();
        const cidId = await usher.provider.createUser({ userName: cid });
        await usher.provider.removeMembers(group, annId);
        await usher.provider.addMembers(group, cidId);
        await usher.provider.deleteUser(bobId);
        await usher.close();
        forgetWork(usher.dataDir);
        await homeserver.start();
        const again = await startUsher(homeserver, { [key]: room }, { folder: join(usher.dataDir, '..') });
        await again.settle();
        expect(await inRoom(room)).toEqual([cid]);
        expect((await homeserver.homeserver.account(account(bob)))?.locked).toBe(true);
      });

      it('removes sixty people in a row', async () => {
        const [room, key] = [await owner.createRoom(), fresh('key')];
        const usher = await startUsher(
          homeserver,
          { [key]: room },
          { env: { REMOVAL_LIMIT_PERCENT: '100' } },
        );
        const ids = await Promise.all(
          Array.from({ length: 60 }, () => usher.provider.createUser({ userName: fresh('many') })),
        );
        const group = await usher.provider.createGroup(key, key, ids);
        await usher.settle();
        expect(await inRoom(room)).toHaveLength(60);
        await usher.provider.removeMembers(group, ...ids);
        await usher.settle();
        expect(await inRoom(room)).toEqual([]);
      });

      it('loses nothing when the homeserver stops during a sync', async () => {
        const [room, key] = [await owner.createRoom(), fresh('key')];
        const usher = await startUsher(homeserver, { [key]: room });
        const names = Array.from({ length: 30 }, () => fresh('sync'));
        const ids: string[] = [];
        for (const [index, userName] of names.entries()) {
          if (index === 10) await homeserver.stop();
          ids.push(await usher.provider.createUser({ userName }));
        }
        await usher.provider.createGroup(key, key, ids);
        await homeserver.start();
        await expect.poll(() => inRoom(room), { timeout: 60_000, interval: 250 }).toEqual(names.toSorted());
      });

      it('loses nothing when it is killed in the middle', async () => {
        const [room, key] = [await owner.createRoom(), fresh('key')];
        const env = envFor(homeserver, tempDir(), {
          IDP_GROUP_TO_ROOM: JSON.stringify({ [key]: room }),
          GROUP_MAP_FILE: '',
          LOG_LEVEL: 'info',
        });
        const first = await startUsherProcess(env);
        const provider = createProvider(`${first.url}/scim/v2`, SECRET);
        const names = Array.from({ length: 30 }, () => fresh('kill'));
        const ids = await Promise.all(names.map((userName) => provider.createUser({ userName })));
        await provider.createGroup(key, key, ids);
        await expect
          .poll(async () => (await inRoom(room)).length, { timeout: 60_000, interval: 20 })
          .toBeGreaterThan(3);
        await first.end('SIGKILL');
        expect((await inRoom(room)).length).toBeLessThan(30);
        const second = await startUsherProcess(env);
        await expect.poll(() => inRoom(room), { timeout: 60_000, interval: 250 }).toEqual(names.toSorted());
        await second.end('SIGKILL');
      }, 120_000);
    });
  });
}

async function readiness(url: string): Promise<string> {
  return (await fetch(`${url}/readyz`)).text();
}

function forgetWork(dataDir: string): void {
  const db = new Database(join(dataDir, 'usher.db'));
  expect(db.prepare('DELETE FROM work').run().changes).toBeGreaterThan(0);
  db.close();
}
