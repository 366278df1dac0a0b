import { describe, expect, it } from 'vitest';
import type { AccountSummary, NewAccount } from '../../src/matrix/homeserver.ts';
import { userId } from '../../src/matrix/ids.ts';
import type { Shared } from './homeserver-shared.ts';

const nothing: NewAccount = { displayName: undefined, externalId: undefined, email: undefined };

/** What only a server admin is told. */
const ADMIN_ONLY = '/_synapse/admin/v2/users?guests=false&limit=1';

export function describeAccounts(shared: Shared): void {
  const idOf = (localpart: string) => userId(localpart, shared.server.serverName);
  const externalId = (id: string) => ({ provider: 'oidc-idp', id });

  describe('identify', () => {
    it('tells whose token it is, that she is an admin, and a version', async () => {
      const { homeserver, bot } = shared.server;
      const identity = await homeserver.identify();
      expect(identity).toMatchObject({
        userId: bot,
        admin: true,
        serverVersion: expect.stringMatching(/^\d+\.\d+/),
      });
    });
  });

  describe('accounts', () => {
    it('creates an account that is found by its id, its external id and its e-mail', async () => {
      const { homeserver } = shared.server;
      const ann = idOf(shared.fresh('ann'));
      const email = `${shared.fresh('Ann')}@Example.org`;
      await homeserver.createAccount(ann, {
        displayName: 'Ann',
        externalId: externalId(`ext/${ann}`),
        email,
      });

      expect(await homeserver.account(ann)).toEqual({
        userId: ann,
        displayName: 'Ann',
        externalIds: [externalId(`ext/${ann}`)],
        threepids: [{ medium: 'email', address: email.toLowerCase() }],
        admin: false,
        appservice: false,
        deactivated: false,
        locked: false,
        suspended: false,
        avatarUrl: undefined,
      });
      expect(await homeserver.accountByExternalId(externalId(`ext/${ann}`))).toBe(ann);
      expect(await homeserver.accountByEmail(email.toUpperCase())).toBe(ann);
    });

    it('knows no account by an id, external id or e-mail that nobody has', async () => {
      const { homeserver } = shared.server;
      expect(await homeserver.account(idOf('nobody'))).toBeUndefined();
      expect(await homeserver.accountByExternalId(externalId('nobody'))).toBeUndefined();
      expect(await homeserver.accountByEmail('nobody@example.org')).toBeUndefined();
    });

    it('tells admins and appservice users from others', async () => {
      const { homeserver } = shared.server;
      const bridged = await shared.server.appserviceUser(shared.fresh('_bridge_'));
      const { userId: boss } = await shared.server.admin(shared.fresh('boss'));
      expect(await homeserver.account(boss)).toMatchObject({ admin: true, appservice: false });
      expect(await homeserver.account(bridged)).toMatchObject({ admin: false, appservice: true });
    });

    it('makes an account a server admin and takes that right, each as often as it is asked to', async () => {
      const { homeserver, bot } = shared.server;
      const ann = await shared.server.person(shared.fresh('ann'));
      const isListed = async () => (await homeserver.admins()).some(({ userId }) => userId === ann.userId);
      const mayAdminister = async () => {
        // Not by the session that she has: where MAS signs people in, that keeps what it got.
        const token = await shared.server.logIn(ann.userId);
        const { status } = await shared.server.request('GET', ADMIN_ONLY, undefined, token);
        return status === 200;
      };
      for (const isAdmin of [true, true, false, false]) {
        await homeserver.setAdmin(ann.userId, isAdmin);
        expect(await homeserver.account(ann.userId)).toMatchObject({ admin: isAdmin });
        expect([await isListed(), await mayAdminister()]).toEqual([isAdmin, isAdmin]);
      }
      expect(await homeserver.admins()).toContainEqual({ userId: bot, deactivated: false, locked: false });
    });

    it('lists admins that are locked and deactivated, and says so', async () => {
      const { homeserver } = shared.server;
      const [ann, bob] = [idOf(shared.fresh('ann')), idOf(shared.fresh('bob'))];
      for (const each of [ann, bob]) {
        await homeserver.createAccount(each, nothing);
        await homeserver.setAdmin(each, true);
      }
      await homeserver.restrict(ann, 'lock');
      await homeserver.restrict(bob, 'deactivate');
      const admins = await homeserver.admins();
      expect(admins).toContainEqual({ userId: ann, deactivated: false, locked: true });
      expect(admins).toContainEqual({ userId: bob, deactivated: true, locked: false });
      for (const each of [ann, bob]) await homeserver.setAdmin(each, false);
    });

    it('neither makes an admin of an account that does not exist, nor takes the right of the bot', async () => {
      const { homeserver, bot } = shared.server;
      const nobody = idOf(shared.fresh('nobody'));
      await expect(homeserver.setAdmin(nobody, true)).rejects.toMatchObject({ kind: 'not-found' });
      expect(await homeserver.account(nobody)).toBeUndefined();
      await expect(homeserver.setAdmin(bot, false)).rejects.toMatchObject({ kind: 'refused' });
      expect(await homeserver.identify()).toMatchObject({ admin: true });
    });

    it.each([
      ['upper case', 'Ann'],
      ['a blank', 'ann ann'],
      ['digits only', '12345'],
      ['an underscore at its beginning', '_ann'],
    ])('refuses a localpart with %s', async (_, localpart) => {
      await expect(shared.server.homeserver.createAccount(idOf(localpart), nothing)).rejects.toMatchObject({
        kind: 'refused',
      });
    });

    it('refuses an external id that another account has', async () => {
      const { homeserver } = shared.server;
      const [ann, bob] = [idOf(shared.fresh('ann')), idOf(shared.fresh('bob'))];
      await homeserver.createAccount(ann, { ...nothing, externalId: externalId(ann) });
      const creation = homeserver.createAccount(bob, { ...nothing, externalId: externalId(ann) });
      await expect(creation).rejects.toMatchObject({ name: 'HomeserverError', kind: 'refused' });
      expect(await homeserver.accountByExternalId(externalId(ann))).toBe(ann);
    });

    it('links the account also when its e-mail is refused, so that a second try finds it', async () => {
      const { homeserver } = shared.server;
      const ann = idOf(shared.fresh('ann'));
      const account = { displayName: 'Ann', externalId: externalId(ann), email: 'not an address' };
      await expect(homeserver.createAccount(ann, account)).rejects.toMatchObject({ kind: 'refused' });
      expect(await homeserver.accountByExternalId(externalId(ann))).toBe(ann);
      expect(await homeserver.account(ann)).toMatchObject({ displayName: 'Ann', threepids: [] });
    });

    it('changes only the fields given, and replaces a list as a whole', async () => {
      const { homeserver } = shared.server;
      const ann = idOf(shared.fresh('ann'));
      const email = `${shared.fresh('ann')}@example.org`;
      await homeserver.createAccount(ann, { displayName: 'Ann', externalId: externalId(ann), email });
      await homeserver.updateAccount(ann, { displayName: 'Ann B' });
      await homeserver.updateAccount(ann, { externalIds: [externalId(`${ann}-2`), externalId(`${ann}-3`)] });

      const account = await homeserver.account(ann);
      expect(account).toMatchObject({
        displayName: 'Ann B',
        threepids: [{ medium: 'email', address: email }],
      });
      expect(new Set(account?.externalIds)).toEqual(
        new Set([externalId(`${ann}-2`), externalId(`${ann}-3`)]),
      );
      await homeserver.updateAccount(ann, { threepids: [] });
      expect(await homeserver.account(ann)).toMatchObject({ threepids: [] });
    });

    it('refuses an account of another homeserver', async () => {
      const { homeserver } = shared.server;
      const stranger = userId('ann', 'elsewhere.invalid');
      const refused = { kind: 'refused' };
      await expect(homeserver.account(stranger)).rejects.toMatchObject(refused);
      await expect(homeserver.createAccount(stranger, nothing)).rejects.toMatchObject(refused);
      await expect(homeserver.updateAccount(stranger, { displayName: 'A' })).rejects.toMatchObject(refused);
      await expect(homeserver.restrict(stranger, 'lock')).rejects.toMatchObject(refused);
      await expect(homeserver.restrict(stranger, 'erase')).rejects.toMatchObject(refused);
      await expect(homeserver.isNameFree(stranger)).rejects.toMatchObject(refused);
    });

    it('lists every account, deactivated and locked ones too', async () => {
      const { homeserver, bot } = shared.server;
      const [ann, bob, cid] = [
        idOf(shared.fresh('ann')),
        idOf(shared.fresh('bob')),
        idOf(shared.fresh('cid')),
      ];
      await homeserver.createAccount(ann, { ...nothing, displayName: 'Ann' });
      await homeserver.createAccount(bob, nothing);
      await homeserver.createAccount(cid, nothing);
      await homeserver.restrict(bob, 'lock');
      await homeserver.restrict(cid, 'deactivate');

      const listed = new Map<string, AccountSummary>();
      for await (const account of homeserver.accounts()) listed.set(account.userId, account);
      expect(listed.get(bot)).toBeDefined();
      const ordinary = { userId: ann, displayName: 'Ann', deactivated: false, locked: false };
      expect(listed.get(ann)).toEqual(ordinary);
      expect(listed.get(bob)).toMatchObject({ deactivated: false, locked: true });
      expect(listed.get(cid)).toMatchObject({ deactivated: true, locked: false });
    });
  });

  describe('restrictions', () => {
    it.each([
      ['lock', { locked: true }, { locked: false }],
      ['suspend', { suspended: true }, { suspended: false }],
      ['deactivate', { deactivated: true }, { deactivated: false }],
      ['erase', { deactivated: true }, { deactivated: false }],
    ] as const)('%ss an account and takes it back, twice as well as once', async (restriction, on, off) => {
      const { homeserver } = shared.server;
      const ann = idOf(shared.fresh('ann'));
      await homeserver.createAccount(ann, nothing);
      await homeserver.restrict(ann, restriction);
      await homeserver.restrict(ann, restriction);
      expect(await homeserver.account(ann)).toMatchObject(on);
      await homeserver.unrestrict(ann, restriction);
      await homeserver.unrestrict(ann, restriction);
      expect(await homeserver.account(ann)).toMatchObject(off);
    });

    it.each(['lock', 'suspend', 'deactivate', 'erase'] as const)(
      'does not make an account by a %s or by an update of one that does not exist',
      async (restriction) => {
        const { homeserver } = shared.server;
        const nobody = idOf(shared.fresh('nobody'));
        await expect(homeserver.restrict(nobody, restriction)).rejects.toMatchObject({ kind: 'not-found' });
        await expect(homeserver.updateAccount(nobody, { displayName: 'N' })).rejects.toMatchObject({
          kind: 'not-found',
        });
        expect(await homeserver.account(nobody)).toBeUndefined();
      },
    );

    it('leaves the rooms of a locked account as they are, and soon takes those of a deactivated one', async () => {
      const { homeserver } = shared.server;
      const owner = await shared.server.person(shared.fresh('owner'));
      const ann = await shared.server.person(shared.fresh('ann'));
      const room = await owner.createRoom({ joinRule: 'public' });
      await ann.join(room);
      await homeserver.restrict(ann.userId, 'lock');
      expect(await homeserver.joinedMembers(room)).toContain(ann.userId);
      await homeserver.unrestrict(ann.userId, 'lock');
      await homeserver.restrict(ann.userId, 'deactivate');
      const members = async () => [...((await homeserver.joinedMembers(room)) ?? [])];
      await expect.poll(members, { timeout: 10_000 }).toEqual([owner.userId]);
    });
  });
}
