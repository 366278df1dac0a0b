import { describe, expect, it } from 'vitest';
import { userId } from '../../src/matrix/ids.ts';
import { type Shared, unknownRoom } from './homeserver-shared.ts';

const REASON = 'no longer in the group';

export function describeMemberships(shared: Shared): void {
  /** A room of somebody else's that the bot has taken, and one more person. */
  async function takenRoom(
    room: { joinRule?: 'invite' | 'public' | 'knock' | 'restricted'; version?: string } = {},
  ) {
    const { homeserver } = shared.server;
    const owner = await shared.server.person(shared.fresh('owner'));
    const ann = await shared.server.person(shared.fresh('ann'));
    const roomId = await owner.createRoom(room);
    await homeserver.takeRoom(roomId);
    return { homeserver, owner, ann, roomId };
  }

  describe('join', () => {
    it.each([
      ['invite', '11'],
      ['invite', '12'],
      ['public', '12'],
      ['knock', '12'],
      ['restricted', '12'],
    ] as const)(
      'makes a person a member of a room with the join rule %s and version %s',
      async (joinRule, version) => {
        const { homeserver, ann, roomId } = await takenRoom({ joinRule, version });
        await homeserver.join(roomId, ann.userId);
        expect(await homeserver.joinedMembers(roomId)).toContain(ann.userId);
      },
    );

    it.each(['invite', 'public'] as const)(
      'succeeds for a member, in a room with the rule %s',
      async (joinRule) => {
        const { homeserver, ann, roomId } = await takenRoom({ joinRule });
        await homeserver.join(roomId, ann.userId);
        await homeserver.join(roomId, ann.userId);
        expect(await homeserver.joinedMembers(roomId)).toContain(ann.userId);
      },
    );

    it('accepts in the place of who is invited or has knocked', async () => {
      const { homeserver, owner, ann, roomId } = await takenRoom({ joinRule: 'knock' });
      const bob = await shared.server.person(shared.fresh('bob'));
      await ann.knock(roomId);
      await owner.invite(roomId, bob.userId);
      await homeserver.join(roomId, ann.userId);
      await homeserver.join(roomId, bob.userId);
      const members = await homeserver.joinedMembers(roomId);
      expect(members).toContain(ann.userId);
      expect(members).toContain(bob.userId);
    });

    it.each(['invite', 'public'] as const)('respects a ban, in a room with the rule %s', async (joinRule) => {
      const { homeserver, owner, ann, roomId } = await takenRoom({ joinRule });
      await owner.ban(roomId, ann.userId);
      await expect(homeserver.join(roomId, ann.userId)).rejects.toMatchObject({
        kind: 'refused',
        errcode: 'M_BAD_STATE',
      });
      expect(await homeserver.member(roomId, ann.userId)).toMatchObject({ membership: 'ban' });
    });

    it('is refused in a room that the bot has not taken, until it has', async () => {
      const { homeserver } = shared.server;
      const owner = await shared.server.person(shared.fresh('owner'));
      const ann = await shared.server.person(shared.fresh('ann'));
      const room = await owner.createRoom();
      await expect(homeserver.join(room, ann.userId)).rejects.toMatchObject({ kind: 'refused' });
      await homeserver.takeRoom(room);
      await homeserver.join(room, ann.userId);
      expect(await homeserver.joinedMembers(room)).toContain(ann.userId);
    });

    it('succeeds for a member of a room that the bot is not in', async () => {
      const owner = await shared.server.person(shared.fresh('owner'));
      const room = await owner.createRoom();
      await shared.server.homeserver.join(room, owner.userId);
    });

    it('is refused while the bot may not invite, until it has taken the room again', async () => {
      const { homeserver, owner, ann, roomId } = await takenRoom();
      await owner.setPowerLevels(roomId, { users: {}, invite: 50 });
      await expect(homeserver.join(roomId, ann.userId)).rejects.toMatchObject({ kind: 'refused' });
      await homeserver.takeRoom(roomId);
      await homeserver.join(roomId, ann.userId);
      expect(await homeserver.joinedMembers(roomId)).toContain(ann.userId);
    });

    it('is refused for a suspended account', async () => {
      const { homeserver, ann, roomId } = await takenRoom({ joinRule: 'public' });
      await homeserver.restrict(ann.userId, 'suspend');
      await expect(homeserver.join(roomId, ann.userId)).rejects.toMatchObject({ kind: 'refused' });
    });

    it('finds neither a room nor an account that does not exist, and refuses one of another homeserver', async () => {
      const { homeserver, ann, roomId } = await takenRoom();
      const { serverName } = shared.server;
      const nobody = userId('nobody', serverName);
      await expect(homeserver.join(roomId, nobody)).rejects.toMatchObject({ kind: 'not-found' });
      await expect(homeserver.join(unknownRoom(serverName), ann.userId)).rejects.toMatchObject({
        kind: 'not-found',
      });
      const stranger = userId('ann', 'elsewhere.invalid');
      await expect(homeserver.join(roomId, stranger)).rejects.toMatchObject({ kind: 'refused' });
    });
  });

  describe('kick', () => {
    it.each(['11', '12'])('removes a member of a room of version %s, by the bot', async (version) => {
      const { homeserver, ann, roomId } = await takenRoom({ version });
      await homeserver.join(roomId, ann.userId);
      await homeserver.kick(roomId, ann.userId, REASON);
      expect(await homeserver.joinedMembers(roomId)).not.toContain(ann.userId);
      expect(await homeserver.member(roomId, ann.userId)).toEqual({
        membership: 'leave',
        sender: shared.server.bot,
      });
    });

    it('takes an invitation back', async () => {
      const { homeserver, owner, ann, roomId } = await takenRoom();
      await owner.invite(roomId, ann.userId);
      await homeserver.kick(roomId, ann.userId, REASON);
      expect(await homeserver.member(roomId, ann.userId)).toMatchObject({ membership: 'leave' });
    });

    it('succeeds for who was never there, has left, or is banned, and changes nothing', async () => {
      const { homeserver, owner, ann, roomId } = await takenRoom({ joinRule: 'public' });
      await homeserver.kick(roomId, ann.userId, REASON);
      expect(await homeserver.member(roomId, ann.userId)).toBeUndefined();
      await ann.join(roomId);
      await ann.leave(roomId);
      await homeserver.kick(roomId, ann.userId, REASON);
      expect(await homeserver.member(roomId, ann.userId)).toEqual({
        membership: 'leave',
        sender: ann.userId,
      });
      await owner.ban(roomId, ann.userId);
      await homeserver.kick(roomId, ann.userId, REASON);
      expect(await homeserver.member(roomId, ann.userId)).toMatchObject({ membership: 'ban' });
    });

    it('is refused for a member as powerful as the bot, and for the creator of a version 12 room', async () => {
      const old = await takenRoom({ version: '11' });
      await expect(old.homeserver.kick(old.roomId, old.owner.userId, REASON)).rejects.toMatchObject({
        kind: 'refused',
      });
      const next = await takenRoom({ version: '12' });
      await expect(next.homeserver.kick(next.roomId, next.owner.userId, REASON)).rejects.toMatchObject({
        kind: 'refused',
      });
      expect(await next.homeserver.joinedMembers(next.roomId)).toContain(next.owner.userId);
    });

    it('is refused for a member of a room that the bot is not in', async () => {
      const { homeserver } = shared.server;
      const owner = await shared.server.person(shared.fresh('owner'));
      const room = await owner.createRoom();
      await expect(homeserver.kick(room, owner.userId, REASON)).rejects.toMatchObject({ kind: 'refused' });
    });

    it('finds no room that does not exist', async () => {
      const { homeserver, serverName, bot } = shared.server;
      const kicking = homeserver.kick(unknownRoom(serverName), bot, REASON);
      await expect(kicking).rejects.toMatchObject({ kind: 'not-found' });
    });

    it('goes on beyond the message limit once that is lifted', async () => {
      const { homeserver, ann, roomId } = await takenRoom({ joinRule: 'public' });
      for (let round = 0; round < 12; round += 1) {
        await homeserver.join(roomId, ann.userId);
        await homeserver.kick(roomId, ann.userId, REASON);
      }
      expect(await homeserver.joinedMembers(roomId)).not.toContain(ann.userId);
    });
  });

  describe('takeRoom', () => {
    it.each([
      ['invite', '11'],
      ['invite', '12'],
      ['public', '12'],
    ] as const)(
      'makes the bot a member with power in a room with rule %s and version %s',
      async (joinRule, version) => {
        const { homeserver, roomId } = await takenRoom({ joinRule, version });
        const room = await homeserver.room(roomId);
        expect(room?.members.get(shared.server.bot)).toMatchObject({ membership: 'join' });
        expect(room?.powerLevels.users.get(shared.server.bot)).toBe(100);
      },
    );

    it('succeeds in a room that it has taken before', async () => {
      const { homeserver, roomId } = await takenRoom();
      await homeserver.takeRoom(roomId);
      expect(await homeserver.joinedMembers(roomId)).toContain(shared.server.bot);
    });

    it('takes many rooms at once when the limit is lifted', async () => {
      const { homeserver, bot } = shared.server;
      const owner = await shared.server.person(shared.fresh('owner'));
      for (let count = 0; count < 7; count += 1) {
        const room = await owner.createRoom();
        await homeserver.takeRoom(room);
        expect(await homeserver.joinedMembers(room)).toContain(bot);
      }
    });

    it('is refused in a room that everybody has left, and where the bot is banned', async () => {
      const { homeserver, bot } = shared.server;
      const owner = await shared.server.person(shared.fresh('owner'));
      const [empty, hostile] = [await owner.createRoom(), await owner.createRoom()];
      await owner.leave(empty);
      await owner.ban(hostile, bot);
      await expect(homeserver.takeRoom(empty)).rejects.toMatchObject({ kind: 'refused' });
      await expect(homeserver.takeRoom(hostile)).rejects.toMatchObject({ kind: 'refused' });
      expect(await homeserver.member(hostile, bot)).toMatchObject({ membership: 'ban' });
    });
  });
}
