import { beforeAll, describe, expect, it } from 'vitest';
import { localpartOf, type RoomId } from '../../src/matrix/ids.ts';
import { openStoreReadOnly } from '../../src/store/sqlite/open-store.ts';
import { approve, heldBy } from '../support/decide.ts';
import type { ActingUser, HomeserverUnderTest } from '../support/homeserver/harness.ts';
import { tempDir } from '../support/temp-dir.ts';
import { usher as runUsher } from '../support/terminal.ts';
import { envFor, startUsher, type UsherUnderTest } from '../support/usher.ts';
import { createGround } from './usher-shared.ts';

/** That nobody is thrown out by accident, and that nothing stays wrong; on any homeserver. */
export function describeSafety(name: string, start: () => Promise<HomeserverUnderTest>): void {
  describe(`Safety on ${name}`, () => {
    const { fresh, account, inRoom, ...ground } = createGround(start);
    let homeserver: HomeserverUnderTest;
    let owner: ActingUser;
    beforeAll(() => {
      homeserver = ground.homeserver();
      owner = ground.owner();
    });
    /** A group of so many, all of them in a room. */
    const crowd = async (size: number, more: object = {}) => {
      const [room, key] = [await owner.createRoom(), fresh('key')];
      const usher = await startUsher(homeserver, { [key]: room, ...more });
      const names = Array.from({ length: size }, () => fresh('p'));
      const ids = await Promise.all(names.map((userName) => usher.provider.createUser({ userName })));
      const group = await usher.provider.createGroup(key, key, ids);
      await usher.settle();
      return { usher, room, key, names, ids, group };
    };
    const command = async (usher: UsherUnderTest, ...argv: readonly string[]) => {
      const env = envFor(homeserver, '', { DATA_DIR: usher.dataDir, ...NO_MAP });
      const { exitCode, stdout } = await runUsher(argv, env);
      return { exitCode, text: stdout };
    };

    describe('a large removal', () => {
      it('of 40 % of a group is held, shown, approved by its digest, and then made', async () => {
        const { usher, room, names, ids, group } = await crowd(15);
        await usher.provider.removeMembers(group, ...ids.slice(0, 6));
        await usher.settle();
        expect(await inRoom(room)).toEqual(names.toSorted());
        const shown = await command(usher, 'held', '--json');
        expect(shown.exitCode).toBe(1);
        const [hold] = JSON.parse(shown.text);
        expect(hold).toMatchObject({ scope: `room:${room}`, count: 6 });
        expect((await command(usher, 'approve', hold.digest)).exitCode).toBe(0);
        await expect.poll(() => inRoom(room), { timeout: 20_000 }).toEqual(names.slice(6).toSorted());
        expect((await command(usher, 'held')).exitCode).toBe(0);
        expect((await command(usher, 'approve', hold.digest)).exitCode).toBe(1);
      });

      it('by another external id of the group throws nobody out', async () => {
        const { usher, room, key, names, ids, group } = await crowd(8);
        const members = ids.map((value) => ({ value }));
        await usher.provider.putGroup(group, { displayName: key, externalId: fresh('other'), members });
        await usher.settle();
        expect(await inRoom(room)).toEqual(names.toSorted());
        expect(await heldBy(usher)).toEqual([`room:${room}`]);
      });

      it('by a bare "remove members" throws nobody out', async () => {
        const { usher, room, names, ids, group } = await crowd(7);
        await usher.provider.patchGroup(group, { op: 'remove', path: 'members' });
        await usher.settle();
        expect(await inRoom(room)).toEqual(names.toSorted());
        await usher.provider.addMembers(group, ...ids);
        await usher.settle();
        await usher.settle();
        expect(await heldBy(usher)).toEqual([]);
        expect(await inRoom(room)).toEqual(names.toSorted());
      });

      it('holds locks too, and lets them go when the people are active again', async () => {
        const { usher, names, ids } = await crowd(8);
        for (const [index, userName] of names.entries()) {
          if (index > 0) await usher.provider.putUser(ids[index] ?? '', { userName, active: false });
        }
        await usher.settle();
        const locked = async (): Promise<number> => {
          const all = await Promise.all(names.map((each) => homeserver.homeserver.account(account(each))));
          return all.filter((each) => each?.locked).length;
        };
        expect(await locked()).toBeLessThanOrEqual(5);
        expect((await heldBy(usher)).length).toBeGreaterThan(0);
        for (const [index, userName] of names.entries()) {
          await usher.provider.putUser(ids[index] ?? '', { userName, active: true });
        }
        await usher.settle();
        await usher.resync();
        expect(await locked()).toBe(0);
        expect(await heldBy(usher)).toEqual([]);
      });
    });

    it('takes nothing from anybody after an old backup was restored, before somebody decided', async () => {
      const folder = tempDir();
      const [room, key, bob, carl] = [await owner.createRoom(), fresh('key'), fresh('bob'), fresh('carl')];
      const map = { [key]: { room, mode: 'exclusive' } };
      const env = { PROTECTED_USERS: owner.userId };
      const before = await startUsher(homeserver, map, { folder, env });
      const ann = fresh('ann');
      const first = await before.provider.createUser({ userName: ann });
      const third = await before.provider.createUser({ userName: carl, active: true });
      const group = await before.provider.createGroup(key, key, [first, third]);
      await before.settle();
      await before.provider.putUser(third, { userName: carl, active: false });
      await before.settle();
      const { text } = await command(before, 'backup');
      const file = /\S+\.db/.exec(text)?.[0] ?? '';
      await before.provider.putUser(third, { userName: carl, active: true });
      const second = await before.provider.createUser({ userName: bob });
      await before.provider.addMembers(group, second);
      await before.settle();
      const all = [ann, bob, carl].sort();
      expect(await inRoom(room)).toEqual(all);
      await before.close();

      expect((await command(before, 'restore', file)).exitCode).toBe(0);
      const after = await startUsher(homeserver, map, { folder, env });
      await after.settle();
      await after.resync();
      expect(await inRoom(room)).toEqual(all);
      expect((await homeserver.homeserver.account(account(carl)))?.locked).toBe(false);
      expect(await heldBy(after)).toEqual(['restored']);

      await after.provider.putUser(third, { userName: carl, active: true });
      const again = await after.provider.createUser({ userName: bob });
      await after.provider.addMembers(group, again);
      await after.settle();
      await approve(after, 'restored');
      await after.resync();
      expect(await inRoom(room)).toEqual(all);
      expect(await heldBy(after)).toEqual([]);
    });

    it('uploads the photo of a person once, changes it when it changes, and leaves one that she chose alone', async () => {
      const usher = await startUsher(homeserver, {}, { env: { AVATARS: 'sync' } });
      const [ann, ben] = [fresh('ann'), fresh('ben')];
      const photo = (colour: string) => `data:image/png;base64,${PIXELS[colour]}`;
      const avatarOf = async (localpart: string) =>
        (await homeserver.homeserver.account(account(localpart)))?.avatarUrl;
      const id = await usher.provider.createUser({ userName: ann, photo: photo('red') });
      const other = await usher.provider.createUser({ userName: ben, photo: photo('red') });
      await usher.settle();
      const first = (await avatarOf(ann)) ?? '';
      const { contentType, bytes } = await homeserver.download(first);
      expect([contentType, Buffer.from(bytes).toString('base64')]).toEqual(['image/png', PIXELS.red]);
      await usher.provider.putUser(id, { userName: ann, displayName: 'Ann Lee', photo: photo('red') });
      await usher.settle();
      await usher.resync();
      expect(await avatarOf(ann)).toBe(first);
      await usher.provider.putUser(id, { userName: ann, photo: photo('blue') });
      await usher.settle();
      const second = (await avatarOf(ann)) ?? '';
      expect(second).not.toBe(first);
      expect(Buffer.from((await homeserver.download(second)).bytes).toString('base64')).toBe(PIXELS.blue);

      await (await homeserver.person(ben)).setAvatar(second);
      await usher.provider.putUser(other, { userName: ben, photo: photo('blue') });
      await usher.settle();
      expect(await avatarOf(ben)).toBe(second);
    });

    it('goes down the ladder with its delays, and gives everything back at each step', async () => {
      const [room, key, ann] = [await owner.createRoom(), fresh('key'), fresh('ann')];
      const env = { ON_DEACTIVATE: 'lock, deactivate after 1s, erase after 2s' };
      const usher = await startUsher(homeserver, { [key]: room }, { env });
      const person = { userName: ann, displayName: 'Ann Lee', email: `${ann}@example.com` };
      const id = await usher.provider.createUser(person);
      await usher.provider.createGroup(key, key, [id]);
      await usher.settle();
      const state = async () => {
        const found = await homeserver.homeserver.account(account(ann));
        return [found?.locked, found?.deactivated, found?.displayName];
      };
      for (const seconds of [0, 1, 2]) {
        const leftAt = Date.now();
        await usher.provider.putUser(id, { ...person, active: false });
        await usher.settle();
        expect(await inRoom(room)).toEqual([]);
        for (let step = 1; step <= seconds; step += 1) {
          while (Date.now() < leftAt + step * 1000 + 200) await new Promise((done) => setTimeout(done, 50));
          await usher.resync();
        }
        const [locked, deactivated] = await state();
        expect(deactivated).toBe(seconds > 0);
        if (seconds === 0) expect(locked).toBe(true);
        // MAS tells Synapse of an erasure some moments later.
        if (seconds === 2) await expect.poll(async () => (await state())[2]).not.toBe('Ann Lee');
        await usher.provider.putUser(id, person);
        await usher.settle();
        expect(await state()).toEqual([false, false, 'Ann Lee']);
        expect(await inRoom(room)).toEqual([ann]);
        const back = await homeserver.homeserver.account(account(ann));
        expect(back?.threepids).toEqual([{ medium: 'email', address: `${ann}@example.com` }]);
        expect(back?.externalIds).toHaveLength(1);
      }
    });

    describe('what was changed by hand is mended by the next full pass, with the reason in the journal', () => {
      const reasons = async (usher: UsherUnderTest, localpart: string): Promise<string> => {
        const store = openStoreReadOnly(usher.dataDir);
        const rows = await store.journal.find({ account: account(localpart), limit: 20 });
        await store.close();
        return rows.map(({ detail, cause }) => `${detail} (${cause})`).join('\n');
      };
      const asBot = async (room: RoomId, action: string, localpart: string): Promise<void> => {
        const { status } = await homeserver.request(
          'POST',
          `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/${action}`,
          { user_id: account(localpart) },
        );
        expect(status).toBe(200);
      };

      it('1: a member who was removed with the token of the bot', async () => {
        const { usher, room, names } = await crowd(2);
        const [ann = ''] = names;
        await asBot(room, 'kick', ann);
        await usher.resync();
        expect(await inRoom(room)).toEqual(names.toSorted());
        expect(await reasons(usher, ann)).toContain('she was not in');
      });

      it('2: an account that was renamed', async () => {
        const { usher, names } = await crowd(1);
        const [ann = ''] = names;
        await (await homeserver.person(ann)).setDisplayName('Somebody Else');
        await usher.resync();
        expect((await homeserver.homeserver.account(account(ann)))?.displayName).toBe(ann);
        expect(await reasons(usher, ann)).toContain('Somebody Else');
      });

      it('3: an account that was unlocked', async () => {
        const { usher, names, ids } = await crowd(2);
        const [ann = ''] = names;
        await usher.provider.putUser(ids[0] ?? '', { userName: ann, active: false });
        await usher.settle();
        await homeserver.homeserver.unrestrict(account(ann), 'lock');
        await usher.resync();
        expect((await homeserver.homeserver.account(account(ann)))?.locked).toBe(true);
        expect(await reasons(usher, ann)).toContain('was unlocked by somebody');
      });

      it('4: an account that was reactivated', async () => {
        const [key, ann] = [fresh('key'), fresh('ann')];
        const usher = await startUsher(homeserver, { [key]: await owner.createRoom() }, { env: DEACTIVATES });
        const id = await usher.provider.createUser({ userName: ann });
        await usher.settle();
        await usher.provider.putUser(id, { userName: ann, active: false });
        await usher.settle();
        await homeserver.homeserver.unrestrict(account(ann), 'deactivate');
        await usher.resync();
        expect((await homeserver.homeserver.account(account(ann)))?.deactivated).toBe(true);
      });

      const levelled = async () => {
        const [room, key, ann] = [await owner.createRoom(), fresh('key'), fresh('ann')];
        const usher = await startUsher(homeserver, { [key]: { room, powerLevel: 50 } });
        const id = await usher.provider.createUser({ userName: ann });
        await usher.provider.createGroup(key, key, [id]);
        await usher.settle();
        const level = async (): Promise<number | undefined> =>
          (await homeserver.homeserver.room(room))?.powerLevels.users.get(account(ann));
        return { room, ann, usher, level };
      };

      it('5: a power level that was taken', async () => {
        const { room, ann, usher, level } = await levelled();
        await owner.setPower(room, account(ann), 0);
        await usher.resync();
        expect(await level()).toBe(50);
        expect(await reasons(usher, ann)).toContain('power level 50');
      });

      it('6: a power level that was raised', async () => {
        const { room, ann, usher, level } = await levelled();
        await owner.setPower(room, account(ann), 75);
        await usher.resync();
        expect(await level()).toBe(50);
      });

      it('7: a bot that was removed from the room', async () => {
        const { usher, room, names, ids, group } = await crowd(2);
        const creator = await homeserver.person('owner');
        await usher.provider.removeMembers(group, ids[1] ?? '');
        await usher.settle();
        await creator.kick(room, homeserver.bot).catch(() => creator.setPower(room, homeserver.bot, 0));
        await usher.provider.addMembers(group, ids[1] ?? '');
        await usher.settle();
        await usher.resync();
        expect(await inRoom(room)).toEqual(names.toSorted());
      });

      it('8: a stranger in an exclusive room', async () => {
        const [room, key, ann] = [await owner.createRoom(), fresh('key'), fresh('ann')];
        const env = { PROTECTED_USERS: owner.userId };
        const usher = await startUsher(homeserver, { [key]: { room, mode: 'exclusive' } }, { env });
        await usher.provider.createGroup(key, key, [await usher.provider.createUser({ userName: ann })]);
        await usher.settle();
        const stranger = await homeserver.person(fresh('stranger'));
        for (const step of ['first', 'again']) {
          await owner.invite(room, stranger.userId);
          await stranger.join(room);
          await usher.resync();
          if (step === 'first') await approve(usher, `exclusive:${room}`);
        }
        expect(await inRoom(room)).toEqual([ann]);
        expect(await reasons(usher, localpartOf(stranger.userId))).toContain('no group lets her in');
      });

      it('9: somebody who left where that is undone', async () => {
        const [room, key, ann] = [await owner.createRoom(), fresh('key'), fresh('ann')];
        const usher = await startUsher(homeserver, { [key]: { room, leave: 'undone' } });
        await usher.provider.createGroup(key, key, [await usher.provider.createUser({ userName: ann })]);
        await usher.settle();
        await (await homeserver.person(ann)).leave(room);
        await usher.resync();
        expect(await inRoom(room)).toEqual([ann]);
      });

      it('10: an alias that was moved to another room', async () => {
        const [key, ann, alias] = [fresh('key'), fresh('ann'), fresh('alias')];
        const [old, next] = [await owner.createRoom({ alias }), await owner.createRoom()];
        const full = `#${alias}:${homeserver.serverName}`;
        const usher = await startUsher(homeserver, { [key]: full });
        await usher.provider.createGroup(key, key, [await usher.provider.createUser({ userName: ann })]);
        await usher.settle();
        expect(await inRoom(old)).toEqual([ann]);
        const path = `/_matrix/client/v3/directory/room/${encodeURIComponent(full)}`;
        await homeserver.request('DELETE', path);
        await homeserver.request('PUT', path, { room_id: next });
        await usher.resync();
        expect(await inRoom(next)).toEqual([ann]);
        expect(await inRoom(old)).toEqual([]);
      });

      it('and a second pass over a right world changes nothing', async () => {
        const { usher, room, names } = await crowd(3);
        await usher.resync();
        const before = await reasons(usher, names[0] ?? '');
        await usher.resync();
        expect(await reasons(usher, names[0] ?? '')).toBe(before);
        expect(await inRoom(room)).toEqual(names.toSorted());
      });
    });
  });
}

/** A pixel of each colour, in PNG. */
const PIXELS: Readonly<Record<string, string>> = {
  red: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC',
  blue: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYPgPAAEDAQAIicLsAAAAAElFTkSuQmCC',
};
const NO_MAP = { GROUP_MAP_FILE: '', IDP_GROUP_TO_ROOM: '{}' };
const DEACTIVATES = { ON_DEACTIVATE: 'deactivate' };
