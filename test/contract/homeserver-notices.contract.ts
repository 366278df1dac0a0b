import { describe, expect, it } from 'vitest';
import { type Shared, unknownRoom } from './homeserver-shared.ts';

const notice = { text: 'Ann & <Bob>', html: '<p>Ann &amp; &lt;Bob&gt;</p>' };

export function describeNotices(shared: Shared): void {
  /** A room with the bot in it, unless it is to stay out. */
  const room = async ({ isOut = false } = {}) => {
    const owner = await shared.server.person(shared.fresh('owner'));
    const roomId = await owner.createRoom();
    if (!isOut) await shared.server.homeserver.takeRoom(roomId);
    return { owner, roomId, said: () => owner.messages(roomId) };
  };

  describe('a notice', () => {
    it('is read in the room as text and as HTML, and calls on nobody', async () => {
      const { roomId, said } = await room();
      await shared.server.homeserver.sendNotice(roomId, notice, shared.fresh('txn'));
      expect(await said()).toEqual([
        expect.objectContaining({
          sender: shared.server.bot,
          content: {
            msgtype: 'm.notice',
            body: 'Ann & <Bob>',
            format: 'org.matrix.custom.html',
            formatted_body: '<p>Ann &amp; &lt;Bob&gt;</p>',
            'm.mentions': {},
          },
        }),
      ]);
    });

    it('that is sent again with its transaction is there once, in another transaction twice', async () => {
      const { homeserver } = shared.server;
      const { roomId, said } = await room();
      const transaction = shared.fresh('txn');
      await homeserver.sendNotice(roomId, notice, transaction);
      await homeserver.sendNotice(roomId, notice, transaction);
      expect(await said()).toHaveLength(1);
      await homeserver.sendNotice(roomId, { ...notice, text: 'more' }, shared.fresh('txn'));
      expect((await said()).map(({ content }) => content.body)).toEqual([notice.text, 'more']);
    });

    it('is refused where the bot is not, until it has taken the room', async () => {
      const { homeserver } = shared.server;
      const { roomId, said } = await room({ isOut: true });
      const send = () => homeserver.sendNotice(roomId, notice, 'taken-later');
      await expect(send()).rejects.toMatchObject({ kind: 'refused', errcode: 'M_FORBIDDEN' });
      expect(await said()).toEqual([]);
      await homeserver.takeRoom(roomId);
      await send();
      expect(await said()).toHaveLength(1);
    });

    it('is refused where the bot has not the power to speak, until it has taken the room', async () => {
      const { homeserver, bot, request } = shared.server;
      const { owner, roomId, said } = await room({ isOut: true });
      await owner.invite(roomId, bot);
      await request('POST', `/_matrix/client/v3/join/${encodeURIComponent(roomId)}`, {});
      await owner.setPowerLevels(roomId, { users: {}, events_default: 50, invite: 50 });
      const send = () => homeserver.sendNotice(roomId, notice, shared.fresh('txn'));
      await expect(send()).rejects.toMatchObject({ kind: 'refused', errcode: 'M_FORBIDDEN' });
      await homeserver.takeRoom(roomId);
      await send();
      expect(await said()).toHaveLength(1);
    });

    it('is refused in a room that nobody knows, and if it is too long for an event', async () => {
      const { homeserver, serverName } = shared.server;
      const { roomId, said } = await room();
      const send = (to: typeof roomId, text: string) =>
        homeserver.sendNotice(to, { ...notice, text }, shared.fresh('txn'));
      await expect(send(unknownRoom(serverName), 'a')).rejects.toMatchObject({ kind: 'refused' });
      await expect(send(roomId, 'a'.repeat(70_000))).rejects.toMatchObject({
        kind: 'refused',
        errcode: 'M_TOO_LARGE',
      });
      await send(roomId, 'a'.repeat(50_000));
      expect(await said()).toHaveLength(1);
    });
  });
}
