import { afterAll, beforeAll } from 'vitest';
import { parseRoomAlias, parseRoomId, type RoomAlias, type RoomId } from '../../src/matrix/ids.ts';
import type { HomeserverUnderTest } from '../support/homeserver/harness.ts';

/** The server that all tests of a suite share, once it is started, and names that are not in use on it. */
export type Shared = {
  readonly server: HomeserverUnderTest;
  /** Makes a localpart that is free. */
  fresh(name: string): string;
};

/** Starts the server before the tests of a suite, the bot without limits, and ends it after them. */
export function share(start: () => Promise<HomeserverUnderTest>): Shared {
  let started: HomeserverUnderTest | undefined;
  let names = 0;
  beforeAll(async () => {
    started = await start();
    await started.homeserver.liftRateLimit();
  });
  afterAll(() => started?.close());
  return {
    get server() {
      if (started === undefined) throw new Error('not started');
      return started;
    },
    fresh(prefix) {
      names += 1;
      return `${prefix}${names}`;
    },
  };
}

export function aliasOf(localpart: string, serverName: string): RoomAlias {
  const alias = parseRoomAlias(`#${localpart}:${serverName}`);
  if (alias === undefined) throw new Error(`not an alias: ${localpart}`);
  return alias;
}

export function unknownRoom(serverName: string): RoomId {
  const room = parseRoomId(`!unknown:${serverName}`);
  if (room === undefined) throw new Error('not a room id');
  return room;
}
