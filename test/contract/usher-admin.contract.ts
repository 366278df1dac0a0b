import { beforeAll, describe, expect, it } from 'vitest';
import { openStoreReadOnly } from '../../src/store/sqlite/open-store.ts';
import { approve, heldBy } from '../support/decide.ts';
import type { HomeserverUnderTest } from '../support/homeserver/harness.ts';
import { tempDir } from '../support/temp-dir.ts';
import { startUsher, type UsherUnderTest } from '../support/usher.ts';
import { createGround } from './usher-shared.ts';

type Options = Parameters<typeof startUsher>[2];

/** That a group makes server admins and nobody else is touched by it; on any homeserver. */
export function describeServerAdmins(name: string, start: () => Promise<HomeserverUnderTest>): void {
  describe(`Server admins on ${name}`, () => {
    const { fresh, account, ...ground } = createGround(start);
    let homeserver: HomeserverUnderTest;
    beforeAll(() => {
      homeserver = ground.homeserver();
    });

    /** What only a server admin is told, asked with her own token. */
    const mayAdminister = async (localpart: string): Promise<boolean> => {
      const { token } = await homeserver.person(localpart);
      return (await homeserver.request('GET', ADMIN_ONLY, undefined, token)).status === 200;
    };
    const found = async (localpart: string) => {
      const { admin, locked, displayName } = (await homeserver.homeserver.account(account(localpart))) ?? {};
      return { admin, locked, displayName };
    };
    const adminsAmong = async (names: readonly string[]): Promise<readonly string[]> => {
      const all = (await homeserver.homeserver.admins()).map(({ userId }) => userId);
      return names.filter((each) => all.includes(account(each)));
    };
    /** Nobody is one but the bot, and who is named. */
    const onlyAdmins = async (...names: readonly string[]): Promise<void> => {
      for (const { userId } of await homeserver.homeserver.admins()) {
        if (userId !== homeserver.bot) await homeserver.homeserver.setAdmin(userId, false);
      }
      for (const each of names) await homeserver.admin(each);
    };
    /** A group of so many, whose members are server admins, beside one who is one already. */
    const admins = async (size: number, options: Options = {}) => {
      await onlyAdmins(fresh('keeper'));
      const key = fresh('key');
      const usher = await startUsher(homeserver, { [key]: { admin: true } }, options);
      const names = Array.from({ length: size }, () => fresh('p'));
      const ids = await Promise.all(names.map((userName) => usher.provider.createUser({ userName })));
      const group = await usher.provider.createGroup(key, key, ids);
      await usher.settle();
      return { usher, key, names, ids, group, ann: names[0] ?? '', id: ids[0] ?? '' };
    };
    const journalOf = async (usher: UsherUnderTest): Promise<readonly string[]> => {
      const store = openStoreReadOnly(usher.dataDir);
      const rows = await store.journal.find({ outcome: 'done', limit: 100 });
      await store.close();
      return rows.map(({ detail, cause }) => `${detail} (${cause})`);
    };
    const conflictsOf = async (usher: UsherUnderTest): Promise<readonly string[]> => {
      const store = openStoreReadOnly(usher.dataDir);
      const failing = await store.work.failing(100);
      await store.close();
      return failing.flatMap(({ lastError }) => lastError?.message ?? []);
    };

    describe('a group', () => {
      it('makes its members server admins, those who come later too, and takes it when they leave', async () => {
        const { usher, names, ids, group, ann } = await admins(2);
        const ben = fresh('ben');
        const other = await usher.provider.createUser({ userName: ben });
        await usher.settle();
        expect(await adminsAmong([...names, ben])).toEqual(names);
        expect([await mayAdminister(ann), await mayAdminister(ben)]).toEqual([true, false]);

        await usher.provider.addMembers(group, other);
        await usher.provider.removeMembers(group, ids[0] ?? '');
        await usher.settle();
        expect(await adminsAmong([...names, ben])).toEqual([names[1], ben]);
        expect([await mayAdminister(ann), await mayAdminister(ben)]).toEqual([false, true]);
      });

      it('makes nobody one where the map does not say so, or says false', async () => {
        const [key, ann] = [fresh('key'), fresh('ann')];
        const usher = await startUsher(homeserver, { [key]: { admin: false } });
        const id = await usher.provider.createUser({ userName: ann });
        await usher.provider.createGroup(key, key, [id]);
        await usher.settle();
        expect(await found(ann)).toMatchObject({ admin: false });
        usher.writeMap({ [key]: [] });
        await usher.resync();
        expect(await found(ann)).toMatchObject({ admin: false });
      });

      it('makes nobody one in a dry run', async () => {
        const { names } = await admins(1, { env: { DRY_RUN: 'true' } });
        expect(await adminsAmong(names)).toEqual([]);
      });

      it('loses it in the map, and with it its members; a map that is broken takes nothing', async () => {
        const { usher, key, names } = await admins(1);
        usher.writeMap('{ "');
        await usher.resync();
        expect(await adminsAmong(names)).toEqual(names);
        usher.writeMap({ [key]: [], 'name:Nobody pushed this': { admin: true } });
        await expect.poll(() => adminsAmong(names), { timeout: 20_000 }).toEqual([]);
      });

      it('that was deleted makes nobody one any more', async () => {
        const { usher, group, names, ids } = await admins(2);
        // Without any group left, all would be held.
        await usher.provider.createGroup(fresh('other'), fresh('other'), ids);
        await usher.provider.deleteGroup(group);
        await usher.settle();
        expect(await adminsAmong(names)).toEqual([]);
      });
    });

    describe('a server admin whom a group made one', () => {
      it('is renamed as anybody is', async () => {
        const { usher, ann, id } = await admins(1);
        await usher.provider.putUser(id, { userName: ann, displayName: 'Ann Lee' });
        await usher.settle();
        expect(await found(ann)).toMatchObject({ admin: true, displayName: 'Ann Lee' });
      });

      it('is none any more, and locked, when she is deactivated; and gets both back', async () => {
        const { usher, ann, id } = await admins(1);
        await usher.provider.putUser(id, { userName: ann, active: false });
        await usher.settle();
        expect(await found(ann)).toMatchObject({ admin: false, locked: true });
        await usher.provider.putUser(id, { userName: ann, active: true });
        await usher.settle();
        expect(await found(ann)).toMatchObject({ admin: true, locked: false });
      });

      it('is none any more as soon as she is deleted, though her account is kept for a while', async () => {
        const { usher, ann, id } = await admins(1, { env: { ON_DELETE: 'lock after 1h' } });
        await usher.provider.deleteUser(id);
        await usher.settle();
        expect(await found(ann)).toMatchObject({ admin: false, locked: false });
      });

      it('is one again after somebody took it by hand, with the reason in the journal', async () => {
        const { usher, ann } = await admins(1);
        await homeserver.homeserver.setAdmin(account(ann), false);
        await usher.resync();
        expect(await found(ann)).toMatchObject({ admin: true });
        expect((await journalOf(usher))[0]).toBe(
          `make ${account(ann)} a server admin (full pass: the account was no server admin any more)`,
        );
      });

      it('is left as she is by a restart', async () => {
        const folder = tempDir();
        const { usher, key, names } = await admins(2, { folder });
        const before = await journalOf(usher);
        await usher.close();
        const again = await startUsher(homeserver, { [key]: { admin: true } }, { folder });
        await again.settle();
        await again.resync();
        expect(await journalOf(again)).toEqual(before);
        expect(await adminsAmong(names)).toEqual(names);
      });
    });

    it('leaves those alone whom somebody else made one, whatever the provider says', async () => {
      const { usher, group } = await admins(0);
      const [ann, ben] = [fresh('ann'), fresh('ben')];
      const [first, second] = [
        await usher.provider.createUser({ userName: ann }),
        await usher.provider.createUser({ userName: ben }),
      ];
      await usher.settle();
      for (const each of [ann, ben]) await homeserver.homeserver.setAdmin(account(each), true);
      await usher.provider.addMembers(group, first);
      await usher.settle();
      await usher.provider.removeMembers(group, first);
      await usher.provider.putUser(second, { userName: ben, active: false });
      await usher.settle();
      await usher.resync();
      for (const each of [ann, ben]) expect(await found(each)).toMatchObject({ admin: true, locked: false });
    });

    it('holds what is above the limit, and takes it once somebody approved', async () => {
      const { usher, group, names, ids } = await admins(7);
      await usher.provider.removeMembers(group, ...ids.slice(0, 6));
      await usher.settle();
      expect(await adminsAmong(names)).toEqual(names);
      expect(await heldBy(usher)).toEqual(['admins']);
      await approve(usher, 'admins');
      expect(await adminsAmong(names)).toEqual(names.slice(6));
      expect(await heldBy(usher)).toEqual([]);
    });

    describe('the last server admin beside the bot', () => {
      it('stays one, with the use of her account, until there is another', async () => {
        const { usher, ann, id, group } = await admins(1);
        await onlyAdmins();
        await homeserver.homeserver.setAdmin(account(ann), true);
        await usher.provider.removeMembers(group, id);
        await usher.settle();
        expect(await found(ann)).toMatchObject({ admin: true, locked: false });
        await usher.provider.putUser(id, { userName: ann, active: false });
        await usher.settle();
        expect(await found(ann)).toMatchObject({ admin: true, locked: false });
        expect(await conflictsOf(usher)).toEqual([expect.stringContaining('is the last server admin')]);

        const [gone, next] = [fresh('gone'), fresh('next')];
        await homeserver.admin(gone);
        await homeserver.homeserver.restrict(account(gone), 'lock');
        await usher.resync();
        expect(await found(ann)).toMatchObject({ admin: true, locked: false });
        await homeserver.admin(next);
        await usher.resync();
        expect(await found(ann)).toMatchObject({ admin: false, locked: true });
        expect(await conflictsOf(usher)).toEqual([]);
      });

      it('is one of those who leave together', async () => {
        const { usher, names, group, ids } = await admins(3);
        await onlyAdmins();
        for (const each of names) await homeserver.homeserver.setAdmin(account(each), true);
        await usher.provider.removeMembers(group, ...ids);
        await usher.settle();
        expect(await adminsAmong(names)).toHaveLength(1);
      });
    });
  });
}

const ADMIN_ONLY = '/_synapse/admin/v2/users?guests=false&limit=1';
