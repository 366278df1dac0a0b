import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const SECRET = 'a-secret-of-the-benchmark';

export type UsherProcess = {
  readonly url: string;
  /** Resident megabytes, now and at the most. */
  readonly memory: () => { readonly now: number; readonly peak: number };
  readonly stop: () => Promise<void>;
};

/** Usher as a process of its own; its homeserver does not answer, as in an outage. */
export async function startUsher(dataDir: string): Promise<UsherProcess> {
  const env = {
    PATH: process.env.PATH,
    WEBHOOK_SECRET: SECRET,
    MATRIX_URL: 'http://127.0.0.1:9',
    MATRIX_SERVER_NAME: 'example.com',
    MATRIX_ADMIN_USER_ID: '@usher:example.com',
    MATRIX_ADMIN_TOKEN: 'syt_none',
    IDP_NAME: 'oidc-idp',
    IDP_GROUP_TO_ROOM: '{}',
    DATA_DIR: dataDir,
    HOST: '127.0.0.1',
    PORT: '0',
    MAX_BODY_SIZE: '32MiB',
  };
  const main = join(import.meta.dirname, '../src/usher.js');
  const child = spawn(process.execPath, [main, 'serve'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise<string>((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (chunk) => {
      // Read to the end, so that Usher never waits for us; kept only until the address is known.
      output = `${output}${chunk}`.slice(-10_000);
      const found = /"url":"([^"]+)"/.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', (code) => reject(new Error(`Usher ended with ${code}:\n${output}`)));
  });
  return {
    url: `${url}/scim/v2`,
    memory: () => memoryOf(child.pid),
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function memoryOf(pid: number | undefined) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (name: string) =>
    Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? Number.NaN) / 1024);
  return { now: megabytes('VmRSS'), peak: megabytes('VmHWM') };
}
