import { describe, expect, it } from 'vitest';
import { createEngine } from '../../src/cli/engine.ts';
import { loadConfig } from '../../src/config/config.ts';
import type { SourceId } from '../../src/directory/resource.ts';
import { HomeserverError } from '../../src/matrix/error.ts';
import type { Homeserver } from '../../src/matrix/homeserver.ts';
import type { RoomId } from '../../src/matrix/ids.ts';
import { parseGroupMap } from '../../src/plan/group-map-parse.ts';
import { tellOutages } from '../../src/reconcile/outage.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import { startSimulated } from '../support/homeserver/simulated.ts';
import { tempDir } from '../support/temp-dir.ts';
import { envFor } from '../support/usher.ts';

/** A homeserver that breaks off whoever reads or joins one room. */
function withBroken(
  homeserver: Homeserver,
  broken: { readonly read?: RoomId; readonly join?: RoomId },
): Homeserver {
  const unless = async <T>(isBroken: boolean, call: () => Promise<T>): Promise<T> => {
    if (isBroken) throw new HomeserverError('unavailable', 'answered 500', { errcode: 'M_UNKNOWN' });
    return call();
  };
  return tellOutages({
    ...homeserver,
    joinedMembers: (room) => unless(room === broken.read, () => homeserver.joinedMembers(room)),
    join: (room, user) => unless(room === broken.join, () => homeserver.join(room, user)),
  });
}

describe('an outage', () => {
  it('is told from one call that breaks off', async () => {
    const { homeserver, world } = await startSimulated({ via: 'port' });
    const room = '!broken:usher.test' as RoomId;
    const broken = withBroken(homeserver, { read: room });
    await expect(broken.joinedMembers(room)).rejects.toMatchObject({
      kind: 'failed',
      errcode: 'M_UNKNOWN',
    });
    world.goDown();
    await expect(broken.joinedMembers(room)).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('is not what one broken room makes: the other rooms are reached', async () => {
    const simulated = await startSimulated({ via: 'port' });
    const owner = await simulated.person('owner');
    const [unreadable, unjoinable] = [await owner.createRoom(), await owner.createRoom()];
    const rooms = [await owner.createRoom(), await owner.createRoom()];
    const folder = tempDir();
    const map = JSON.stringify({ '*': [unreadable, unjoinable, ...rooms] });
    const env = envFor(simulated, folder, { GROUP_MAP_FILE: '', IDP_GROUP_TO_ROOM: map });
    const { config } = loadConfig({ env, readFile: () => '' });
    const store = openStore(folder);
    const { id } = await store.users.create(
      'idp' as SourceId,
      { userName: 'ann', externalId: 'x' },
      Date.now(),
    );
    const ignore = () => {};
    const loop = await createEngine({
      config,
      store,
      homeserver: withBroken(simulated.homeserver, { read: unreadable, join: unjoinable }),
      map: () => parseGroupMap(map),
      listener: {
        changed: ignore,
        found: ignore,
        paused: ignore,
        resumed: ignore,
        passed: ignore,
        postponed: ignore,
        crashed: ignore,
      },
    });
    await loop.runOnce();
    for (const room of rooms) {
      expect([...((await simulated.homeserver.joinedMembers(room)) ?? [])]).toContain('@ann:usher.test');
    }
    expect(loop.status()).toMatchObject({
      pause: undefined,
      lastPass: { problems: [{ target: unreadable }] },
    });
    expect(await store.work.failing(10)).toMatchObject([{ userId: id, lastError: { kind: 'failed' } }]);
    await store.close();
  });
});
