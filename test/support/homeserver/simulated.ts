import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import type { Homeserver } from '../../../src/matrix/homeserver.ts';
import type { UserId } from '../../../src/matrix/ids.ts';
import { createSimulatedHomeserver } from '../../../src/simulator/homeserver.ts';
import { apiRequest, serveSynapseApi } from '../../../src/simulator/serve.ts';
import { createSynapseApi, type SynapseApi } from '../../../src/simulator/synapse-api.ts';
import { createWorld, type World } from '../../../src/simulator/world.ts';
import { createSynapseClient } from '../../../src/synapse/client.ts';
import { createSynapseHomeserver } from '../../../src/synapse/homeserver.ts';
import type { HomeserverUnderTest } from './harness.ts';
import { createPeople } from './people.ts';
import { downloadsFrom, downloadsWithin, requestsTo, requestsWithin } from './request.ts';

export type SimulatedOptions = {
  /**
   * - `http` (default): the Synapse adapter, and the simulator on a loopback port.
   * - `msw`: the Synapse adapter, and the simulator in place of the network.
   * - `port`: no HTTP; the simulator's own implementation of the port. Its `url` leads nowhere.
   */
  readonly via?: 'http' | 'msw' | 'port';
  readonly serverName?: string;
  /** Milliseconds since 1970, for the rate limits. */
  readonly now?: () => number;
  readonly latencyMs?: number;
  /** Whether the homeserver says something to people in its own name; the default is yes. */
  readonly hasServerNotices?: boolean;
};

export type SimulatedUnderTest = HomeserverUnderTest & { readonly world: World };

/** How the world is reached. */
type Access = Pick<
  HomeserverUnderTest,
  'url' | 'homeserver' | 'request' | 'download' | 'stop' | 'start' | 'close'
>;
type Bot = { readonly userId: UserId; readonly token: string };

export async function startSimulated(options: SimulatedOptions = {}): Promise<SimulatedUnderTest> {
  const { via = 'http', serverName = 'usher.test', now = Date.now, latencyMs = 0 } = options;
  const { hasServerNotices = true } = options;
  const world = createWorld({ serverName, now, latencyMs, reserved: /^_?bridge/, hasServerNotices });
  const userId = world.register('usher', { admin: true });
  const bot: Bot = { userId, token: world.logIn(userId) };
  const api = createSynapseApi(world);
  const access = await accessBy[via](world, api, bot);
  const logIn = async (user: UserId) => world.logIn(user);
  return {
    ...access,
    world,
    serverName,
    bot: bot.userId,
    adminToken: bot.token,
    logIn,
    ...createPeople({ request: access.request, serverName, logIn }),
    appserviceUser: async (localpart) => world.register(localpart, { appservice: true }),
  };
}

const accessBy = {
  async port(world: World, api: SynapseApi, { token }: Bot): Promise<Access> {
    return {
      url: 'http://simulated.invalid',
      homeserver: createSimulatedHomeserver(world, token),
      request: requestsWithin(api, token),
      download: downloadsWithin(api, token),
      ...outagesOf(world),
      async close() {},
    };
  },

  async msw(world: World, api: SynapseApi, bot: Bot): Promise<Access> {
    const url = `http://${crypto.randomUUID()}.invalid`;
    const server = setupServer(handlerFor(url, api));
    server.listen({ onUnhandledFrame: 'bypass' });
    return {
      url,
      homeserver: adapterFor(url, bot),
      request: requestsTo(url, bot.token),
      download: downloadsFrom(url, bot.token),
      ...outagesOf(world),
      close: async () => server.close(),
    };
  },

  async http(_world: World, api: SynapseApi, bot: Bot): Promise<Access> {
    let served = await serveSynapseApi(api);
    const { url } = served;
    const port = Number(new URL(url).port);
    return {
      url,
      homeserver: adapterFor(url, bot),
      request: requestsTo(url, bot.token),
      download: downloadsFrom(url, bot.token),
      stop: () => served.close(),
      async start() {
        served = await serveSynapseApi(api, port);
      },
      close: () => served.close(),
    };
  },
};

/** The API in place of the network. */
export function handlerFor(url: string, api: SynapseApi) {
  return http.all(`${url}/*`, async ({ request }) => {
    const { pathname, search } = new URL(request.url);
    const sent = new Uint8Array(await request.arrayBuffer());
    const { status, body, image } = await api(
      apiRequest(request.method, pathname + search, headersOf(request), sent),
    );
    if (image === undefined) return HttpResponse.json(body, { status });
    return new HttpResponse(image.bytes.slice(), { headers: { 'content-type': image.contentType } });
  });
}

function headersOf({ headers }: Request): Parameters<typeof apiRequest>[2] {
  return { authorization: headers.get('authorization'), sentType: headers.get('content-type') };
}

function adapterFor(url: string, { userId, token }: Bot): Homeserver {
  const client = createSynapseClient({ baseUrl: url, token, timeoutMs: 10_000 });
  return createSynapseHomeserver({ client, bot: userId });
}

function outagesOf(world: World): Pick<Access, 'stop' | 'start'> {
  return { stop: async () => world.goDown(), start: async () => world.comeUp() };
}
