import { afterAll, beforeAll } from 'vitest';
import { localpartOf, type RoomId, type UserId, userId } from '../../src/matrix/ids.ts';
import type { ActingUser, HomeserverUnderTest } from '../support/homeserver/harness.ts';

/** A homeserver for all tests of a suite, with somebody who makes the rooms. */
export function createGround(start: () => Promise<HomeserverUnderTest>) {
  const ground = {} as { homeserver: HomeserverUnderTest; owner: ActingUser };
  let count = 0;
  beforeAll(async () => {
    ground.homeserver = await start();
    ground.owner = await ground.homeserver.person('owner');
  });
  afterAll(() => ground.homeserver.close());
  return {
    homeserver: () => ground.homeserver,
    owner: () => ground.owner,
    /** A name that no other test uses. */
    fresh(word: string): string {
      count += 1;
      return `${word}${count}`;
    },
    account: (localpart: string): UserId => userId(localpart, ground.homeserver.serverName),
    aliasOf: (localpart: string): string => `#${localpart}:${ground.homeserver.serverName}`,
    /** Who is in the room, but for its owner and the bot. */
    async inRoom(room: RoomId): Promise<readonly string[]> {
      const members = await ground.homeserver.homeserver.joinedMembers(room);
      const staff = [ground.owner.userId, ground.homeserver.bot];
      return [...(members ?? [])]
        .filter((user) => !staff.includes(user))
        .map(localpartOf)
        .sort();
    },
  };
}
