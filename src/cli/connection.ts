import type { Config } from '../config/config.ts';
import type { MasAuth } from '../config/matrix-auth.ts';
import { createAdminTokens } from '../mas/admin-tokens.ts';
import { createMasClient } from '../mas/client.ts';
import type { Delegation } from '../mas/delegation.ts';
import { createGate, type Gate } from '../mas/gate.ts';
import { createMasHomeserver } from '../mas/homeserver.ts';
import { createMas, type Mas } from '../mas/mas.ts';
import { createSynapseTokens } from '../mas/synapse-tokens.ts';
import { createTokenRequest } from '../mas/token-endpoint.ts';
import { MasTrouble } from '../mas/trouble.ts';
import type { Homeserver } from '../matrix/homeserver.ts';
import { localpartOf } from '../matrix/ids.ts';
import { tellOutages } from '../reconcile/outage.ts';
import type { CallReport, RestClient } from '../rest/client.ts';
import { fixedToken, type TokenSource } from '../rest/token-source.ts';
import { createSynapseClient } from '../synapse/client.ts';
import { createSynapseHomeserver } from '../synapse/homeserver.ts';
import { NO_TRACING, type Tracing } from '../tracing.ts';
import { keepToken } from './kept-token.ts';

/** A homeserver, and what of it only a doctor asks for. */
export type Connection = {
  readonly homeserver: Homeserver;
  /** Whom the homeserver leaves it to to sign people in, if that is as the settings say. */
  readonly delegation: () => Promise<Delegation | undefined>;
  /** Undefined where Synapse signs people in by itself. */
  readonly mas: MasConnection | undefined;
};

export type MasConnection = {
  readonly mas: Mas;
  /** Of the admin API. */
  readonly client: RestClient;
  /** The same without a token, which tells only whether there is one. */
  readonly anonymous: RestClient;
  /** Where it is asked. */
  readonly url: () => Promise<string>;
  /** What Synapse has of the same accounts. */
  readonly synapse: Pick<Homeserver, 'account' | 'accounts'>;
};

export type ConnectOptions = {
  readonly onCall?: (report: CallReport) => void;
  readonly tracing?: Tracing | undefined;
  /** Whether to make and renew a token of our own for Synapse, by MAS; else only one that is there is used. */
  readonly makesTokens?: boolean;
  /** Told of each, and of why it could not be kept. */
  readonly onToken?: (unkept: unknown) => void;
};

type Options = Omit<Parameters<typeof createSynapseClient>[0], 'baseUrl' | 'token'>;

export function connect({ matrix, accounts, dataDir }: Config, options: ConnectOptions = {}): Connection {
  const { onCall = () => {}, tracing = NO_TRACING, makesTokens = false, onToken } = options;
  const { auth, url, adminUserId: bot, serverName, timeoutMs, certificateAuthority, verifyTls } = matrix;
  const rest: Options = { timeoutMs, certificateAuthority, verifyTls, onCall, tracing };
  const gate = createGate({
    ...{
      client: createSynapseClient({ ...rest, baseUrl: url }),
      expected: auth.kind,
      verified: auth.verified,
    },
  });
  const synapseBy = (tokens: TokenSource): Homeserver => {
    const client = createSynapseClient({ ...rest, baseUrl: url, token: behind(gate, tokens) });
    return createSynapseHomeserver({ client, bot });
  };

  if (auth.kind === 'synapse') {
    return {
      homeserver: tellOutages(askedAnew(gate, synapseBy(fixedToken(auth.adminToken)))),
      delegation: gate.pass,
      mas: undefined,
    };
  }
  const { client: credentials, upstream } = auth;
  const { client, anonymous, url: masUrl } = masClients(rest, gate, auth);
  const mas = createMas({ client, clientId: credentials.id, upstream, serverName });
  const tokens =
    auth.adminToken === undefined
      ? createSynapseTokens({
          ...{ mas, keeper: keepToken(dataDir), bot: localpartOf(bot), makes: makesTokens, now: Date.now },
          onIssued: onToken,
        })
      : fixedToken(auth.adminToken);
  const synapse = synapseBy(tokens);
  const homeserver = createMasHomeserver({
    ...{ mas, synapse, bot, provider: accounts.provider, now: Date.now },
  });
  return {
    homeserver: tellOutages(askedAnew(gate, homeserver)),
    delegation: gate.pass,
    mas: { mas, client, anonymous, url: masUrl, synapse },
  };
}

/** Each pass begins with asking who it is: a homeserver may be moved while Usher runs, and the token may be good there, too. */
function askedAnew(gate: Gate, homeserver: Homeserver): Homeserver {
  return {
    ...homeserver,
    async identify() {
      gate.doubt();
      await gate.pass();
      return homeserver.identify();
    },
  };
}

/** Of the admin API, wherever it turns out to be. */
function masClients(
  rest: Options,
  gate: Gate,
  { url, client: credentials }: MasAuth,
): Pick<MasConnection, 'client' | 'anonymous' | 'url'> {
  // One each: a client keeps its connections, and a token is asked for every few minutes.
  const clients = new Map<string, RestClient>();
  const clientFor = (origin: string): RestClient => {
    const known = clients.get(origin) ?? createMasClient({ ...rest, baseUrl: origin });
    clients.set(origin, known);
    return known;
  };
  const baseUrl = async (): Promise<string> => {
    const base = url ?? (await gate.pass())?.issuer;
    if (base !== undefined) return base.replace(/\/$/, '');
    throw new MasTrouble('the homeserver does not say where its MAS is', 'set MAS_URL');
  };
  const endpoints = async (): Promise<readonly string[]> => {
    const delegation = await gate.pass();
    return [
      `${await baseUrl()}/oauth2/token`,
      ...(delegation === undefined ? [] : [delegation.tokenEndpoint]),
    ];
  };
  const token = createAdminTokens(createTokenRequest({ clientFor, credentials, endpoints }), Date.now);
  const there = (more: { readonly token?: TokenSource }): RestClient => {
    let client: RestClient | undefined;
    return {
      async call(call) {
        client ??= createMasClient({ ...rest, baseUrl: await baseUrl(), ...more });
        return client.call(call);
      },
    };
  };
  return { client: there({ token }), anonymous: there({}), url: baseUrl };
}

/** Nothing is sent before it is known that people sign in as the settings say; it is asked again when a token fails. */
function behind(gate: Gate, tokens: TokenSource): TokenSource {
  return {
    async current() {
      await gate.pass();
      return tokens.current();
    },
    async replace(rejected) {
      gate.doubt();
      await gate.pass();
      return tokens.replace(rejected);
    },
  };
}
