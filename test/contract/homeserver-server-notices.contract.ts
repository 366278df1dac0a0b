import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseUserId, type RoomId, type UserId } from '../../src/matrix/ids.ts';
import type { ActingUser, HomeserverUnderTest } from '../support/homeserver/harness.ts';
import type { Shared } from './homeserver-shared.ts';

const SEND = '/_synapse/admin/v1/send_server_notice';

/** `startWithout` starts one that has no server notices. */
export function describeServerNotices(
  shared: Shared,
  startWithout: () => Promise<HomeserverUnderTest>,
): void {
  const notice = (user: UserId | string) => ({
    user_id: user,
    content: { msgtype: 'm.text', body: 'Welcome' },
  });
  const invitationsOf = async ({ userId }: ActingUser): Promise<readonly RoomId[]> =>
    [...(await shared.server.homeserver.memberships(userId))].flatMap(([roomId, membership]) =>
      membership === 'invite' ? [roomId] : [],
    );
  /** What the homeserver said to her, once she has gone to see it. */
  const heardBy = async (ann: ActingUser): Promise<readonly unknown[]> => {
    const [room] = await invitationsOf(ann);
    if (room === undefined) throw new Error('she was not invited');
    await ann.join(room);
    return (await ann.messages(room)).map(({ content }) => content.body);
  };

  describe('a server notice', () => {
    it('is read in a room that she is invited to, and so is the next one', async () => {
      const { homeserver } = shared.server;
      const ann = await shared.server.person(shared.fresh('ann'));
      expect(await homeserver.hasServerNotices()).toBe(true);
      await homeserver.sendServerNotice(ann.userId, 'Welcome to Engineering & <Co>');
      await homeserver.sendServerNotice(ann.userId, 'Read this first');
      expect(await invitationsOf(ann)).toHaveLength(1);
      expect(await heardBy(ann)).toEqual(['Welcome to Engineering & <Co>', 'Read this first']);
    });

    it('is for her alone', async () => {
      const { homeserver, bot } = shared.server;
      const [ann, bob] = [
        await shared.server.person(shared.fresh('ann')),
        await shared.server.person(shared.fresh('bob')),
      ];
      await homeserver.sendServerNotice(ann.userId, 'Welcome');
      const [room] = await invitationsOf(ann);
      expect(await invitationsOf(bob)).toEqual([]);
      expect(room && (await homeserver.member(room, bot))).toBeUndefined();
    });

    it('comes from a sender without an account, of which the name is taken', async () => {
      const { homeserver, serverName } = shared.server;
      const ann = await shared.server.person(shared.fresh('ann'));
      await homeserver.sendServerNotice(ann.userId, 'Welcome');
      const [room] = await invitationsOf(ann);
      const members = room === undefined ? [] : [...((await homeserver.joinedMembers(room)) ?? [])];
      expect(members).toEqual([`@notices:${serverName}`]);
      const [sender] = members;
      expect(sender && (await homeserver.account(sender))).toBeUndefined();
      expect(sender && (await homeserver.isNameFree(sender))).toBe(false);
    });

    it('invites her again when she has left', async () => {
      const { homeserver } = shared.server;
      const ann = await shared.server.person(shared.fresh('ann'));
      await homeserver.sendServerNotice(ann.userId, 'Welcome');
      const [room] = await invitationsOf(ann);
      await heardBy(ann);
      if (room !== undefined) await ann.leave(room);
      await homeserver.sendServerNotice(ann.userId, 'Farewell');
      expect(await invitationsOf(ann)).toEqual([room]);
      expect((await heardBy(ann)).at(-1)).toBe('Farewell');
    });

    it('is not refused for who can not read it', async () => {
      const { homeserver } = shared.server;
      for (const restriction of ['lock', 'suspend', 'deactivate'] as const) {
        const { userId } = await shared.server.person(shared.fresh('gone'));
        await homeserver.restrict(userId, restriction);
        await homeserver.sendServerNotice(userId, 'Farewell');
        expect([...(await homeserver.memberships(userId)).values()]).toEqual(['invite']);
      }
    });

    it('is refused for nobody, for people of other servers, and if it is too long for an event', async () => {
      const { homeserver, serverName } = shared.server;
      const ann = await shared.server.person(shared.fresh('ann'));
      const send = (user: string, text = 'Welcome') =>
        homeserver.sendServerNotice(parseUserId(user) as UserId, text);
      await expect(send(`@nobody-at-all:${serverName}`)).rejects.toMatchObject({ kind: 'not-found' });
      await expect(send('@ann:other.test')).rejects.toMatchObject({ kind: 'refused' });
      await expect(send(ann.userId, 'a'.repeat(70_000))).rejects.toMatchObject({
        ...{ kind: 'refused', errcode: 'M_TOO_LARGE' },
      });
      await send(ann.userId, 'a'.repeat(20_000));
      expect(await heardBy(ann)).toHaveLength(1);
    });

    it('is answered as Synapse does, also what the port never sends', async () => {
      const { request, serverName } = shared.server;
      const ann = await shared.server.person(shared.fresh('ann'));
      const codes = async (body: object, token?: string) => {
        const { status, body: answer } = await request('POST', SEND, body, token);
        return [status, answer.errcode];
      };
      expect(await codes(notice(ann.userId))).toEqual([200, undefined]);
      expect(await codes(notice(`@nobody-at-all:${serverName}`))).toEqual([404, 'M_NOT_FOUND']);
      expect(await codes(notice('@ann:other.test'))).toEqual([400, 'M_UNKNOWN']);
      expect(await codes(notice('nonsense'))).toEqual([400, 'M_INVALID_PARAM']);
      expect(await codes({ user_id: ann.userId })).toEqual([400, 'M_MISSING_PARAM']);
      expect(await codes(notice(ann.userId), ann.token)).toEqual([403, 'M_FORBIDDEN']);
    });
  });

  describe('a homeserver without server notices', () => {
    let server: HomeserverUnderTest;
    beforeAll(async () => {
      server = await startWithout();
    });
    afterAll(() => server?.close());

    it('says so, and refuses to send one', async () => {
      const ann = await server.person('ann');
      expect(await server.homeserver.hasServerNotices()).toBe(false);
      await expect(server.homeserver.sendServerNotice(ann.userId, 'Welcome')).rejects.toMatchObject({
        ...{ kind: 'refused', errcode: 'M_UNKNOWN' },
      });
      expect((await server.homeserver.memberships(ann.userId)).size).toBe(0);
      for (const user of ['@nobody-at-all:usher.test', 'nonsense', '@ann:other.test']) {
        const { status, body } = await server.request('POST', SEND, notice(user));
        expect([status, body.errcode]).toEqual([400, 'M_UNKNOWN']);
      }
    });
  });
}
