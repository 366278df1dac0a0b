import { describe, expect, it } from 'vitest';
import { aliasOf, type Shared, unknownRoom } from './homeserver-shared.ts';

export function describeRooms(shared: Shared): void {
  describe('rooms', () => {
    it('resolves an alias, and knows when there is none', async () => {
      const { homeserver } = shared.server;
      const owner = await shared.server.person(shared.fresh('owner'));
      const alias = shared.fresh('room');
      const room = await owner.createRoom({ alias });
      expect(await homeserver.resolveAlias(aliasOf(alias, shared.server.serverName))).toBe(room);
      expect(await homeserver.resolveAlias(aliasOf('nothing', shared.server.serverName))).toBeUndefined();
    });

    it('refuses an alias of a server that is not reached, for that is no outage of this one', async () => {
      const resolving = shared.server.homeserver.resolveAlias(aliasOf('room', 'elsewhere.invalid'));
      await expect(resolving).rejects.toMatchObject({ kind: 'refused' });
    });

    it('finds rooms by a part of their name or alias, in any case, or by their id', async () => {
      const { homeserver, serverName } = shared.server;
      const owner = await shared.server.person(shared.fresh('owner'));
      const alias = shared.fresh('findme');
      const name = `Tea at ${shared.fresh('five')}`;
      const full = await owner.createRoom({ name, alias });
      const nameless = await owner.createRoom({ version: '12' });
      const ann = await shared.server.person(shared.fresh('ann'));
      await owner.invite(full, ann.userId);
      await ann.join(full);
      const whole = aliasOf(alias, serverName);
      const found = { roomId: full, name, canonicalAlias: whole };
      for (const search of [name.slice(2).toUpperCase(), alias.slice(1), `#${alias}`, whole, full]) {
        expect(await homeserver.findRooms(search)).toEqual([found]);
      }
      expect(await homeserver.findRooms(nameless)).toEqual([
        { roomId: nameless, name: undefined, canonicalAlias: undefined },
      ]);
      expect(await homeserver.findRooms(shared.fresh('nothing'))).toEqual([]);
      const all = await homeserver.findRooms('');
      expect(all.length).toBeGreaterThan(0);
      expect(all.length).toBeLessThanOrEqual(20);
    });

    it('reads a whole room that the bot is not in', async () => {
      const { homeserver } = shared.server;
      const [owner, ann, bob, cid] = await Promise.all(
        ['owner', 'ann', 'bob', 'cid'].map((name) => shared.server.person(shared.fresh(name))),
      );
      if (!owner || !ann || !bob || !cid) throw new Error('nobody there');
      const alias = shared.fresh('room');
      const room = await owner.createRoom({ name: 'A room', alias, version: '11' });
      await owner.invite(room, ann.userId);
      await ann.join(room);
      await owner.invite(room, bob.userId);
      await owner.ban(room, cid.userId);
      await owner.setPower(room, ann.userId, 50);

      expect(await homeserver.room(room)).toEqual({
        roomId: room,
        name: 'A room',
        canonicalAlias: aliasOf(alias, shared.server.serverName),
        version: '11',
        isSpace: false,
        joinRule: 'invite',
        isEncrypted: false,
        historyVisibility: 'shared',
        creators: new Set(),
        powerLevels: {
          users: new Map([
            [owner.userId, 100],
            [ann.userId, 50],
          ]),
          usersDefault: 0,
          invite: 0,
          kick: 50,
          change: 100,
        },
        members: new Map([
          [owner.userId, { membership: 'join', sender: owner.userId }],
          [ann.userId, { membership: 'join', sender: ann.userId }],
          [bob.userId, { membership: 'invite', sender: owner.userId }],
          [cid.userId, { membership: 'ban', sender: owner.userId }],
        ]),
        replacement: undefined,
      });
      expect(await homeserver.joinedMembers(room)).toEqual(new Set([owner.userId, ann.userId]));
    });

    it('takes the creator of a room of version 12 for its highest power, and its id for one', async () => {
      const owner = await shared.server.person(shared.fresh('owner'));
      const room = await owner.createRoom({ version: '12' });
      expect(room).not.toContain(':');
      const read = await shared.server.homeserver.room(room);
      expect(read?.version).toBe('12');
      expect(read?.creators).toEqual(new Set([owner.userId]));
      expect(read?.powerLevels.users).toEqual(new Map());
    });

    it('reads the power levels that a room leaves out as the Matrix specification has them', async () => {
      const owner = await shared.server.person(shared.fresh('owner'));
      const room = await owner.createRoom({ version: '11' });
      await owner.setPowerLevels(room, { users: { [owner.userId]: 100 } });
      const read = await shared.server.homeserver.room(room);
      const users = new Map([[owner.userId, 100]]);
      expect(read?.powerLevels).toEqual({ users, usersDefault: 0, invite: 0, kick: 50, change: 50 });
    });

    it.each(['invite', 'public', 'knock', 'restricted'] as const)(
      'reads the join rule %s',
      async (joinRule) => {
        const owner = await shared.server.person(shared.fresh('owner'));
        const room = await owner.createRoom({ joinRule });
        expect(await shared.server.homeserver.room(room)).toMatchObject({ joinRule });
      },
    );

    it('tells a space from a room', async () => {
      const owner = await shared.server.person(shared.fresh('owner'));
      const space = await owner.createRoom({ isSpace: true });
      expect(await shared.server.homeserver.room(space)).toMatchObject({ isSpace: true });
    });

    it('tells who may read what was written before', async () => {
      const owner = await shared.server.person(shared.fresh('owner'));
      const room = await owner.createRoom();
      await owner.setState(room, 'm.room.encryption', '', { algorithm: 'm.megolm.v1.aes-sha2' });
      await owner.setState(room, 'm.room.history_visibility', '', { history_visibility: 'joined' });
      const told = { isEncrypted: true, historyVisibility: 'joined' };
      expect(await shared.server.homeserver.room(room)).toMatchObject(told);
    });

    it.each(['11', '12'])(
      'knows the room that replaced one after an upgrade to version %s',
      async (version) => {
        const { homeserver } = shared.server;
        const owner = await shared.server.person(shared.fresh('owner'));
        const alias = shared.fresh('room');
        const old = await owner.createRoom({ version: '11', alias });
        expect(await homeserver.replacement(old)).toBeUndefined();
        const next = await owner.upgradeRoom(old, version);
        expect(await homeserver.replacement(old)).toBe(next);
        expect(await homeserver.room(old)).toMatchObject({ replacement: next });
        expect(await homeserver.resolveAlias(aliasOf(alias, shared.server.serverName))).toBe(next);
      },
    );

    it('knows the replacement of a room also when the bot left before the upgrade', async () => {
      const { homeserver, request } = shared.server;
      const owner = await shared.server.person(shared.fresh('owner'));
      const old = await owner.createRoom({ version: '11' });
      await homeserver.takeRoom(old);
      expect(await homeserver.replacement(old)).toBeUndefined();
      await request('POST', `/_matrix/client/v3/rooms/${encodeURIComponent(old)}/leave`, {});
      const next = await owner.upgradeRoom(old, '11');
      expect(await homeserver.replacement(old)).toBe(next);
    });

    it('knows nothing of a room that does not exist', async () => {
      const { homeserver, bot } = shared.server;
      const nowhere = unknownRoom(shared.server.serverName);
      expect(await homeserver.room(nowhere)).toBeUndefined();
      expect(await homeserver.joinedMembers(nowhere)).toBeUndefined();
      expect(await homeserver.replacement(nowhere)).toBeUndefined();
      expect(await homeserver.member(nowhere, bot)).toBeUndefined();
    });

    it('refuses to read a room that everybody has left, rather than show it empty', async () => {
      const { homeserver } = shared.server;
      const owner = await shared.server.person(shared.fresh('owner'));
      const room = await owner.createRoom();
      await owner.leave(room);
      await expect(homeserver.room(room)).rejects.toMatchObject({ kind: 'refused' });
      expect(await homeserver.joinedMembers(room)).toEqual(new Set());
      expect(await homeserver.member(room, owner.userId)).toBeUndefined();
      expect(await homeserver.replacement(room)).toBeUndefined();
    });
  });

  describe('members', () => {
    it('tells by the sender who put a person where she stands', async () => {
      const { homeserver } = shared.server;
      const owner = await shared.server.person(shared.fresh('owner'));
      const ann = await shared.server.person(shared.fresh('ann'));
      const room = await owner.createRoom({ joinRule: 'knock' });
      const now = () => homeserver.member(room, ann.userId);

      expect(await now()).toBeUndefined();
      await ann.knock(room);
      expect(await now()).toEqual({ membership: 'knock', sender: ann.userId });
      await owner.invite(room, ann.userId);
      expect(await now()).toEqual({ membership: 'invite', sender: owner.userId });
      await ann.join(room);
      expect(await now()).toEqual({ membership: 'join', sender: ann.userId });
      await ann.leave(room);
      expect(await now()).toEqual({ membership: 'leave', sender: ann.userId });
      await owner.ban(room, ann.userId);
      expect(await now()).toEqual({ membership: 'ban', sender: owner.userId });
      await owner.unban(room, ann.userId);
      expect(await now()).toEqual({ membership: 'leave', sender: owner.userId });
    });

    it('shows a person as she stands now, also in a room that the bot is in or has been in', async () => {
      const { homeserver, bot } = shared.server;
      const owner = await shared.server.person(shared.fresh('owner'));
      const ann = await shared.server.person(shared.fresh('ann'));
      const room = await owner.createRoom({ joinRule: 'public' });
      await homeserver.takeRoom(room);
      expect(await homeserver.member(room, ann.userId)).toBeUndefined();
      await owner.kick(room, bot);
      await ann.join(room);
      expect(await homeserver.member(room, ann.userId)).toEqual({ membership: 'join', sender: ann.userId });
    });

    it('lists all rooms that a person has to do with, and none for whom nothing is known', async () => {
      const { homeserver } = shared.server;
      const owner = await shared.server.person(shared.fresh('owner'));
      const ann = await shared.server.person(shared.fresh('ann'));
      const [joined, left, invited] = [
        await owner.createRoom({ joinRule: 'public' }),
        await owner.createRoom({ joinRule: 'public', version: '11' }),
        await owner.createRoom(),
      ];
      await ann.join(joined);
      await ann.join(left);
      await ann.leave(left);
      await owner.invite(invited, ann.userId);
      expect(await homeserver.memberships(ann.userId)).toEqual(
        new Map([
          [joined, 'join'],
          [left, 'leave'],
          [invited, 'invite'],
        ]),
      );
      const nobody = await shared.server.person(shared.fresh('nobody'));
      expect(await homeserver.memberships(nobody.userId)).toEqual(new Map());
    });
  });
}
