import { beforeAll, describe, expect, it } from 'vitest';
import type { Room } from '../../src/matrix/homeserver.ts';
import { localpartOf, type RoomId } from '../../src/matrix/ids.ts';
import { approve, heldBy } from '../support/decide.ts';
import type { ActingUser, HomeserverUnderTest } from '../support/homeserver/harness.ts';
import { startUsher, type UsherUnderTest } from '../support/usher.ts';
import { createGround } from './usher-shared.ts';

/** Who may be in a room and with which power, on any homeserver: modes, levels, spaces, rooms that are made. */
export function describeUsherInRooms(name: string, start: () => Promise<HomeserverUnderTest>): void {
  describe(`Usher in the rooms of ${name}`, () => {
    const { fresh, account, aliasOf, inRoom, ...ground } = createGround(start);
    let homeserver: HomeserverUnderTest;
    let owner: ActingUser;
    beforeAll(() => {
      homeserver = ground.homeserver();
      owner = ground.owner();
    });
    const roomOf = async (room: RoomId): Promise<Room> => {
      const found = await homeserver.homeserver.room(room);
      if (found === undefined) throw new Error(`no room ${room}`);
      return found;
    };
    const levelOf = async (room: RoomId, localpart: string): Promise<number> => {
      const { powerLevels } = await roomOf(room);
      return powerLevels.users.get(account(localpart)) ?? powerLevels.usersDefault;
    };
    /** A group with one member, who is in the rooms of the map. */
    const member = async (
      usher: UsherUnderTest,
      key: string,
    ): Promise<{ readonly ann: string; readonly id: string; readonly group: string }> => {
      const ann = fresh('ann');
      const id = await usher.provider.createUser({ userName: ann });
      const group = await usher.provider.createGroup(key, key, [id]);
      await usher.settle();
      return { ann, id, group };
    };

    describe('exclusive rooms', () => {
      it('are asked about before the first stranger is removed, and then are the whole truth', async () => {
        const [room, key, bob] = [
          await owner.createRoom(),
          fresh('key'),
          await homeserver.person(fresh('bob')),
        ];
        await owner.invite(room, bob.userId);
        await bob.join(room);
        const env = { PROTECTED_USERS: owner.userId };
        const usher = await startUsher(homeserver, { [key]: { room, mode: 'exclusive' } }, { env });
        const { ann } = await member(usher, key);
        await usher.resync();
        expect(await inRoom(room)).toEqual([ann, localpartOf(bob.userId)].sort());
        expect(await heldBy(usher)).toEqual([`exclusive:${room}`]);
        await approve(usher, `exclusive:${room}`);
        expect(await inRoom(room)).toEqual([ann]);
        expect(await heldBy(usher)).toEqual([]);

        await owner.invite(room, bob.userId);
        await bob.join(room);
        await usher.resync();
        expect(await inRoom(room)).toEqual([ann]);
        const members = await homeserver.homeserver.joinedMembers(room);
        expect(members?.has(owner.userId)).toBe(true);
        expect(members?.has(homeserver.bot)).toBe(true);
      });

      it('keep server admins and appservice users, and everybody while a group was never pushed', async () => {
        const [room, key, missing] = [await owner.createRoom(), fresh('key'), fresh('missing')];
        const admin = await homeserver.admin(fresh('admin'));
        const bridge = await homeserver.appserviceUser(fresh('bridge'));
        const bob = await homeserver.person(fresh('bob'));
        for (const person of [admin, bob]) {
          await owner.invite(room, person.userId);
          await person.join(room);
        }
        const env = { PROTECTED_USERS: owner.userId };
        const exclusive = { room, mode: 'exclusive' };
        const usher = await startUsher(homeserver, { [key]: exclusive, [missing]: exclusive }, { env });
        const { ann } = await member(usher, key);
        await homeserver.homeserver.join(room, bridge);
        await usher.resync();
        const all = [ann, ...[admin.userId, bridge, bob.userId].map(localpartOf)].sort();
        expect(await inRoom(room)).toEqual(all);
        expect(await heldBy(usher)).toEqual([]);
        await usher.provider.createGroup(missing, missing);
        await usher.resync();
        await approve(usher, `exclusive:${room}`);
        await usher.resync();
        expect(await inRoom(room)).toEqual(all.filter((each) => each !== localpartOf(bob.userId)));
      });
    });

    it('puts back who left by herself where the map says so', async () => {
      const [room, key] = [await owner.createRoom(), fresh('key')];
      const usher = await startUsher(homeserver, { [key]: { room, leave: 'undone' } });
      const { ann } = await member(usher, key);
      await (await homeserver.person(ann)).leave(room);
      await usher.resync();
      expect(await inRoom(room)).toEqual([ann]);
      await owner.kick(room, account(ann));
      await usher.resync();
      expect(await inRoom(room)).toEqual([]);
    });

    describe('power levels', () => {
      it('are given by one write, the highest of several, and taken when their group is lost', async () => {
        const [room, mods, heads] = [await owner.createRoom(), fresh('mods'), fresh('heads')];
        const usher = await startUsher(homeserver, {
          [mods]: { room, powerLevel: 50 },
          [heads]: { room, powerLevel: 75 },
        });
        const { ann, id } = await member(usher, mods);
        const head = await usher.provider.createGroup(heads, heads, [id]);
        await usher.settle();
        expect(await levelOf(room, ann)).toBe(75);
        await usher.provider.removeMembers(head, id);
        await usher.settle();
        expect(await levelOf(room, ann)).toBe(50);
        await usher.provider.putUser(id, { userName: ann, active: false });
        await usher.settle();
        expect(await levelOf(room, ann)).toBe(0);
        expect(await inRoom(room)).toEqual([]);
      });

      it('that somebody else gave are left alone, and those that the map gives are mended', async () => {
        const [room, key] = [await owner.createRoom(), fresh('key')];
        const usher = await startUsher(homeserver, { [key]: { room, powerLevel: 50 } });
        const { ann } = await member(usher, key);
        const bob = await homeserver.person(fresh('bob'));
        await owner.invite(room, bob.userId);
        await bob.join(room);
        await owner.setPower(room, bob.userId, 60);
        await owner.setPower(room, account(ann), 0);
        await usher.resync();
        expect(await levelOf(room, ann)).toBe(50);
        expect(await levelOf(room, localpartOf(bob.userId))).toBe(60);
      });

      it('of the creator of a version 12 room and of equals of the bot are reported and not fought over', async () => {
        const [key, boss] = [fresh('key'), await homeserver.person(fresh('boss'))];
        const room = await boss.createRoom({ version: '12' });
        const usher = await startUsher(homeserver, { [key]: { room, powerLevel: 50 } });
        const id = await usher.provider.createUser({ userName: fresh('carl') });
        const ids = [id, await usher.provider.createUser({ userName: localpartOf(boss.userId) })];
        expect(ids).toHaveLength(2);
        await usher.provider.createGroup(key, key, ids);
        await usher.settle();
        const before = await roomOf(room);
        await usher.resync();
        expect((await roomOf(room)).powerLevels).toEqual(before.powerLevels);
        expect(await levelOf(room, localpartOf(boss.userId))).toBe(0);
      });
    });

    describe('spaces', () => {
      it('take their rooms along, and follow as the space changes', async () => {
        const key = fresh('key');
        const space = await owner.createRoom({ isSpace: true });
        const [one, two] = [await owner.createRoom(), await owner.createRoom()];
        await owner.setChild(space, one, true);
        const usher = await startUsher(homeserver, { [key]: { room: space, children: 'all' } });
        const { ann } = await member(usher, key);
        for (const room of [space, one]) expect(await inRoom(room)).toEqual([ann]);
        expect(await inRoom(two)).toEqual([]);
        await owner.setChild(space, two, true);
        await owner.setChild(space, one, false);
        await usher.resync();
        expect(await inRoom(two)).toEqual([ann]);
        expect(await inRoom(one)).toEqual([]);
      });

      it('take only those of their rooms along that the map names', async () => {
        const key = fresh('key');
        const space = await owner.createRoom({ isSpace: true });
        const [one, two, stranger] = [
          await owner.createRoom(),
          await owner.createRoom(),
          await owner.createRoom(),
        ];
        for (const room of [one, two]) await owner.setChild(space, room, true);
        const usher = await startUsher(homeserver, { [key]: { room: space, children: [one, stranger] } });
        const { ann } = await member(usher, key);
        expect(await inRoom(one)).toEqual([ann]);
        expect(await inRoom(two)).toEqual([]);
        expect(await inRoom(stranger)).toEqual([]);
      });
    });

    describe('rooms that the map makes', () => {
      it('are made once, with name, topic and encryption, in their space, and never again', async () => {
        const [key, hall, lab] = [fresh('key'), fresh('hall'), fresh('lab')];
        const usher = await startUsher(homeserver, {
          [key]: [
            { room: aliasOf(hall), create: { name: 'Hall', space: true } },
            {
              room: aliasOf(lab),
              create: { name: 'Lab', topic: 'Experiments', encrypted: true, parent: aliasOf(hall) },
            },
          ],
        });
        const { ann } = await member(usher, key);
        const resolve = (alias: string) => homeserver.homeserver.resolveAlias(aliasOf(alias) as never);
        const [space, room] = [await resolve(hall), await resolve(lab)];
        if (space === undefined || room === undefined) throw new Error('not made');
        expect(await roomOf(space)).toMatchObject({ name: 'Hall', isSpace: true });
        expect(await roomOf(room)).toMatchObject({ name: 'Lab', isSpace: false, joinRule: 'invite' });
        expect(await homeserver.homeserver.children(space)).toEqual([room]);
        for (const each of [space, room]) expect(await inRoom(each)).toEqual([ann]);

        await homeserver.request(
          'DELETE',
          `/_matrix/client/v3/directory/room/${encodeURIComponent(aliasOf(lab))}`,
        );
        await usher.resync();
        expect(await resolve(lab)).toBeUndefined();
        expect(await inRoom(room)).toEqual([ann]);
      });

      it('give their makers no more than the map says', async () => {
        const [key, lab] = [fresh('key'), fresh('lab')];
        const usher = await startUsher(homeserver, {
          [key]: { room: aliasOf(lab), create: true, powerLevel: 50 },
        });
        const { ann } = await member(usher, key);
        const room = await homeserver.homeserver.resolveAlias(aliasOf(lab) as never);
        if (room === undefined) throw new Error('not made');
        expect(await levelOf(room, ann)).toBe(50);
      });
    });

    it('follows a room that is upgraded while it runs, with members and levels', async () => {
      const [alias, key] = [fresh('old'), fresh('key')];
      const room = await owner.createRoom({ alias, version: '11' });
      const usher = await startUsher(homeserver, { [key]: { room: aliasOf(alias), powerLevel: 50 } });
      const { ann, id, group } = await member(usher, key);
      const next = await owner.upgradeRoom(room, '12');
      await usher.resync();
      expect(await inRoom(next)).toEqual([ann]);
      expect(await levelOf(next, ann)).toBe(50);
      await usher.provider.removeMembers(group, id);
      await usher.settle();
      expect(await inRoom(next)).toEqual([]);
    });
  });
}
