import { describe, expect, it } from 'vitest';
import { callsOf, type Facts, paths } from './synapse-facts.ts';

const forbidden = { status: 403, body: { errcode: 'M_FORBIDDEN' } };
const banned = { status: 403, body: { errcode: 'M_BAD_STATE' } };
const unknownRoom = { status: 404, body: { errcode: 'M_UNKNOWN' } };

export function describeMembershipFacts(facts: Facts): void {
  const { request, join, kick, makeAdmin, enter, leave, member, nowhere } = callsOf(facts);

  describe('the admin join', () => {
    it('joins by id and by alias', async () => {
      const alias = facts.fresh('room');
      const { roomId } = await facts.takenRoom({ alias });
      const [ann, bob] = [await facts.person('ann'), await facts.person('bob')];
      const joined = { status: 200, body: { room_id: roomId } };
      expect(await join(roomId, ann.userId)).toEqual(joined);
      expect(await join(`#${alias}:${facts.server.serverName}`, bob.userId)).toEqual(joined);
    });

    it('of a member is 403 M_FORBIDDEN in a room that is not public, and 200 in one that is', async () => {
      const ann = await facts.person('ann');
      const [closed, open] = [await facts.takenRoom(), await facts.takenRoom({ joinRule: 'public' })];
      await join(closed.roomId, ann.userId);
      await join(open.roomId, ann.userId);
      expect(await join(closed.roomId, ann.userId)).toMatchObject(forbidden);
      expect(await join(open.roomId, ann.userId)).toMatchObject({ status: 200 });
    });

    it('is 403 M_FORBIDDEN where the bot is not, unless the room is public', async () => {
      const [owner, ann] = [await facts.person('owner'), await facts.person('ann')];
      const [closed, open] = [await owner.createRoom(), await owner.createRoom({ joinRule: 'public' })];
      expect(await join(closed, ann.userId)).toMatchObject(forbidden);
      expect(await join(open, ann.userId)).toMatchObject({ status: 200 });
    });

    it('is 403 M_FORBIDDEN where the bot may not invite, until make_room_admin', async () => {
      const { owner, roomId } = await facts.takenRoom();
      const ann = await facts.person('ann');
      await owner.setPowerLevels(roomId, { users: {}, invite: 50 });
      expect(await join(roomId, ann.userId)).toMatchObject(forbidden);
      expect(await makeAdmin(roomId)).toMatchObject({ status: 200 });
      expect(await join(roomId, ann.userId)).toMatchObject({ status: 200 });
    });

    it.each(['invite', 'public'] as const)(
      'of a banned user is 403 M_BAD_STATE in a room with rule %s',
      async (joinRule) => {
        const { owner, roomId } = await facts.takenRoom({ joinRule });
        const ann = await facts.person('ann');
        await owner.ban(roomId, ann.userId);
        expect(await join(roomId, ann.userId)).toMatchObject(banned);
      },
    );

    it.each(['knock', 'restricted'] as const)(
      'works in a room with rule %s, by the bot’s invitation',
      async (joinRule) => {
        const { roomId } = await facts.takenRoom({ joinRule });
        const ann = await facts.person('ann');
        expect(await join(roomId, ann.userId)).toMatchObject({ status: 200 });
        expect(await join(roomId, ann.userId)).toMatchObject(forbidden);
      },
    );

    it('of a suspended user is 403 M_USER_SUSPENDED, and leaves an invitation behind', async () => {
      const { roomId } = await facts.takenRoom();
      const ann = await facts.person('ann');
      await request('PUT', paths.suspend(ann.userId), { suspend: true });
      expect(await join(roomId, ann.userId)).toMatchObject({
        status: 403,
        body: { errcode: 'M_USER_SUSPENDED' },
      });
      expect(await member(roomId, ann.userId)).toMatchObject({ body: { content: { membership: 'invite' } } });
    });

    it('knows no such alias: 404 M_NOT_FOUND; no such room: 404 M_UNKNOWN', async () => {
      const ann = await facts.person('ann');
      expect(await join(`#nowhere:${facts.server.serverName}`, ann.userId)).toMatchObject({
        status: 404,
        body: { errcode: 'M_NOT_FOUND' },
      });
      expect(await join(nowhere(), ann.userId)).toMatchObject(unknownRoom);
    });

    it('knows no such user: 404 M_NOT_FOUND; none of another server: 400', async () => {
      const { roomId } = await facts.takenRoom();
      expect(await join(roomId, facts.freshId('nobody'))).toMatchObject({
        status: 404,
        body: { errcode: 'M_NOT_FOUND' },
      });
      expect(await join(roomId, '@ann:elsewhere.invalid')).toMatchObject({ status: 400 });
    });

    it('is 403 M_UNKNOWN into a blocked room', async () => {
      const { roomId } = await facts.takenRoom();
      const ann = await facts.person('ann');
      await request('PUT', `${paths.adminRoom(roomId)}/block`, { block: true });
      expect(await join(roomId, ann.userId)).toMatchObject({ status: 403, body: { errcode: 'M_UNKNOWN' } });
    });

    it('goes into a room that was upgraded, without a word', async () => {
      const { owner, roomId } = await facts.takenRoom({ version: '11' });
      const ann = await facts.person('ann');
      const next = await owner.upgradeRoom(roomId, '12');
      expect(await join(roomId, ann.userId)).toEqual({ status: 200, body: { room_id: roomId } });
      expect(await request('GET', `${paths.room(roomId)}/state/m.room.tombstone/`)).toMatchObject({
        status: 200,
        body: { replacement_room: next },
      });
    });
  });

  describe('a kick', () => {
    it('of a member is 200, and so is that of an invited one and of one who knocked', async () => {
      const { owner, roomId } = await facts.takenRoom({ joinRule: 'knock' });
      const [ann, bob, cid] = [
        await facts.person('ann'),
        await facts.person('bob'),
        await facts.person('cid'),
      ];
      await join(roomId, ann.userId);
      await owner.invite(roomId, bob.userId);
      await cid.knock(roomId);
      for (const { userId } of [ann, bob, cid]) {
        expect(await kick(roomId, userId)).toMatchObject({ status: 200 });
        expect(await member(roomId, userId)).toMatchObject({
          body: { sender: facts.server.bot, content: { membership: 'leave', reason: 'why' } },
        });
      }
    });

    it('of somebody who is not there is 403 M_FORBIDDEN, of a banned one 403 M_BAD_STATE', async () => {
      const { owner, roomId } = await facts.takenRoom();
      const [ann, bob] = [await facts.person('ann'), await facts.person('bob')];
      await owner.ban(roomId, bob.userId);
      expect(await kick(roomId, ann.userId)).toMatchObject(forbidden);
      expect(await kick(roomId, bob.userId)).toMatchObject(banned);
    });

    it.each(['11', '12'])('of the owner of a room of version %s is 403 M_FORBIDDEN', async (version) => {
      const { owner, roomId } = await facts.takenRoom({ version });
      expect(await kick(roomId, owner.userId)).toMatchObject(forbidden);
    });

    it('is 403 M_FORBIDDEN where the bot is not, and 404 M_UNKNOWN in no room', async () => {
      const owner = await facts.person('owner');
      const room = await owner.createRoom();
      expect(await kick(room, owner.userId)).toMatchObject(forbidden);
      expect(await kick(nowhere(), owner.userId)).toMatchObject(unknownRoom);
    });
  });

  describe('make_room_admin', () => {
    it.each(['11', '12'])(
      'gives the bot power 100 and an invitation to a room of version %s',
      async (version) => {
        const owner = await facts.person('owner');
        const room = await owner.createRoom({ version });
        expect(await makeAdmin(room)).toEqual({ status: 200, body: {} });
        expect(await enter(room)).toEqual({ status: 200, body: { room_id: room } });
        expect(await request('GET', `${paths.room(room)}/state/m.room.power_levels/`)).toMatchObject({
          body: { users: { [facts.server.bot]: 100 } },
        });
      },
    );

    it('works for a member too', async () => {
      const { roomId } = await facts.takenRoom();
      expect(await makeAdmin(roomId)).toEqual({ status: 200, body: {} });
    });

    it('is 400 in a room that is empty or unknown', async () => {
      const owner = await facts.person('owner');
      const room = await owner.createRoom();
      await owner.leave(room);
      expect(await makeAdmin(room)).toMatchObject({ status: 400 });
      expect(await makeAdmin(nowhere())).toMatchObject({ status: 400 });
    });

    it('is 400 where nobody here was given power', async () => {
      const { owner, roomId } = await facts.takenRoom({ version: '11' });
      const ann = await facts.person('ann');
      await join(roomId, ann.userId);
      await owner.leave(roomId);
      await leave(roomId);
      expect(await makeAdmin(roomId)).toMatchObject({ status: 400 });
    });

    it('is 403 M_BAD_STATE where the bot is banned', async () => {
      const owner = await facts.person('owner');
      const room = await owner.createRoom();
      await owner.ban(room, facts.server.bot);
      expect(await makeAdmin(room)).toMatchObject(banned);
    });
  });
}
