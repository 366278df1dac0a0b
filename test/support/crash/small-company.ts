import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { UserId } from '../../../src/matrix/ids.ts';
import { createProvider, type Provider } from '../provider.ts';
import { tempDir } from '../temp-dir.ts';
import { type Env, envFor, SECRET } from '../usher.ts';
import { startUsherProcess, type UsherProcess } from '../usher-process.ts';
import { startWatched } from './homeserver.ts';

export type RunningUsher = UsherProcess & { readonly provider: Provider };

/** A homeserver with one room, which a group opens; and a folder for the data, wherever that is. */
export async function smallCompany(dataDir: string, more: Env = {}) {
  let kicks = 0;
  const homeserver = await startWatched(() => {
    kicks += 1;
  });
  const owner = await homeserver.person('owner');
  const room = await owner.createRoom();
  const folder = tempDir();
  mkdirSync(dataDir, { recursive: true });
  const env = envFor(homeserver, folder, {
    ...{ LOG_LEVEL: 'info', DATA_DIR: dataDir, REMOVAL_LIMIT_PERCENT: '100', RESYNC_INTERVAL: '10s' },
    ...more,
  });
  writeFileSync(String(env.GROUP_MAP_FILE), JSON.stringify({ 'ext-eng': room }));
  const inRoom = async (): Promise<readonly string[]> => {
    const members = (await homeserver.homeserver.joinedMembers(room)) ?? new Set<UserId>();
    return [...members]
      .filter((member) => member !== homeserver.bot && member !== owner.userId)
      .map((member) => member.slice(1, member.indexOf(':')))
      .toSorted();
  };
  return {
    env,
    dataDir,
    file: join(dataDir, 'usher.db'),
    inRoom,
    kicks: () => kicks,
    async start(): Promise<RunningUsher> {
      const usher = await startUsherProcess(env);
      onTestFinished(() => usher.end('SIGKILL'));
      return { ...usher, provider: createProvider(`${usher.url}/scim/v2`, SECRET) };
    },
  };
}

/** How a start that does not come to listen ends: its exit code and all it said. */
export async function refusedStart(env: Env): Promise<string> {
  let usher: UsherProcess;
  try {
    usher = await startUsherProcess(env);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  await usher.end('SIGKILL');
  return `it started:\n${usher.log()}`;
}

/** What a request is answered, whatever it is. */
export async function answerOf(
  usher: Pick<UsherProcess, 'url'>,
  method: string,
  path: string,
  body?: object,
) {
  const response = await fetch(`${usher.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/scim+json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails if it is not there
    body: (text === '' ? {} : JSON.parse(text)) as any,
  };
}
