import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import { HomeserverError } from '../matrix/error.ts';
import type { Homeserver } from '../matrix/homeserver.ts';
import type { GroupMap } from '../plan/group-map.ts';
import type { HoldView } from '../plan/holds.ts';
import { unmatchedRules } from '../plan/openings.ts';
import { verifyIdentity } from '../reconcile/pass.ts';
import type { SourceSummary, Store, Urgency, WorkSummary } from '../store/store.ts';
import { lastHeard, providersIn } from './heard.ts';
import { readHolds, tallyOf } from './held.ts';
import { type LastPass, readLastPass, readRoomProblems } from './last-pass.ts';
import { readMapRooms } from './map-rooms.ts';

/** How it is with everything that Usher depends on, and with what it does. */
export type Status = {
  readonly now: number;
  /** Whether some process has the database: the service, or "usher apply". */
  readonly isRunning: boolean;
  readonly isDryRun: boolean;
  readonly resyncMs: number;
  readonly database: { readonly folder: string; readonly bytes: number; readonly schema: number };
  readonly sources: readonly (SourceSummary & {
    /** When it last sent any request, to the minute, and when it last changed something. */
    readonly lastHeard: number | undefined;
    readonly lastModified: number | undefined;
  })[];
  /** After how long without a request a provider needs a person. */
  readonly silenceMs: number | undefined;
  readonly homeserver: {
    readonly url: string;
    readonly version: string | undefined;
    readonly problem: string | undefined;
  };
  readonly map: MapStatus;
  readonly work: WorkSummary & { readonly byUrgency: Readonly<Record<Urgency, number>> };
  /** How many holds there are. */
  readonly held: { readonly waiting: number; readonly rejected: number };
  /** The first of them. */
  readonly holds: readonly Pick<HoldView, 'digest' | 'scope' | 'reason' | 'verdict'>[];
  /** Of rooms, since the last full pass too. */
  readonly problems: LastPass['problems'];
  readonly lastPass: LastPass | undefined;
};

type MapStatus = {
  /** The file, or the setting that it stands in. */
  readonly location: string;
  /** Why it is no map; then the service goes on with the last good one. */
  readonly problem: string | undefined;
  readonly rules: number;
  readonly rooms: number;
  /** Rooms that no full pass has found. */
  readonly unresolved: readonly string[];
  readonly unmatched: readonly string[];
};

/** The map in force, or why there is none. */
export type MapFound = { readonly map: GroupMap } | { readonly problem: string };

type StatusDeps = {
  readonly config: Config;
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly map: MapFound;
  /** Whether some process has the database. */
  readonly isRunning: boolean;
  readonly now: number;
};

/** A provider that breaks may leave one for each room. */
const MOST_HOLDS = 20;

export async function readStatus(deps: StatusDeps): Promise<Status> {
  const { config, store, homeserver, isRunning, now } = deps;
  const holds = await readHolds(store);
  return {
    now,
    isRunning,
    isDryRun: config.dryRun,
    resyncMs: config.resyncIntervalMs,
    database: {
      folder: resolve(config.dataDir),
      bytes: sizeOf(config.dataDir),
      schema: await store.overview.schema(),
    },
    sources: await readSources(store),
    silenceMs: config.providerSilenceMs,
    homeserver: await readHomeserver(config, homeserver),
    map: await readMap(deps),
    work: {
      ...(await store.work.summary(now)),
      byUrgency: await store.overview.marked(),
    },
    held: tallyOf(holds),
    holds: holds
      .slice(0, MOST_HOLDS)
      .map(({ digest, scope, reason, verdict }) => ({ digest, scope, reason, verdict })),
    problems: await readRoomProblems(store),
    lastPass: await readLastPass(store),
  };
}

async function readSources(store: Store): Promise<Status['sources']> {
  return Promise.all(
    (await providersIn(store.overview)).map(async (each) => ({
      ...each,
      lastHeard: await lastHeard(store, each.source),
      lastModified: await store.overview.lastModified(each.source),
    })),
  );
}

function sizeOf(folder: string): number {
  const files = ['usher.db', 'usher.db-wal'].map((name) => join(folder, name));
  return files.filter((file) => existsSync(file)).reduce((sum, file) => sum + statSync(file).size, 0);
}

async function readHomeserver({ matrix }: Config, homeserver: Homeserver): Promise<Status['homeserver']> {
  const { url } = matrix;
  try {
    const { serverVersion } = await homeserver.identify();
    await verifyIdentity(homeserver, matrix.adminUserId);
    return { url, version: serverVersion, problem: undefined };
  } catch (error) {
    if (!(error instanceof HomeserverError)) throw error;
    return { url, version: undefined, problem: error.message };
  }
}

async function readMap({ config, store, map: found }: StatusDeps): Promise<MapStatus> {
  const location = config.groupMap.kind === 'file' ? config.groupMap.path : 'IDP_GROUP_TO_ROOM';
  if ('problem' in found) {
    return { location, problem: found.problem, rules: 0, rooms: 0, unresolved: [], unmatched: [] };
  }
  const { map } = found;
  const rooms = await readMapRooms(store, map);
  return {
    location,
    problem: undefined,
    rules: map.rules.length,
    rooms: rooms.length,
    unresolved: rooms.filter(({ roomId }) => roomId === undefined).map(({ target }) => target),
    unmatched: unmatchedRules(map, await store.groups.names()),
  };
}
