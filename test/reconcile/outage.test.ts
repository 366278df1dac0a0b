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

const BROKEN = '!broken:usher.test' as RoomId;

/** A homeserver that breaks off whatever concerns one room. */
function withBrokenRoom(homeserver: Homeserver): Homeserver {
  const unless = async <T>(room: RoomId, call: () => Promise<T>): Promise<T> => {
    if (room === BROKEN) throw new HomeserverError('unavailable', 'answered 500', { errcode: 'M_UNKNOWN' });
    return call();
  };
  return tellOutages({
    ...homeserver,
    replacement: async (room) => (room === BROKEN ? undefined : homeserver.replacement(room)),
    joinedMembers: (room) => unless(room, () => homeserver.joinedMembers(room)),
    join: (room, user) => unless(room, () => homeserver.join(room, user)),
  });
}

describe('an outage', () => {
  it('is told from one call that breaks off', async () => {
    const { homeserver, world } = await startSimulated({ via: 'port' });
    const broken = withBrokenRoom(homeserver);
    await expect(broken.joinedMembers(BROKEN)).rejects.toMatchObject({
      kind: 'failed',
      errcode: 'M_UNKNOWN',
    });
    world.goDown();
    await expect(broken.joinedMembers(BROKEN)).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('is not what one broken room makes: the other rooms are reached', async () => {
    const simulated = await startSimulated({ via: 'port' });
    const owner = await simulated.person('owner');
    const rooms = [await owner.createRoom(), await owner.createRoom()];
    const folder = tempDir();
    const map = JSON.stringify({ '*': [BROKEN, ...rooms] });
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
      homeserver: withBrokenRoom(simulated.homeserver),
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
    expect(loop.status()).toMatchObject({ pause: undefined, lastPass: { problems: [{ target: BROKEN }] } });
    expect(await store.work.failing(10)).toMatchObject([{ userId: id, lastError: { kind: 'failed' } }]);
    await store.close();
  });
});
