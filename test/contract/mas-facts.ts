import { isObject, type JsonObject } from '../../src/simulator/api-request.ts';

/** A MAS with a Synapse, simulated or real, and how our client gets a token there. Nothing else is known of it. */
export type MasFactsServer = {
  /** Where the admin API is; without a slash at its end. */
  readonly masUrl: string;
  /** Where discovery and the token endpoint are; with a slash at its end. */
  readonly issuer: string;
  readonly synapseUrl: string;
  readonly serverName: string;
  /** Of a client with `client_secret_basic` that is one of `admin_clients`. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** A provider that is enabled. */
  readonly providerId: string;
  /** Resolves when MAS has told Synapse all that it put off. */
  settle(): Promise<void>;
  close(): Promise<void>;
};

/** An answer; `body` is empty if it was no JSON object, and `text` is all of it. */
export type MasFactsAnswer = { readonly status: number; readonly body: JsonObject; readonly text: string };

type Sent = {
  readonly body?: object | string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
};

export type MasFacts = {
  readonly server: MasFactsServer;
  /** Makes a username that is free, on a server that was used before, too. */
  fresh(name: string): string;
};

const id = encodeURIComponent;

/** What our client and its bot do, each one request. */
export function callsOf(facts: MasFacts) {
  let adminToken: string | undefined;
  let botToken: string | undefined;

  async function send(
    method: string,
    url: string,
    { body, headers = {} }: Sent = {},
  ): Promise<MasFactsAnswer> {
    const isJson = typeof body === 'object';
    const response = await fetch(url, {
      method,
      headers: { ...(isJson ? { 'content-type': 'application/json' } : {}), ...headers },
      ...(body === undefined ? {} : { body: isJson ? JSON.stringify(body) : body }),
    });
    const text = await response.text();
    return { status: response.status, body: parsed(text), text };
  }

  const raw = (method: string, path: string, sent: Sent = {}) =>
    send(method, facts.server.masUrl + path, sent);

  const askToken = (form: Readonly<Record<string, string>>, headers: Sent['headers'] = {}) =>
    send('POST', `${facts.server.issuer}oauth2/token`, {
      body: new URLSearchParams(form).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });

  const basic = (clientId = facts.server.clientId, secret = facts.server.clientSecret) => ({
    authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`,
  });

  async function token(): Promise<string> {
    adminToken ??= text(
      await askToken({ grant_type: 'client_credentials', scope: 'urn:mas:admin' }, basic()),
      ['access_token'],
    );
    return adminToken;
  }

  /** The admin API. */
  async function admin(method: string, path: string, body?: object): Promise<MasFactsAnswer> {
    return raw(method, `/api/admin/v1${path}`, {
      body,
      headers: { authorization: `Bearer ${await token()}` },
    });
  }

  async function addUser(username: string, fields: object = {}): Promise<string> {
    return text(await admin('POST', '/users', { username, ...fields }), ['data', 'id']);
  }

  /** A personal session for a user; the answer as it came. */
  const mint = (userId: string, fields: object = {}) =>
    admin('POST', '/personal-sessions', {
      ...{ actor_user_id: userId, human_name: 'facts', scope: 'urn:matrix:client:api:* urn:synapse:admin:*' },
      ...fields,
    });

  const tokenOf = (minted: MasFactsAnswer) => text(minted, ['data', 'attributes', 'access_token']);

  /** Synapse, with the token of a bot of ours; an empty one is none. */
  async function synapse(method: string, path: string, body?: object, as?: string): Promise<MasFactsAnswer> {
    if (as === undefined) botToken ??= tokenOf(await mint(await addUser(facts.fresh('bot'))));
    const authorization = `Bearer ${as ?? botToken}`;
    const headers = as === '' ? {} : { authorization };
    return send(method, facts.server.synapseUrl + path, { body, headers });
  }

  const userId = (username: string) => `@${username}:${facts.server.serverName}`;
  const account = (username: string) => `/_synapse/admin/v2/users/${id(userId(username))}`;

  return {
    ...{ send, raw, askToken, basic, token, admin, addUser, mint, tokenOf, synapse, userId, account },
    /** What Synapse knows of a user. */
    read: async (username: string) => (await synapse('GET', account(username))).body,
    whoami: (as: string) => synapse('GET', '/_matrix/client/v3/account/whoami', undefined, as),
    link: (userId: string, subject: string) =>
      admin('POST', '/upstream-oauth-links', {
        ...{ user_id: userId, provider_id: facts.server.providerId, subject, human_account_name: subject },
      }),
    addEmail: (userId: string, email: string) => admin('POST', '/user-emails', { user_id: userId, email }),
  };
}

export type Calls = ReturnType<typeof callsOf>;

/** A text deep in an answer. */
export function text({ status, body, text: whole }: MasFactsAnswer, path: readonly string[]): string {
  const found = path.reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), body);
  if (typeof found === 'string') return found;
  throw new Error(`no ${path.join('.')} in an answer of ${status}: ${whole}`);
}

/** The things of a page. */
export function itemsOf({ body }: MasFactsAnswer): readonly JsonObject[] {
  if (Array.isArray(body.data)) return body.data.filter(isObject);
  throw new Error(`no page: ${JSON.stringify(body)}`);
}

export const errors = (title: unknown): object => ({ errors: [{ title }] });

function parsed(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
