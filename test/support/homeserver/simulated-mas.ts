import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { localpartOf, type UserId } from '../../../src/matrix/ids.ts';
import { createMasApi, type Listener } from '../../../src/simulator/mas/api.ts';
import type { ClientSecret } from '../../../src/simulator/mas/clients.ts';
import { createMas, type Mas } from '../../../src/simulator/mas/mas.ts';
import { deviceScope, MATRIX_API, SYNAPSE_ADMIN } from '../../../src/simulator/mas/scope.ts';
import { serveMasApi } from '../../../src/simulator/mas/serve.ts';
import type { NewProvider } from '../../../src/simulator/mas/upstream.ts';
import type { MasUser } from '../../../src/simulator/mas/users.ts';
import { serveSynapseApi } from '../../../src/simulator/serve.ts';
import { createSynapseApi } from '../../../src/simulator/synapse-api.ts';
import { createWorld, type World } from '../../../src/simulator/world.ts';
import type { HomeserverUnderTest } from './harness.ts';
import { createPeople } from './people.ts';
import { downloadsFrom, requestsTo } from './request.ts';
import { handlerFor } from './simulated.ts';

export type SimulatedMasOptions = {
  /** `http` (default): both on loopback ports. `msw`: both in place of the network. */
  readonly via?: 'http' | 'msw';
  readonly serverName?: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly latencyMs?: number;
  readonly hasServerNotices?: boolean;
  /** As of a Synapse before 1.163. */
  readonly makesTrapAccounts?: boolean;
  /** Of MAS, like `1.17.0`; the default is 1.22.0. */
  readonly version?: string;
  /** The upstream provider; the default has the issuer `https://idp.example/`. */
  readonly provider?: NewProvider;
  /** How our client proves who it is; the default is by `client_secret_basic`. */
  readonly client?: ClientSecret;
};

/** A homeserver with MAS, both simulated. Without the port: that is what the tests of an adapter put before it. */
export type SimulatedMas = Omit<HomeserverUnderTest, 'homeserver' | 'adminToken'> & {
  readonly world: World;
  readonly mas: Mas;
  /** The listener with the admin API, and nothing else; without a slash at its end. */
  readonly masUrl: string;
  /** The listener with everything else; with a slash at its end. */
  readonly issuer: string;
  readonly clientId: string;
  /** Empty for `private_key_jwt`. */
  readonly clientSecret: string;
  readonly providerId: string;
  /** A token of a new personal session with which one may administer Synapse. */
  personalToken(user: UserId): Promise<string>;
  /** An outage of MAS alone: what is stored stays. */
  stopMas(): Promise<void>;
  startMas(): Promise<void>;
};

/** How both are reached. */
type Access = Pick<
  SimulatedMas,
  'url' | 'masUrl' | 'issuer' | 'stop' | 'start' | 'stopMas' | 'startMas' | 'close'
>;

/** With a bot that is a user of MAS, and an upstream provider. */
export async function startSimulatedMas(options: SimulatedMasOptions = {}): Promise<SimulatedMas> {
  const { via = 'http', serverName = 'usher.test', now = Date.now, latencyMs = 0, version } = options;
  const { makesTrapAccounts = false } = options;
  const { hasServerNotices = true, provider = { issuer: 'https://idp.example/', humanName: 'IdP' } } =
    options;
  const world = createWorld({
    ...{ serverName, now, latencyMs, hasServerNotices, makesTrapAccounts },
    reserved: /^_?bridge/,
  });
  const mas = createMas({ world, now, ...(version === undefined ? {} : { version }) });
  const secret = 'a/secret+of:the%tests';
  const client = mas.clients.add(options.client ?? { method: 'client_secret_basic', secret });
  const { id: providerId } = mas.upstream.addProvider(provider);
  const bot = userIn(world, mas.register('usher'));
  const access = await accessBy[via](world, mas);
  mas.publicBase = access.issuer;
  const botToken = mint(mas, bot);
  const request = requestsTo(access.url, botToken);
  const logIn = async (user: UserId) => world.logIn(user);
  return {
    ...access,
    ...{ world, mas, serverName, bot, request, logIn, providerId },
    clientId: client.id,
    clientSecret: 'secret' in client.authentication ? client.authentication.secret : '',
    personalToken: async (user) => mint(mas, user),
    download: downloadsFrom(access.url, botToken),
    ...createPeople({
      ...{ request, serverName, logIn },
      async register(user, { admin = false }) {
        const known = mas.users.byUsername(localpartOf(user)) ?? mas.register(localpartOf(user));
        known.canRequestAdmin ||= admin;
      },
    }),
    appserviceUser: async (localpart) => world.register(localpart, { appservice: true }),
  };
}

