import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JwtTrust } from '../../src/access/identity-provider.ts';
import type { SourceId } from '../../src/directory/resource.ts';
import { scimClient, TOKEN, user } from '../support/scim/client.ts';
import { type ScimServer, startScimServer } from '../support/scim/server.ts';

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;

const [HOUR, AUDIENCE] = [3_600, 'usher'];
const inAnHour = (): number => Math.floor(Date.now() / 1000) + HOUR;

/** An issuer with its discovery document and its keys; `answers` may spoil what it says. */
const answers: { status: number; body: Record<string, unknown> } = { status: 200, body: {} };
let keys: KeyPair;
let strangers: KeyPair;
let issuerServer: Server;
let issuer: string;
let asked: string[];
beforeAll(async () => {
  [keys, strangers] = [await generateKeyPair('RS256'), await generateKeyPair('RS256')];
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
  issuerServer = createServer(({ url = '' }, response) => {
    asked.push(url);
    const discovery = { issuer, jwks_uri: `${issuer}keys`, ...answers.body };
    const body = url.endsWith('keys') ? { keys: [jwk] } : discovery;
    response.writeHead(answers.status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => issuerServer.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(issuerServer.address() as AddressInfo).port}/application/o/usher/`;
});
afterAll(() => {
  issuerServer.closeAllConnections();
  issuerServer.close();
});

let server: ScimServer;
const start = async (trust: Partial<JwtTrust> = {}): Promise<void> => {
  const all = { scope: undefined, keysUrl: undefined, source: 'first' as SourceId, ...trust };
  server = await startScimServer({ jwt: { issuer, audience: AUDIENCE, ...all } });
};
beforeEach(() => {
  asked = [];
  Object.assign(answers, { status: 200, body: {} });
});
afterEach(() => server.stop());

const sign = (
  payload: JWTPayload = {},
  { by = keys, alg = 'RS256', kid = 'one' }: { by?: KeyPair; alg?: string; kid?: string } = {},
): Promise<string> =>
  new SignJWT({ iss: issuer, aud: AUDIENCE, exp: inAnHour(), sub: 'provider', ...payload })
    .setProtectedHeader({ alg, kid })
    .sign(by.privateKey);
const ask = async (token: string) => scimClient(server, token)('GET', '/Users');

describe('a JSON Web Token of the issuer', () => {
  it('is taken, and reads and writes the directory of its source', async () => {
    await start();
    const token = await sign({ client_id: 'authentik' });
    expect((await scimClient(server, token)('POST', '/Users', user('ann'))).status).toBe(201);
    expect((await scimClient(server, TOKEN)('GET', '/Users')).body.totalResults).toBe(1);
    expect(server.logged()).toContain('"tokenName":"JWT of authentik"');
    expect(server.logged()).not.toContain(token);
  });

  it('has the keys asked for once', async () => {
    await start();
    for (let count = 0; count < 5; count += 1) expect((await ask(await sign())).status).toBe(200);
    expect(asked).toEqual([
      '/application/o/usher/.well-known/openid-configuration',
      '/application/o/usher/keys',
    ]);
  });

  it('is checked by the keys of the settings, if they name them', async () => {
    answers.body = { jwks_uri: 'http://127.0.0.1:1/' };
    await start({ keysUrl: `${issuer}keys` });
    expect((await ask(await sign())).status).toBe(200);
    expect(asked).toEqual(['/application/o/usher/keys']);
  });

  it.each<[string, () => Promise<string>]>([
    ['for somebody else', () => sign({ aud: 'another' })],
    ['for nobody', () => sign({ aud: [] })],
    ['of another issuer', () => sign({ iss: 'https://elsewhere.example/' })],
    ['without an end', () => sign({ exp: undefined as never })],
    ['that is not good yet', () => sign({ nbf: inAnHour() })],
    ['that a stranger signed', () => sign({}, { by: strangers })],
    ['of a key that the issuer has not', () => sign({}, { by: strangers, kid: 'two' })],
    ['that was changed', async () => (await sign()).replace(/\.[^.]+\./, `.${encoded({ aud: AUDIENCE })}.`)],
    [
      'without a signature',
      async () => `${encoded({ alg: 'none' })}.${encoded({ iss: issuer, aud: AUDIENCE })}.x`,
    ],
    ['that is none', async () => 'a.b.c'],
  ])('is not taken %s', async (_, make) => {
    await start();
    const answer = await ask(await make());
    expect([answer.status, answer.body.detail]).toEqual([401, 'A valid bearer token is needed']);
  });

  it('is not taken when it is signed with a secret that everybody could know', async () => {
    await start();
    const { x = '', n = x } = await exportJWK(keys.publicKey);
    const forged = await new SignJWT({ iss: issuer, aud: AUDIENCE, exp: inAnHour() })
      .setProtectedHeader({ alg: 'HS256', kid: 'one' })
      .sign(new TextEncoder().encode(n));
    expect((await ask(forged)).status).toBe(401);
  });

  it('is not taken once it has expired, and the answer says so', async () => {
    await start();
    const answer = await ask(await sign({ exp: Math.floor(Date.now() / 1000) - 60 }));
    expect([answer.status, answer.body.detail]).toEqual([401, 'The token JWT of provider has expired']);
  });
});

describe('the scope of a JSON Web Token', () => {
  it.each<[JWTPayload, number]>([
    [{ scope: 'openid scim' }, 200],
    [{ scope: 'scim' }, 200],
    [{ scp: ['openid', 'scim'] }, 200],
    [{ scp: 'openid scim' }, 200],
    [{ scope: 'scimitar' }, 403],
    [{ scope: 7 }, 403],
    [{}, 403],
  ])('%j is answered by %i where the settings want scim', async (claims, status) => {
    await start({ scope: 'scim' });
    expect((await ask(await sign(claims))).status).toBe(status);
  });
});

describe('an issuer that can’t be asked', () => {
  it.each([
    ['has no keys', 200, { jwks_uri: 7 }],
    ['is another one', 200, { issuer: 'https://elsewhere.example/' }],
    ['fails', 500, {}],
    ['names keys that are not there', 200, { jwks_uri: 'http://127.0.0.1:1/' }],
  ])('since it %s has its tokens wait, and others go on', async (_, status, body) => {
    Object.assign(answers, { status, body });
    await start();
    const answer = await ask(await sign());
    expect([answer.status, answer.body.detail]).toEqual([503, `The keys of ${issuer} can't be read now`]);
    expect(answer.headers.get('retry-after')).toBe('30');
    expect((await ask(TOKEN)).status).toBe(200);
    Object.assign(answers, { status: 200, body: {} });
    expect((await ask(await sign())).status).toBe(200);
  });
});

it('Without an issuer in the settings nobody’s JSON Web Token is taken.', async () => {
  server = await startScimServer();
  expect((await ask(await sign())).status).toBe(401);
  expect(asked).toEqual([]);
});

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
