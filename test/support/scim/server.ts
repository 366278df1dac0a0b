import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { createMapDesk } from '../../../src/desk/map.ts';
import type { SourceId } from '../../../src/directory/resource.ts';
import { type AppDeps, createApp } from '../../../src/http/app.ts';
import { CONNECTION_LIMITS, type ConnectionLimits, createListener } from '../../../src/http/listener.ts';
import { createMetrics } from '../../../src/http/metrics.ts';
import { createRefusals } from '../../../src/http/refusals.ts';
import { createLog } from '../../../src/log.ts';
import type { Limits } from '../../../src/scim/discovery.ts';
import type { MatrixSide } from '../../../src/scim/matrix-resource.ts';
import { openStore } from '../../../src/store/sqlite/open-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { simulatedDesk } from '../api/desk.ts';
import { TOKEN } from './client.ts';

export const OTHER_TOKEN = 'another-provider-altogether';

export const LIMITS: Limits = { maxBodyBytes: 2_000_000, maxResults: 200, maxOperations: 100 };

/** A homeserver of which nothing is known yet. */
const NO_MATRIX: MatrixSide = {
  users: async (users) =>
    new Map(
      users.map((user) => [
        user,
        { userId: undefined, accountState: 'none', rooms: [], lastError: undefined },
      ]),
    ),
  groups: async (groups) => new Map(groups.map(({ id }) => [id, { rooms: [], lastError: undefined }])),
};

const NO_MAP = { kind: 'inline', map: { rules: [] }, text: '{}' } as const;

/** Milliseconds since 1970 of the first reading of the test's clock; each reading is one second later. */
const START = Date.UTC(2026, 0, 1);

export type ScimServer = {
  /** Without a slash at the end. */
  readonly origin: string;
  readonly scim: string;
  readonly store: Store;
  /** How often the reconciler was woken. */
  readonly wakes: () => number;
  /** What was logged, as text. */
  readonly logged: () => string;
  readonly stop: () => Promise<void>;
};

/** The real app with the real store in a folder of its own, listening on a free port of this machine. */
export async function startScimServer(
  overrides: Partial<AppDeps> = {},
  connectionLimits: Partial<ConnectionLimits> = {},
): Promise<ScimServer> {
  const folder = await mkdtemp(join(tmpdir(), 'usher-http-'));
  const store = openStore(folder);
  let wakes = 0;
  let now = START;
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const log = createLog('debug', stream);
  const metrics = createMetrics(
    async () => ({
      total: 3,
      due: 2,
      failing: 1,
      lagMs: 1500,
      held: 4,
      heard: new Map([['okta', 1_700_000_000_000]]),
      events: undefined,
      isPaused: false,
    }),
    [],
  );
  const refusals = createRefusals({ log, count: metrics.onRefusal });
  const handle = createApp({
    version: '1.2.3',
    store,
    wake: () => {
      wakes += 1;
    },
    tokens: [
      { source: 'first' as SourceId, secret: TOKEN },
      { source: 'second' as SourceId, secret: OTHER_TOKEN },
    ],
    basePath: '/scim/v2',
    publicUrl: undefined,
    isProxy: undefined,
    isBasicAllowed: false,
    jwt: undefined,
    oidc: undefined,
    areMetricsProtected: false,
    limits: LIMITS,
    mapDesk: createMapDesk({ location: NO_MAP, serverName: 'x', store, now: Date.now }),
    planMap: () => Promise.reject(new Error('there is no homeserver')),
    matrix: NO_MATRIX,
    desk: simulatedDesk(store),
    log,
    isToldElsewhere: () => false,
    health: async () => ({ ready: true, components: { store: { status: 'ok' } } }),
    metrics,
    refusals,
    now: () => {
      now += 1000;
      return now;
    },
    ...overrides,
  });
  const limits = { ...CONNECTION_LIMITS, goodbyeMs: 0, ...connectionLimits };
  const listener = createListener({ handle, refusals, limits });
  const origin = await listener.listen({ host: '127.0.0.1', port: 0 });
  return {
    origin,
    scim: `${origin}/scim/v2`,
    store,
    wakes: () => wakes,
    logged: () => lines.join(''),
    async stop() {
      await listener.close();
      refusals.close();
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
}