/** Without one nobody can say anything. */
const DEVICE = 'OFTHETESTS';

function mint(mas: Mas, user: UserId): string {
  const actor = mas.users.byUsername(localpartOf(user));
  if (actor === undefined) throw new Error(`${user} is no user of MAS`);
  mas.homeserver.addDevice(actor.username, DEVICE);
  const scope = [MATRIX_API, deviceScope(DEVICE), SYNAPSE_ADMIN];
  const named = { humanName: 'of the tests', scope, lifeMs: undefined };
  return mas.personalSessions.add({ owner: { userId: actor.id }, actor, ...named }).token;
}

function userIn({ serverName }: World, { username }: MasUser): UserId {
  return `@${username}:${serverName}` as UserId;
}

const accessBy = {
  async msw(world: World, mas: Mas): Promise<Access> {
    const id = crypto.randomUUID();
    const [url, masUrl, web] = [
      `http://${id}.invalid`,
      `http://mas.${id}.invalid`,
      `http://auth.${id}.invalid`,
    ];
    const server = setupServer(
      handlerFor(url, createSynapseApi(world)),
      masHandler(masUrl, mas, 'adminapi'),
      masHandler(web, mas, 'web'),
    );
    server.listen({ onUnhandledFrame: 'bypass' });
    return {
      ...{ url, masUrl, issuer: `${web}/` },
      stop: async () => world.goDown(),
      start: async () => world.comeUp(),
      stopMas: async () => mas.goDown(),
      startMas: async () => mas.comeUp(),
      close: async () => server.close(),
    };
  },

  async http(world: World, mas: Mas): Promise<Access> {
    const api = createSynapseApi(world);
    const [adminApi, webApi] = [createMasApi(mas, 'adminapi'), createMasApi(mas, 'web')];
    let served = await serveSynapseApi(api);
    let [admin, web] = [await serveMasApi(adminApi), await serveMasApi(webApi)];
    const [{ url }, { url: masUrl }, { url: webUrl }] = [served, admin, web];
    return {
      ...{ url, masUrl, issuer: `${webUrl}/` },
      async stop() {
        world.goDown();
        await served.close();
      },
      async start() {
        world.comeUp();
        served = await serveSynapseApi(api, portOf(url));
      },
      async stopMas() {
        mas.goDown();
        await Promise.all([admin.close(), web.close()]);
      },
      async startMas() {
        mas.comeUp();
        admin = await serveMasApi(adminApi, portOf(masUrl));
        web = await serveMasApi(webApi, portOf(webUrl));
      },
      close: async () => void (await Promise.all([served.close(), admin.close(), web.close()])),
    };
  },
};

const portOf = (url: string): number => Number(new URL(url).port);

function masHandler(url: string, mas: Mas, listener: Listener) {
  const api = createMasApi(mas, listener);
  return http.all(`${url}/*`, async ({ request }) => {
    const { pathname, search } = new URL(request.url);
    const { status, body, text } = await api({
      ...{ method: request.method, path: pathname + search },
      authorization: request.headers.get('authorization') ?? undefined,
      contentType: request.headers.get('content-type') ?? undefined,
      body: await request.text(),
    });
    if (body !== undefined) return HttpResponse.json(body, { status });
    const headers = text === undefined ? {} : { 'content-type': 'text/html; charset=utf-8' };
    return new HttpResponse(text ?? null, { status, headers });
  });
}
