import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { parseUserId, type UserId } from '../../../src/matrix/ids.ts';
import { createSynapseClient } from '../../../src/synapse/client.ts';
import { createSynapseHomeserver } from '../../../src/synapse/homeserver.ts';
import type { HomeserverUnderTest, RawRequest } from './harness.ts';
import { createPeople } from './people.ts';
import { downloadsFrom, requestsTo } from './request.ts';
import { writeSynapseConfig } from './synapse-config.ts';
import { installSynapse } from './synapse-install.ts';
import { startSynapseProcess } from './synapse-process.ts';

/** A real Synapse with an empty database of its own. The first time ever, it is installed from PyPI. */
export async function startSynapse({
  serverName = 'usher.test',
  hasServerNotices = true,
} = {}): Promise<HomeserverUnderTest> {
  const python = await installSynapse();
  const directory = await mkdtemp(`${tmpdir()}/usher-synapse-`);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const config = await writeSynapseConfig(directory, serverName, port, hasServerNotices);
  const command = [python, '-m', 'synapse.app.homeserver', '--config-path', config.path];
  const launch = () => startSynapseProcess(command, url, `${directory}/homeserver.log`);

  let process = await launch();
  const anonymous = requestsTo(url, '');
  const bot = await registerAdmin(anonymous, 'usher', config.registrationSecret);
  const request = requestsTo(url, bot.token);
  await migrated(request);

  /** With a password of its own: to Synapse, a token from the admin API acts as the admin. */
  async function logIn(user: UserId): Promise<string> {
    const password = randomBytes(24).toString('base64url');
    const account = `/_synapse/admin/v2/users/${encodeURIComponent(user)}`;
    await request('PUT', account, { password, logout_devices: false });
    const identifier = { type: 'm.id.user', user };
    const login = { type: 'm.login.password', identifier, password };
    const { body } = await anonymous('POST', '/_matrix/client/v3/login', login);
    if (typeof body.access_token !== 'string') throw new Error(`not logged in: ${JSON.stringify(body)}`);
    return body.access_token;
  }

  const client = createSynapseClient({ baseUrl: url, token: bot.token, timeoutMs: 60_000 });
  return {
    url,
    serverName,
    bot: bot.userId,
    adminToken: bot.token,
    homeserver: createSynapseHomeserver({ client, bot: bot.userId }),
    request,
    download: downloadsFrom(url, bot.token),
    logIn,
    ...createPeople({ request, serverName, logIn }),

    async appserviceUser(localpart) {
      const body = { type: 'm.login.application_service', username: localpart, inhibit_login: true };
      const path = '/_matrix/client/v3/register';
      return userIdIn((await anonymous('POST', path, body, config.appserviceToken)).body.user_id);
    },

    stop: () => process.stop(),
    async start() {
      process = await launch();
    },
    async close() {
      await process.stop();
      await rm(directory, { recursive: true });
    },
  };
}

/** While Synapse still builds the indexes of a new database, some calls end in 500. */
async function migrated(request: RawRequest): Promise<void> {
  const running = async () => {
    const { body } = await request('GET', '/_synapse/admin/v1/background_updates/status');
    return Object.keys(Object(body.current_updates)).length > 0;
  };
  while (await running()) await delay(50);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}

/** By Synapse's registration with a shared secret, which needs no token yet. */
async function registerAdmin(
  request: RawRequest,
  username: string,
  sharedSecret: string,
): Promise<{ userId: UserId; token: string }> {
  const path = '/_synapse/admin/v1/register';
  const { nonce } = (await request('GET', path)).body;
  const password = randomBytes(24).toString('base64url');
  const signed = [nonce, username, password, 'admin'].join('\0');
  const mac = createHmac('sha1', sharedSecret).update(signed).digest('hex');
  const { body } = await request('POST', path, { nonce, username, password, admin: true, mac });
  if (typeof body.access_token !== 'string') throw new Error(`not registered: ${JSON.stringify(body)}`);
  return { userId: userIdIn(body.user_id), token: body.access_token };
}

function userIdIn(value: unknown): UserId {
  const id = typeof value === 'string' ? parseUserId(value) : undefined;
  if (id === undefined) throw new Error(`not a user id: ${value}`);
  return id;
}
