import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { startSimulated } from '../support/homeserver/simulated.ts';
import { tempDir } from '../support/temp-dir.ts';
import { type Env, envFor } from '../support/usher.ts';

const USHER = join(import.meta.dirname, '../../src/usher.js');

/** The settings of a homeserver that does not answer. */
async function settings(folder: string, more: Env = {}): Promise<Env> {
  const homeserver = await startSimulated({ via: 'port' });
  const inline = { MATRIX_URL: 'http://127.0.0.1:9', GROUP_MAP_FILE: '', IDP_GROUP_TO_ROOM: '{}' };
  return envFor(homeserver, folder, { ...inline, LOG_LEVEL: 'info', ...more });
}

function start(args: readonly string[], folder: string, env: Env) {
  return spawn(process.execPath, [USHER, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
}

describe('the process', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('says goodbye on %s, and ends well', async (signal) => {
    const folder = tempDir();
    const child = start(['serve'], folder, await settings(folder));
    let log = '';
    for await (const chunk of child.stdout) {
      log += chunk;
      if (log.includes('usher is listening') && !child.killed) child.kill(signal);
    }
    const [exitCode] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode];
    expect(exitCode).toBe(0);
    expect(log).toContain('usher is stopping');
    expect(log).toContain('homeserver does not answer, everything waits');
  });

  it('reads a file .env beside it, and what is in the environment goes first', async () => {
    const folder = tempDir();
    const { MATRIX_URL: _url, ...env } = await settings(folder);
    const lines = Object.entries({ ...env, MATRIX_URL: 'nonsense', IDP_NAME: 'from-file' });
    writeFileSync(join(folder, '.env'), lines.map(([name, value]) => `${name}='${value}'`).join('\n'));
    const child = start(['check'], folder, { MATRIX_URL: 'http://127.0.0.1:9' });
    const [stdout, [exitCode]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    expect(stdout).toMatch(
      /FAIL {2}homeserver: .*\n.*nothing that is a Synapse answers at http:\/\/127\.0\.0\.1:9\./,
    );
    expect(exitCode).toBe(1);
  });
});
