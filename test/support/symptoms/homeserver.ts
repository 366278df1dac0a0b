import { writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished, vi } from 'vitest';
import { startSimulated } from '../homeserver/simulated.ts';
import { tempDir } from '../temp-dir.ts';
import { usher } from '../terminal.ts';
import { type Env, envFor, startUsher } from '../usher.ts';
import { keepLog } from './logged.ts';

const SOON = { timeout: 10_000 };

/** What `usher check` and the log say of a homeserver that can't be used, or is not the right one. */
export async function sayOfHomeserver(): Promise<readonly string[]> {
  const homeserver = await startSimulated();
  onTestFinished(() => homeserver.close());
  const folder = tempDir();
  const settings = envFor(homeserver, folder);
  writeFileSync(String(settings.GROUP_MAP_FILE), '{}');
  const check = async (env: Env): Promise<string> => (await usher(['check'], { ...settings, ...env })).stdout;
  const plain = await homeserver.person('plain');
  await homeserver.request('PUT', `/_synapse/admin/v2/users/${encodeURIComponent(plain.userId)}`, {
    external_ids: [{ auth_provider: 'oidc-other', external_id: 'x' }],
  });
  const logOf = async (env: Env): Promise<string> => {
    const { log, logged } = keepLog();
    const { close } = await startUsher(homeserver, {}, { env, log });
    await vi.waitFor(() => {
      if (!logged().includes('everything waits')) throw new Error('not yet');
    }, SOON);
    await close();
    return logged();
  };

  return [
    await check({ MATRIX_URL: 'http://127.0.0.1:1' }),
    await check({ MATRIX_URL: await serve(() => {}), MATRIX_TIMEOUT: '1s' }),
    await check({ MATRIX_URL: await serve((_, response) => response.writeHead(404).end('<html>nginx')) }),
    await check({ MATRIX_URL: await serve((_, response) => response.end('<html>Sign in')) }),
    await check({ MATRIX_ADMIN_TOKEN: 'syt_wrong' }),
    await check({ MATRIX_ADMIN_TOKEN: plain.token }),
    await check({ MATRIX_ADMIN_TOKEN: plain.token, MATRIX_ADMIN_USER_ID: plain.userId }),
    await check({ IDP_NAME: 'oidc-typo' }),
    await logOf({ MATRIX_URL: 'http://127.0.0.1:1' }),
    await logOf({ MATRIX_ADMIN_TOKEN: 'syt_wrong' }),
  ];
}

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
