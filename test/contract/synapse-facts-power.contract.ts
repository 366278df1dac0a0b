import { describe, expect, it } from 'vitest';
import type { RoomId, UserId } from '../../src/matrix/ids.ts';
import { callsOf, type Facts, paths } from './synapse-facts.ts';

const forbidden = { status: 403, body: { errcode: 'M_FORBIDDEN' } };
const LEVELS = 'm.room.power_levels';

export function describePowerFacts(facts: Facts): void {
  const { request, nowhere, enter } = callsOf(facts);
  const set = (room: string, content: object) => request('PUT', paths.state(room, LEVELS), content);

  /** A room that the bot is in, without power yet. */
  async function roomWithBot(version: string) {
    const owner = await facts.person('owner');
    const roomId = await owner.createRoom({ version, joinRule: 'public' });
    await enter(roomId);
    return { owner, roomId };
  }

  /** The bot has 50 there, and that is what it takes to change the levels. */
  async function roomAt50(version: string) {
    const { owner, roomId } = await roomWithBot(version);
    const [peer, low] = [facts.freshId('peer'), facts.freshId('low')];
    const own = version === '12' ? {} : { [owner.userId]: 100 };
    const users: Record<UserId, number> = { ...own, [facts.server.bot]: 50, [peer]: 50, [low]: 20 };
    await owner.setPowerLevels(roomId, { users });
    return { owner, roomId, peer, low, users };
  }

  const levelsOf = async (room: RoomId) => (await request('GET', paths.state(room, LEVELS))).body;

  describe.each(['9', '11', '12'])('power levels of a room of version %s', (version) => {
    it('may be changed below one’s own, and one’s own may be lowered', async () => {
      const { roomId, low, users } = await roomAt50(version);
      expect(await set(roomId, { users: { ...users, [low]: 50 } })).toMatchObject({ status: 200 });
      const own = { ...users, [low]: 50, [facts.server.bot]: 40 };
      expect(await set(roomId, { users: own })).toMatchObject({ status: 200 });
      expect(await levelsOf(roomId)).toEqual({ users: own });
      expect(await set(roomId, { users })).toMatchObject(forbidden);
    });

    it('are 403 M_FORBIDDEN above one’s own, and for peers', async () => {
      const { roomId, peer, low, users } = await roomAt50(version);
      const { [peer]: _, ...withoutPeer } = users;
      for (const next of [{ ...users, [low]: 51 }, { ...users, [peer]: 49 }, withoutPeer]) {
        expect(await set(roomId, { users: next })).toMatchObject(forbidden);
      }
      for (const level of ['kick', 'users_default', 'state_default']) {
        expect(await set(roomId, { users, [level]: 51 })).toMatchObject(forbidden);
      }
      expect(await set(roomId, { users, events: { 'm.room.name': 51 } })).toMatchObject(forbidden);
      expect(await set(roomId, { users, kick: 50 })).toMatchObject({ status: 200 });
    });

    it('are 400 if they are text, a fraction, or of nobody', async () => {
      const { owner, roomId } = await roomWithBot(version);
      const byOwner = (users: object) => request('PUT', paths.state(roomId, LEVELS), { users }, owner.token);
      for (const level of ['10', 10.5, null]) {
        expect(await byOwner({ [facts.freshId('ann')]: level })).toMatchObject({
          status: 400,
          body: { errcode: 'M_BAD_JSON' },
        });
      }
      expect(await byOwner({ ann: 10 })).toMatchObject({ status: 400, body: { errcode: 'M_UNKNOWN' } });
    });

    it('may hold what nobody knows, and users of other servers', async () => {
      const { owner, roomId } = await roomWithBot(version);
      const own = version === '12' ? {} : { [owner.userId]: 100 };
      const users = { ...own, '@ann:elsewhere.invalid': 10 };
      const content = { users, other: 'text', 'org.example': { deep: ['5'] } };
      await owner.setPowerLevels(roomId, content);
      expect(await levelsOf(roomId)).toEqual(content);
    });

    it('may be empty: then nobody but a creator of version 12 may change them', async () => {
      const { owner, roomId } = await roomWithBot(version);
      await owner.setPowerLevels(roomId, {});
      expect(await set(roomId, { users: {} })).toMatchObject(forbidden);
      const path = paths.state(roomId, LEVELS);
      const { status } = await request('PUT', path, { users: {} }, owner.token);
      expect(status).toBe(version === '12' ? 200 : 403);
    });
  });

  describe('power levels', () => {
    it('are 400 in version 12 if a creator is among the users', async () => {
      const { owner, roomId } = await facts.takenRoom({ version: '12' });
      const { users } = await levelsOf(roomId);
      const content = { users: { ...Object(users), [owner.userId]: 100 } };
      expect(await set(roomId, content)).toMatchObject({ status: 400, body: { errcode: 'M_UNKNOWN' } });
    });

    it('can neither be read nor set by who is not in the room: 403 M_FORBIDDEN, also if there is none', async () => {
      const owner = await facts.person('owner');
      for (const room of [await owner.createRoom(), nowhere()]) {
        expect(await request('GET', paths.state(room, LEVELS))).toMatchObject(forbidden);
        expect(await set(room, { users: {} })).toMatchObject(forbidden);
      }
    });

    it('are those of then to who has left', async () => {
      const { owner, roomId } = await facts.takenRoom();
      const before = await levelsOf(roomId);
      await owner.kick(roomId, facts.server.bot);
      await owner.setPowerLevels(roomId, { kick: 7 });
      expect(await levelsOf(roomId)).toEqual(before);
    });

    it('above which a creator may stand: m.room.create is sent by who made the room', async () => {
      const { owner, roomId } = await facts.takenRoom({ version: '12', isSpace: true });
      expect(await request('GET', `${paths.state(roomId, 'm.room.create')}?format=event`)).toMatchObject({
        status: 200,
        body: { sender: owner.userId, state_key: '', content: { room_version: '12', type: 'm.space' } },
      });
    });
  });
}
