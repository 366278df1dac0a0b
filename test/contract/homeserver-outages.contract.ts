import { describe, expect, it } from 'vitest';
import type { Shared } from './homeserver-shared.ts';

export function describeOutages(shared: Shared): void {
  describe('outages', () => {
    it('is unavailable while it is down, and as it was once it is back', async () => {
      const { homeserver, bot } = shared.server;
      const owner = await shared.server.person(shared.fresh('owner'));
      const room = await owner.createRoom();
      await shared.server.stop();
      try {
        await expect(homeserver.account(bot)).rejects.toMatchObject({
          name: 'HomeserverError',
          kind: 'unavailable',
        });
        await expect(homeserver.room(room)).rejects.toMatchObject({ kind: 'unavailable' });
        await expect(homeserver.join(room, bot)).rejects.toMatchObject({ kind: 'unavailable' });
      } finally {
        await shared.server.start();
      }
      expect(await homeserver.joinedMembers(room)).toEqual(new Set([owner.userId]));
    });
  });
}
