import { beforeAll, describe, expect, it } from 'vitest';
import type { UserId } from '../../src/matrix/ids.ts';
import type { HomeserverUnderTest } from '../support/homeserver/harness.ts';
import { tempDir } from '../support/temp-dir.ts';
import { startUsher } from '../support/usher.ts';
import { createGround } from './usher-shared.ts';

const SOON = { timeout: 30_000, interval: 500 };
const words = { added: 'Welcome to Engineering', removed: 'You are no engineer any more' };

/** What people are told of rooms that they get and lose, on any homeserver. */
export function describeUsherWords(name: string, start: () => Promise<HomeserverUnderTest>): void {
  describe(`Usher and words on ${name}`, { timeout: 120_000 }, () => {
    const { fresh, account, inRoom, ...ground } = createGround(start);
    let homeserver: HomeserverUnderTest;
    beforeAll(() => {
      homeserver = ground.homeserver();
    });
    /** What the homeserver said to somebody, once she has gone to see it. */
    const heardBy = async (localpart: string): Promise<readonly unknown[]> => {
      const person = await homeserver.person(localpart);
      const heard: unknown[] = [];
      for (const [roomId, membership] of await homeserver.homeserver.memberships(person.userId)) {
        const joined = [...((await homeserver.homeserver.joinedMembers(roomId)) ?? [])];
        if (!joined.some((each) => each.startsWith('@notices:'))) continue;
        if (membership === 'invite') await person.join(roomId);
        heard.push(...(await person.messages(roomId)).map(({ content }) => content.body));
      }
      return heard;
    };
    const unlock = (user: UserId) => homeserver.homeserver.unrestrict(user, 'lock');

    it('tells who is let in by her groups, and who loses the room with the last, once', async () => {
      const room = await ground.owner().createRoom();
      const [key, other] = [fresh('key'), fresh('key')];
      const [ann, bob, cem] = [fresh('ann'), fresh('bob'), fresh('cem')];
      const was = await homeserver.person(bob);
      await ground.owner().invite(room, was.userId);
      await was.join(room);
      const folder = tempDir();
      const map = { [key]: { room, words }, [other]: room };
      const env = { EXISTING_ACCOUNTS: 'adopt' };
      const first = await startUsher(homeserver, map, { folder, env });
      const { provider } = first;
      const ids = await Promise.all([ann, bob, cem].map((userName) => provider.createUser({ userName })));
      const [annId = '', , cemId = ''] = ids;
      const group = await provider.createGroup(key, key, ids);
      await first.settle();
      expect(await inRoom(room)).toEqual([ann, bob, cem].sort());
      await expect.poll(() => heardBy(ann), SOON).toEqual([words.added]);
      await expect.poll(() => heardBy(cem), SOON).toEqual([words.added]);
      expect(await heardBy(bob)).toEqual([]);

      // Somebody takes her out in the bot's name, and the next pass finds it; and Usher is started anew.
      await homeserver.homeserver.kick(room, account(ann), 'by mistake');
      await first.resync();
      expect(await inRoom(room)).toContain(ann);
      await first.close();
      const { provider: again, ...second } = await startUsher(homeserver, map, { folder, env });
      const otherGroup = await again.createGroup(other, other, [annId]);
      await again.removeMembers(group, annId);
      await second.settle();
      expect(await inRoom(room)).toContain(ann);

      await again.putUser(cemId, { userName: cem, active: false });
      await second.settle();
      await again.removeMembers(otherGroup, annId);
      await second.settle();
      expect(await inRoom(room)).toEqual([bob]);
      await expect.poll(() => heardBy(ann), SOON).toEqual([words.added, words.removed]);
      await second.close();
      await unlock(account(cem));
      expect(await heardBy(cem)).toEqual([words.added]);
      expect(await heardBy(bob)).toEqual([]);
    });
  });
}
