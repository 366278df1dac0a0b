import { describe, expect, it } from 'vitest';
import type { RoomId, UserId } from '../../src/matrix/ids.ts';
import type { RawAnswer } from '../support/homeserver/harness.ts';
import { callsOf, type Facts, paths } from './synapse-facts.ts';

const throttled = {
  status: 429,
  body: { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: expect.any(Number) },
};

export function describeLimitFacts(facts: Facts): void {
  const { request } = callsOf(facts);

  /** A server admin with the limits that every account has. */
  async function limitedAdmin(): Promise<{ userId: UserId; token: string }> {
    const userId = facts.freshId('admin');
    await request('PUT', paths.user(userId), { admin: true });
    return { userId, token: await facts.server.logIn(userId) };
  }

  const lift = (user: UserId) =>
    request('POST', `${paths.adminUser(user)}/override_ratelimit`, {
      messages_per_second: 0,
      burst_count: 0,
    });

  describe('limits', () => {
    it('count a kick as one of 10 messages, as they do a join, and refuse the next with 429 until lifted', async () => {
      const admin = await limitedAdmin();
      const owner = await facts.person('owner');
      const ann = await facts.person('ann');
      const room = await owner.createRoom({ joinRule: 'public', version: '11' });
      await request('POST', paths.join(room), {}, admin.token);
      await owner.setPower(room, admin.userId, 50);
      const kick = async (): Promise<RawAnswer> => {
        await ann.join(room);
        return request('POST', `${paths.room(room)}/kick`, { user_id: ann.userId }, admin.token);
      };

      const answers: RawAnswer[] = [];
      for (let count = 0; count < 15; count += 1) answers.push(await kick());
      expect(answers.slice(0, 9).map(({ status }) => status)).toEqual(Array(9).fill(200));
      expect(answers.find(({ status }) => status !== 200)).toMatchObject(throttled);
      expect(await lift(admin.userId)).toMatchObject({ status: 200 });
      expect(await kick()).toMatchObject({ status: 200 });
    });

    it('let make_room_admin invite the bot to 5 rooms, and 429 for minutes after, until lifted', async () => {
      const admin = await limitedAdmin();
      const owner = await facts.person('owner');
      const makeAdmin = (room: RoomId) =>
        request('POST', `${paths.adminRoom(room)}/make_room_admin`, { user_id: admin.userId }, admin.token);

      for (let count = 0; count < 5; count += 1) {
        expect(await makeAdmin(await owner.createRoom())).toMatchObject({ status: 200 });
      }
      const room = await owner.createRoom();
      const refused = await makeAdmin(room);
      expect(refused).toMatchObject(throttled);
      expect(refused.body.retry_after_ms).toBeGreaterThan(60_000);
      await lift(admin.userId);
      expect(await makeAdmin(room)).toMatchObject({ status: 200 });
    });

    it('do not count admin joins', async () => {
      const { roomId } = await facts.takenRoom();
      const admin = await limitedAdmin();
      const joins: number[] = [];
      await request('POST', paths.adminJoin(roomId), { user_id: admin.userId });
      for (let count = 0; count < 12; count += 1) {
        const { userId } = await facts.person('ann');
        joins.push((await request('POST', paths.adminJoin(roomId), { user_id: userId }, admin.token)).status);
      }
      expect(joins).toEqual(Array(12).fill(200));
    });
  });
}
