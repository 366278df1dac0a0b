import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startUsherProcess, type UsherProcess } from '../test/support/usher-process.ts';
import type { LoopReport } from './loop-watch.ts';

export const SECRET = 'a-secret-of-the-benchmark';

/** `url` is that of SCIM. */
export type MeasuredUsher = UsherProcess & {
  /** Milliseconds that its event loop was blocked at the longest since it was last asked. */
  readonly longestBlock: () => Promise<number>;
  /** The sum of the metrics whose lines match; the first group is the value. */
  readonly metric: (line: RegExp) => Promise<number>;
};

/** Usher as a process of its own; unless told otherwise its homeserver does not answer, as in an outage. */
export async function startUsher(
  dataDir: string,
  env: Readonly<Record<string, string>> = {},
): Promise<MeasuredUsher> {
  const report = join(dataDir, 'loop.json');
  const watch = `--import ${new URL('loop-watch.ts', import.meta.url)}`;
  const usher = await startUsherProcess({
    WEBHOOK_SECRET: SECRET,
    MATRIX_URL: 'http://127.0.0.1:9',
    MATRIX_SERVER_NAME: 'example.com',
    MATRIX_ADMIN_USER_ID: '@usher:example.com',
    MATRIX_ADMIN_TOKEN: 'syt_none',
    IDP_NAME: 'oidc-idp',
    ...(env.GROUP_MAP_FILE === undefined && { IDP_GROUP_TO_ROOM: '{}' }),
    DATA_DIR: dataDir,
    MAX_BODY_SIZE: '32MiB',
    LOOP_WATCH: report,
    NODE_OPTIONS: watch,
    ...env,
  });
  return {
    ...usher,
    url: `${usher.url}/scim/v2`,
    async metric(line) {
      const text = await (await fetch(`${usher.url}/metrics`)).text();
      return [...text.matchAll(line)].reduce((sum, [, value]) => sum + Number(value), 0);
    },
    async longestBlock() {
      rmSync(report, { force: true });
      process.kill(usher.pid, 'SIGUSR2');
      for (;;) {
        await wait(20);
        const text = readOrNothing(report);
        if (text !== '') return (JSON.parse(text) as LoopReport).longestBlock;
      }
    },
  };
}

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
