import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import type { SourceId } from '../../../src/directory/resource.ts';
import { type AppDeps, createApp } from '../../../src/http/app.ts';
import { answerClientErrors } from '../../../src/http/client-error.ts';
import { createMetrics } from '../../../src/http/metrics.ts';
import type { Limits } from '../../../src/scim/discovery.ts';
import type { MatrixSide } from '../../../src/scim/matrix-resource.ts';
import { openStore } from '../../../src/store/sqlite/open-store.ts';
import type { Store } from '../../../src/store/store.ts';

export const TOKEN = 'correct-horse-battery-staple';
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
export async function startScimServer(overrides: Partial<AppDeps> = {}): Promise<ScimServer> {
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
  const app = createApp({
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
    limits: LIMITS,
    matrix: NO_MATRIX,
    log: pino({ level: 'debug' }, stream),
    isToldElsewhere: () => false,
    health: async () => ({ ready: true, components: { store: { status: 'ok' } } }),
    metrics: createMetrics(
      async () => ({ total: 3, due: 2, failing: 1, lagMs: 1500, held: 4, isPaused: false }),
      [],
    ),
    now: () => {
      now += 1000;
      return now;
    },
    ...overrides,
  });
  const server = createServer(app.callback());
  answerClientErrors(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  const origin = `http://127.0.0.1:${address.port}`;
  return {
    origin,
    scim: `${origin}/scim/v2`,
    store,
    wakes: () => wakes,
    logged: () => lines.join(''),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
}
