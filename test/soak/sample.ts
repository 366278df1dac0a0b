import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type { Stage } from './stage.ts';

/** One look at Usher from outside. Sizes are megabytes, times milliseconds. */
export type Sample = {
  readonly seconds: number;
  readonly memory: number;
  readonly descriptors: number;
  readonly wal: number;
  readonly database: number;
  /** Rows that grow by design: of the journal, and of what the guard let through within the hour. */
  readonly kept: number;
  /** Rows of all other tables. */
  readonly rows: number;
  readonly lagMs: number;
  readonly healthP99: number;
  readonly scimP99: number;
};

const MEGABYTE = 1024 ** 2;
const PING_MS = 50;

export function createSampler({ usher, dataDir }: Stage, takeTimes: () => number[]) {
  const begin = performance.now();
  const file = join(dataDir, 'usher.db');
  const pings: number[] = [];
  let isOver = false;
  const ping = async (): Promise<void> => {
    while (!isOver) {
      const start = performance.now();
      await (await fetch(`${usher.url}/healthz`)).text();
      pings.push(performance.now() - start);
      await delay(PING_MS);
    }
  };
  const pinging = ping();

  return {
    async take(): Promise<Sample> {
      const { kept, rows } = rowsIn(file);
      return {
        seconds: Math.round((performance.now() - begin) / 1000),
        memory: usher.memory().now,
        descriptors: usher.descriptors(),
        wal: statSync(`${file}-wal`).size / MEGABYTE,
        database: statSync(file).size / MEGABYTE,
        ...{ kept, rows },
        lagMs: (await metric(usher.url, 'usher_work_lag_seconds')) * 1000,
        healthP99: percentile(pings.splice(0), 0.99),
        scimP99: percentile(takeTimes(), 0.99),
      };
    },
    async stop(): Promise<void> {
      isOver = true;
      await pinging;
    },
  };
}

export async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function rowsIn(file: string) {
  const db = new Database(file, { readonly: true });
  try {
    const tables = db
      .prepare<[], { name: string }>(
        `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`,
      )
      .all();
    const countOf = (name: string): number =>
      db.prepare<[], { count: number }>(`SELECT count(*) AS count FROM "${name}"`).get()?.count ?? 0;
    const kept = countOf('journal') + countOf('taken');
    return { kept, rows: tables.reduce((sum, { name }) => sum + countOf(name), -kept) };
  } finally {
    db.close();
  }
}
