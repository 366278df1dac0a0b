import { describe, expect, it } from 'vitest';
import { callsOf, type Facts, paths } from './synapse-facts.ts';

const forbidden = { status: 403, body: { errcode: 'M_FORBIDDEN' } };

export function describeSpaceFacts(facts: Facts): void {
  const { request, nowhere } = callsOf(facts);
  const create = (body: object) => request('POST', paths.createRoom, body);

  async function created(body: object): Promise<string> {
    const answer = await create(body);
    if (typeof answer.body.room_id !== 'string') throw new Error(`not made: ${JSON.stringify(answer)}`);
    return answer.body.room_id;
  }

  describe('createRoom', () => {
    it('makes a private room of version 12 with all that it was told', async () => {
      const algorithm = 'm.megolm.v1.aes-sha2';
      const alias = facts.fresh('made');
      const room = await created({
        preset: 'private_chat',
        visibility: 'private',
        room_alias_name: alias,
        name: 'Made',
        topic: 'Why',
        creation_content: { type: 'm.space' },
        initial_state: [{ type: 'm.room.encryption', state_key: '', content: { algorithm } }],
      });
      expect(await request('GET', paths.adminRoom(room))).toMatchObject({
        body: {
          name: 'Made',
          topic: 'Why',
          canonical_alias: `#${alias}:${facts.server.serverName}`,
          room_type: 'm.space',
          join_rules: 'invite',
          encryption: algorithm,
          version: '12',
          creator: facts.server.bot,
          joined_members: 1,
        },
      });
      expect(await request('GET', paths.state(room, 'm.room.power_levels'))).toMatchObject({
        body: { users: {}, invite: 0, kick: 50, events: { 'm.room.power_levels': 100 } },
      });
    });

    it('makes a public room also where its rules let none into the directory, as they do by default', async () => {
      const room = await created({ preset: 'public_chat', visibility: 'public' });
      expect(await request('GET', paths.adminRoom(room))).toMatchObject({
        body: { join_rules: 'public', public: false, encryption: null, topic: null },
      });
      expect(await request('GET', paths.state(room, 'm.room.power_levels'))).toMatchObject({
        body: { invite: 50 },
      });
    });

    it('is 400 M_ROOM_IN_USE for an alias that is taken', async () => {
      const alias = { room_alias_name: facts.fresh('made') };
      await created(alias);
      expect(await create(alias)).toMatchObject({ status: 400, body: { errcode: 'M_ROOM_IN_USE' } });
    });

    it.each(['a:b', 'a b', 'a'.repeat(300)])('is 400 for an alias that can be none: %.5s', async (alias) => {
      expect(await create({ room_alias_name: alias })).toMatchObject({ status: 400 });
    });
  });

  describe('state', () => {
    it('is set by who has the level for it, and 403 M_FORBIDDEN to others', async () => {
      const { owner, roomId } = await facts.takenRoom({ isSpace: true });
      const path = paths.state(roomId, 'm.space.child', '!room:usher.test');
      const via = ['usher.test'];
      expect(await request('PUT', path, { via })).toMatchObject({ status: 200 });
      await owner.setPower(roomId, facts.server.bot, 49);
      expect(await request('PUT', path, { via, order: 'b' })).toMatchObject(forbidden);
      expect(await request('GET', path)).toEqual({ status: 200, body: { via } });
    });

    it('is 403 M_FORBIDDEN where the bot is not, and in no room', async () => {
      const owner = await facts.person('owner');
      const empty = await owner.createRoom();
      await owner.leave(empty);
      for (const room of [await owner.createRoom(), empty, nowhere()]) {
        const path = paths.state(room, 'm.space.parent', nowhere());
        expect(await request('PUT', path, { via: ['usher.test'] })).toMatchObject(forbidden);
      }
    });

    it('takes any key, but none of another user’s', async () => {
      const { roomId } = await facts.takenRoom();
      const odd = paths.state(roomId, 'm.space.child', 'no room/at all');
      expect(await request('PUT', odd, { via: ['usher.test'] })).toMatchObject({ status: 200 });
      const others = paths.state(roomId, 'org.example', facts.freshId('ann'));
      expect(await request('PUT', others, {})).toMatchObject(forbidden);
    });

    it('of one type is listed to an admin, with that which was emptied', async () => {
      const owner = await facts.person('owner');
      const space = await owner.createRoom({ isSpace: true });
      await owner.setState(space, 'm.space.child', '!a:usher.test', { via: ['usher.test'] });
      await owner.setState(space, 'm.space.child', '!a:usher.test', {});
      const path = `${paths.adminRoom(space)}/state?type=m.space.child`;
      expect(await request('GET', path)).toMatchObject({
        body: { state: [{ state_key: '!a:usher.test', content: {}, sender: owner.userId }] },
      });
    });

    it('counts as a message, and is 429 after 10 until that is lifted', async () => {
      const ann = facts.freshId('ann');
      await request('PUT', paths.user(ann), {});
      const token = await facts.server.logIn(ann);
      const { body } = await request('POST', paths.createRoom, { preset: 'private_chat' }, token);
      const path = paths.state(String(body.room_id), 'm.room.topic');
      const statuses: number[] = [];
      for (let count = 0; count < 15; count += 1) {
        statuses.push((await request('PUT', path, { topic: `topic ${count}` }, token)).status);
      }
      expect(statuses.slice(0, 9)).toEqual(Array(9).fill(200));
      expect(statuses).toContain(429);
    });
  });
}
