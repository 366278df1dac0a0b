import { join } from 'node:path';
import Database from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import { createEngine } from '../../src/cli/engine.ts';
import { loadConfig } from '../../src/config/config.ts';
import type { Attributes, ResourceId, SourceId } from '../../src/directory/resource.ts';
import type { Homeserver } from '../../src/matrix/homeserver.ts';
import { type RoomId, type UserId, userId } from '../../src/matrix/ids.ts';
import { parseGroupMap } from '../../src/plan/group-map-parse.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import { startSimulated } from './homeserver/simulated.ts';
import { tempDir } from './temp-dir.ts';
import { envFor } from './usher.ts';

export const SOURCE = 'idp' as SourceId;
export const ANN = userId('ann', 'usher.test');

/** A directory and a homeserver, and an Usher that is started anew for each run. */
export async function scene() {
  const simulated = await startSimulated({ via: 'port' });
  const owner = await simulated.person('owner');
  const folder = tempDir();
  const store = openStore(folder);
  onTestFinished(() => store.close());
  const ignore = () => {};
  return {
    ...simulated,
    store,
    owner,
    forgetWork() {
      const db = new Database(join(folder, 'usher.db'));
      db.exec('DELETE FROM work');
      db.close();
    },
    user: (attributes: Attributes) => store.users.create(SOURCE, attributes, Date.now()),
    group: (externalId: string, ...members: readonly ResourceId[]) =>
      store.groups.create(
        SOURCE,
        { attributes: { displayName: externalId, externalId }, members },
        Date.now(),
      ),
    leave: (group: ResourceId, ...values: readonly ResourceId[]) =>
      store.groups.update(
        SOURCE,
        group,
        ({ attributes }) => ({ attributes, members: [{ kind: 'remove', values }] }),
        Date.now(),
      ),
    /** A full pass and all that comes of it, with faults put in front of the homeserver. */
    async run(map: object, faults: Partial<Homeserver> = {}) {
      const text = JSON.stringify(map);
      const env = envFor(simulated, folder, { GROUP_MAP_FILE: '', IDP_GROUP_TO_ROOM: text });
      const { config } = loadConfig({ env, readFile: () => '' });
      const loop = await createEngine({
        config,
        store,
        homeserver: { ...simulated.homeserver, ...faults },
        map: () => parseGroupMap(text),
        listener: {
          changed: ignore,
          found: ignore,
          paused: ignore,
          resumed: ignore,
          passed: ignore,
          postponed: ignore,
          crashed: (error) => {
            throw error;
          },
        },
      });
      await loop.runOnce();
      return loop.status();
    },
    isIn: async (room: RoomId, user: UserId = ANN) =>
      (await simulated.homeserver.joinedMembers(room))?.has(user) === true,
  };
}
