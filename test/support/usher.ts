import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Service, startService } from '../../src/cli/service.ts';
import { loadConfig } from '../../src/config/config.ts';
import { createLog, type Log } from '../../src/log.ts';
import type { HomeserverUnderTest } from './homeserver/harness.ts';
import { createProvider, type Provider } from './provider.ts';
import { tempDir } from './temp-dir.ts';

export const SECRET = 'a-secret-of-the-tests';
export const IDP = 'oidc-idp';

export type Env = Readonly<Record<string, string>>;

/** A running Usher in this process, with a provider that pushes to it. */
export type UsherUnderTest = {
  readonly url: string;
  readonly dataDir: string;
  readonly provider: Provider;
  readonly service: Service;
  /** Waits until everything that can be done is done. */
  settle(): Promise<void>;
  /** A full pass, and all that comes of it. */
  resync(): Promise<void>;
  /** Writes the group map file, as an admin's editor does. */
  writeMap(map: object | string): void;
  close(): Promise<void>;
};

/** What an Usher has to know of a homeserver. */
export type Reached = Pick<HomeserverUnderTest, 'url' | 'serverName' | 'bot' | 'adminToken' | 'settings'>;

/** The settings of an Usher for this homeserver. */
export function envFor(homeserver: Reached, folder: string, env: Env = {}): Env {
  return {
    LOG_LEVEL: 'silent',
    WEBHOOK_SECRET: SECRET,
    MATRIX_URL: homeserver.url,
    MATRIX_SERVER_NAME: homeserver.serverName,
    MATRIX_ADMIN_USER_ID: homeserver.bot,
    ...(homeserver.settings ?? { MATRIX_ADMIN_TOKEN: homeserver.adminToken, IDP_NAME: IDP }),
    GROUP_MAP_FILE: join(folder, 'group-map.jsonc'),
    DATA_DIR: join(folder, 'data'),
    HOST: '127.0.0.1',
    PORT: '0',
    ...env,
  };
}

export async function startUsher(
  homeserver: Reached,
  map: object | string,
  options: { readonly env?: Env; readonly folder?: string; readonly log?: Log } = {},
): Promise<UsherUnderTest> {
  const folder = options.folder ?? tempDir();
  const env = envFor(homeserver, folder, options.env);
  const writeMap = (text: object | string): void =>
    writeFileSync(String(env.GROUP_MAP_FILE), typeof text === 'string' ? text : JSON.stringify(text));
  if (env.GROUP_MAP_FILE !== '') writeMap(map);
  const readFile = (): string => {
    throw new Error('no setting of the tests is in a file');
  };
  const { config } = loadConfig({ env, readFile });
  const service = await startService(config, options.log ?? createLog(config.logLevel));
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (isOpen) await service.close();
    isOpen = false;
  };
  onTestFinished(close);
  return {
    url: service.url,
    dataDir: config.dataDir,
    provider: createProvider(`${service.url}${config.http.basePath}`, SECRET),
    service,
    settle: service.loop.rest,
    async resync() {
      service.loop.requestPass();
      await service.loop.rest();
    },
    writeMap,
    close,
  };
}
