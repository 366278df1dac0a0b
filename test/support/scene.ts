import { join } from 'node:path';
import Database from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import { createEngine } from '../../src/cli/engine.ts';
import { loadConfig } from '../../src/config/config.ts';
import type { Attributes, ResourceId, SourceId } from '../../src/directory/resource.ts';
import type { Homeserver } from '../../src/matrix/homeserver.ts';
import { type RoomId, type UserId, userId } from '../../src/matrix/ids.ts';
import { createPhotoFetcher } from '../../src/photos/fetch-photo.ts';
import { parseGroupMap } from '../../src/plan/group-map-parse.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import { startSimulated } from './homeserver/simulated.ts';
import { tempDir } from './temp-dir.ts';
import { type Env, envFor } from './usher.ts';

export const SOURCE = 'idp' as SourceId;
export const ANN = userId('ann', 'usher.test');

/**
 * A directory and a homeserver, and an Usher that is started anew for each run. Photos of this machine are fetched,
 * unless it `isCareful` as the real one is.
 */
export async function scene({
  env: more = {},
  isCareful = false,
}: {
  readonly env?: Env;
  readonly isCareful?: boolean;
} = {}) {
  const simulated = await startSimulated({ via: 'port' });
  const owner = await simulated.person('owner');
  const folder = tempDir();
  const store = openStore(folder);
  onTestFinished(() => store.close());
  const ignore = () => {};
  /** What an Usher does, to be run for as long as a test likes, with a map that may change meanwhile. */
  const engine = (map: () => object, faults: Partial<Homeserver> = {}, settings: Env = {}) => {
    const env = envFor(simulated, folder, {
      GROUP_MAP_FILE: '',
      IDP_GROUP_TO_ROOM: JSON.stringify(map()),
      ...more,
      ...settings,
    });
    const { config } = loadConfig({ env, readFile: () => '' });
    return createEngine({
      config,
      store,
      homeserver: { ...simulated.homeserver, ...faults },
      ...(isCareful ? {} : { fetchPhoto: createPhotoFetcher({ isAllowed: () => true }) }),
      map: () => parseGroupMap(JSON.stringify(map())),
      listener: {
        changed: ignore,
        found: ignore,
        held: ignore,
        paused: ignore,
        resumed: ignore,
        passed: ignore,
        postponed: ignore,
        crashed: (error) => {
          throw error;
        },
      },
    });
  };
  return {
    ...simulated,
    store,
    owner,
    forgetWork() {
      const db = new Database(join(folder, 'usher.db'));
      db.exec('DELETE FROM work');
      db.close();
    },
    /** Lets time pass for those who left. */
    backdate(days: number) {
      const db = new Database(join(folder, 'usher.db'));
      db.prepare('UPDATE links SET inactive_since = inactive_since - ?').run(days * 86_400_000);
      db.close();
    },
    change: (id: ResourceId, attributes: Attributes) =>
      store.users.update(SOURCE, id, () => attributes, Date.now()),
    remove: (id: ResourceId) => store.users.remove(SOURCE, id, Date.now()),
    account: async (user: UserId = ANN) => simulated.homeserver.account(user),
    user: (attributes: Attributes) => store.users.create(SOURCE, attributes, Date.now()),
    group: (externalId: string, ...members: readonly ResourceId[]) =>
      store.groups.create(
        SOURCE,
        { attributes: { displayName: externalId, externalId }, members },
        Date.now(),
      ),
    join: (group: ResourceId, ...values: readonly ResourceId[]) =>
      store.groups.update(
        SOURCE,
        group,
        ({ attributes }) => ({ attributes, members: [{ kind: 'add', values }] }),
        Date.now(),
      ),
    leave: (group: ResourceId, ...values: readonly ResourceId[]) =>
      store.groups.update(
        SOURCE,
        group,
        ({ attributes }) => ({ attributes, members: [{ kind: 'remove', values }] }),
        Date.now(),
      ),
    engine,
    /** A full pass and all that comes of it, with faults put in front of the homeserver. */
    async run(map: object, faults: Partial<Homeserver> = {}, settings: Env = {}) {
      const loop = await engine(() => map, faults, settings);
      await loop.runOnce();
      return loop.status();
    },
    isIn: async (room: RoomId, user: UserId = ANN) =>
      (await simulated.homeserver.joinedMembers(room))?.has(user) === true,
  };
}
