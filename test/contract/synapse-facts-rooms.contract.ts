import { describe, expect, it } from 'vitest';
import { callsOf, type Facts, paths } from './synapse-facts.ts';

const forbidden = { status: 403, body: { errcode: 'M_FORBIDDEN' } };
const unknownRoom = { status: 404, body: { errcode: 'M_UNKNOWN' } };

export function describeRoomFacts(facts: Facts): void {
  const { request, join, makeAdmin, enter, leave, member, nowhere } = callsOf(facts);

  describe('reading a room', () => {
    it('by the admin API needs no membership', async () => {
      const owner = await facts.person('owner');
      const alias = facts.fresh('space');
      const room = await owner.createRoom({ name: 'Space', alias, isSpace: true, version: '11' });
      expect(await request('GET', paths.adminRoom(room))).toMatchObject({
        status: 200,
        body: {
          name: 'Space',
          canonical_alias: `#${alias}:${facts.server.serverName}`,
          join_rules: 'invite',
          room_type: 'm.space',
          version: '11',
          creator: owner.userId,
        },
      });
      const members = { members: [owner.userId], total: 1 };
      expect(await request('GET', `${paths.adminRoom(room)}/members`)).toEqual({
        status: 200,
        body: members,
      });
      const { body } = await request('GET', `${paths.adminRoom(room)}/state`);
      const types = new Set(Array.isArray(body.state) ? body.state.map((event) => event.type) : []);
      for (const type of ['create', 'power_levels', 'join_rules', 'name', 'canonical_alias', 'member']) {
        expect(types).toContain(`m.room.${type}`);
      }
    });

    it('by the admin API can be narrowed to one type of state', async () => {
      const owner = await facts.person('owner');
      const room = await owner.createRoom();
      expect(await request('GET', `${paths.adminRoom(room)}/state?type=m.room.member`)).toMatchObject({
        body: { state: [{ type: 'm.room.member', state_key: owner.userId }] },
      });
      expect(await request('GET', `${paths.adminRoom(room)}/state?type=m.room.tombstone`)).toEqual({
        status: 200,
        body: { state: [] },
      });
    });

    it('tells of its replacement after an upgrade, and the alias goes along', async () => {
      const owner = await facts.person('owner');
      const alias = facts.fresh('room');
      const old = await owner.createRoom({ alias, version: '11' });
      const next = await owner.upgradeRoom(old, '12');
      expect(next).not.toContain(':');
      expect(await request('GET', paths.adminRoom(old))).toMatchObject({
        body: { tombstoned: true, replacement_room: next },
      });
      expect(await request('GET', paths.alias(`#${alias}:${facts.server.serverName}`))).toMatchObject({
        status: 200,
        body: { room_id: next },
      });
    });

    it('by an alias is 404 in the admin API, and so is one that does not exist', async () => {
      const alias = facts.fresh('room');
      await facts.takenRoom({ alias });
      const missing = { status: 404, body: { errcode: 'M_NOT_FOUND' } };
      for (const room of [`#${alias}:${facts.server.serverName}`, nowhere()]) {
        expect(await request('GET', `${paths.adminRoom(room)}/members`)).toMatchObject(missing);
        expect(await request('GET', `${paths.adminRoom(room)}/state`)).toMatchObject(missing);
      }
    });

    it('that everybody has left gives an empty state and no members, not 404', async () => {
      const owner = await facts.person('owner');
      const room = await owner.createRoom();
      await owner.leave(room);
      expect(await request('GET', `${paths.adminRoom(room)}/state`)).toEqual({
        status: 200,
        body: { state: [] },
      });
      expect(await request('GET', `${paths.adminRoom(room)}/members`)).toMatchObject({
        body: { members: [] },
      });
      expect(await join(room, owner.userId)).toMatchObject(unknownRoom);
    });

    it('by the client API is 403 for who never was there, and 404 M_NOT_FOUND for what is not', async () => {
      const [owner, ann] = [await facts.person('owner'), await facts.person('ann')];
      const room = await owner.createRoom();
      expect(await member(room, owner.userId)).toMatchObject(forbidden);
      await makeAdmin(room);
      await enter(room);
      const missing = { status: 404, body: { errcode: 'M_NOT_FOUND' } };
      expect(await member(room, ann.userId)).toMatchObject(missing);
      expect(await request('GET', `${paths.room(room)}/state/m.room.tombstone/`)).toMatchObject(missing);
    });

    it('by the client API shows those who left how it was when they did', async () => {
      const { owner, roomId } = await facts.takenRoom({ joinRule: 'public', version: '11' });
      const ann = await facts.person('ann');
      await leave(roomId);
      await ann.join(roomId);
      await owner.upgradeRoom(roomId, '11');
      expect(await member(roomId, ann.userId)).toMatchObject({ status: 404 });
      expect(await request('GET', `${paths.room(roomId)}/state/m.room.tombstone/`)).toMatchObject({
        status: 404,
      });
      expect(await member(roomId, facts.server.bot)).toMatchObject({
        body: { content: { membership: 'leave' } },
      });
    });

    it('by an alias that is not known is 404, and by one of a server out of reach 502', async () => {
      expect(await request('GET', paths.alias(`#nowhere:${facts.server.serverName}`))).toMatchObject({
        status: 404,
        body: { errcode: 'M_NOT_FOUND' },
      });
      expect(await request('GET', paths.alias('#nowhere:elsewhere.invalid'))).toMatchObject({
        status: 502,
        body: { errcode: 'M_UNKNOWN' },
      });
    });

    it('has its power levels replaced as a whole by a PUT', async () => {
      const { owner, roomId } = await facts.takenRoom();
      await owner.setPowerLevels(roomId, { users: {}, kick: 75 });
      expect(await request('GET', `${paths.room(roomId)}/state/m.room.power_levels/`)).toEqual({
        status: 200,
        body: { users: {}, kick: 75 },
      });
    });
  });
}
