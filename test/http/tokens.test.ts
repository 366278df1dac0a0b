import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { networksOf } from '../../src/access/networks.ts';
import { createTokenDesk, type TokenRequest } from '../../src/desk/tokens.ts';
import type { AppDeps } from '../../src/http/app.ts';
import { group, patch, scimClient, TOKEN, user } from '../support/scim/client.ts';
import { type ScimServer, startScimServer } from '../support/scim/server.ts';

const NOW = Date.UTC(2026, 0, 1);
const DAY = 86_400_000;

let now = NOW;
let server: ScimServer;
const start = async (overrides: Partial<AppDeps> = {}): Promise<void> => {
  server = await startScimServer({ now: () => now, ...overrides });
};
beforeEach(() => {
  now = NOW;
});
afterEach(() => server.stop());

const desk = () => createTokenDesk({ store: server.store, who: 'test', now: () => now });
async function issue(name: string, scopes: readonly string[], more: Partial<TokenRequest> = {}) {
  const request = { name, scopes, source: 'first', networks: [], expires: undefined, ...more };
  return (await desk().create(request)).secret;
}
const named = async (name: string) => {
  const found = (await server.store.tokens.list()).find((token) => token.name === name);
  if (found === undefined) throw new RangeError(`there is no token ${name}`);
  return found;
};
const get = (path: string, authorization: string, headers = {}) =>
  fetch(`${server.origin}${path}`, { headers: { authorization, ...headers } });
const statusOf = async (path: string, authorization: string, headers = {}) =>
  (await get(path, authorization, headers)).status;

describe('a token of scope scim', () => {
  it('reads and writes the directory of its source, and sees no other', async () => {
    await start();
    const [mine, same, other] = [
      await issue('mine', ['scim']),
      await issue('same', ['scim'], { source: 'okta' }),
      await issue('other', ['scim'], { source: 'okta' }),
    ];
    expect((await scimClient(server, mine)('POST', '/Users', user('ann'))).status).toBe(201);
    const totals = await Promise.all(
      [TOKEN, mine, same].map(
        async (token) => (await scimClient(server, token)('GET', '/Users')).body.totalResults,
      ),
    );
    expect(totals).toEqual([1, 1, 0]);
    const made = await scimClient(server, same)('POST', '/Users', user('ann'));
    expect(made.status).toBe(201);
    expect((await scimClient(server, other)('DELETE', `/Users/${made.body.id}`)).status).toBe(204);
  });
});

describe('a token of scope scim:read', () => {
  it('reads in every way, and writes in none', async () => {
    await start();
    const made = await scimClient(server)('POST', '/Users', user('ann'));
    const send = scimClient(server, await issue('reader', ['scim:read']));
    const search = { schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'] };
    for (const [method, path, body] of [
      ['GET', '/Users'],
      ['GET', `/Users/${made.body.id}`],
      ['GET', '/ServiceProviderConfig'],
      ['POST', '/.search', search],
      ['POST', '/Users/.search', search],
    ] as const) {
      expect((await send(method, path, body)).status, path).toBe(200);
    }
    const bulk = { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations: [] };
    for (const [method, path, body] of [
      ['POST', '/Users', user('eve')],
      ['POST', '/Groups', group('eve')],
      ['PUT', `/Users/${made.body.id}`, user('eve')],
      ['PATCH', `/Users/${made.body.id}`, patch({ op: 'replace', path: 'userName', value: 'eve' })],
      ['DELETE', `/Users/${made.body.id}`, undefined],
      ['POST', '/Bulk', bulk],
    ] as const) {
      const answer = await send(method, path, body);
      expect([answer.status, answer.body.detail], path).toEqual([
        403,
        'The token reader has not the scope scim',
      ]);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer error="insufficient_scope", scope="scim"');
    }
    expect((await scimClient(server)('GET', '/Users')).body.Resources).toMatchObject([{ userName: 'ann' }]);
  });
});

it.each(['metrics', 'admin', 'admin:read'])('A token of scope %s gets nothing of SCIM.', async (scope) => {
  await start();
  const token = await issue('other', [scope]);
  expect(await statusOf('/scim/v2/Users', `Bearer ${token}`)).toBe(403);
});

describe('a token whose secret is right', () => {
  it('is not taken while it is disabled, and is again when it is enabled', async () => {
    await start();
    const token = await issue('ci', ['scim']);
    await desk().setDisabled(await named('ci'), true);
    const answer = await scimClient(server, token)('GET', '/Users');
    expect([answer.status, answer.body.detail]).toEqual([401, 'The token ci is disabled']);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    await desk().setDisabled(await named('ci'), false);
    expect(await statusOf('/scim/v2/Users', `Bearer ${token}`)).toBe(200);
  });

  it('is not taken when it has expired, and says so', async () => {
    await start();
    const token = await issue('ci', ['scim'], { expires: NOW + DAY });
    expect(await statusOf('/scim/v2/Users', `Bearer ${token}`)).toBe(200);
    now = NOW + DAY;
    const answer = await scimClient(server, token)('GET', '/Users');
    expect([answer.status, answer.body.detail]).toEqual([401, 'The token ci has expired']);
  });

  it('is not taken any more once it is revoked: it is nobody’s', async () => {
    await start();
    const token = await issue('ci', ['scim']);
    await desk().revoke(await named('ci'));
    const answer = await scimClient(server, token)('GET', '/Users');
    expect([answer.status, answer.body.detail]).toEqual([401, 'A valid bearer token is needed']);
  });

  it('is rotated without a gap', async () => {
    await start();
    const before = await issue('ci', ['scim']);
    const { secret: after } = await desk().rotate(await named('ci'), DAY);
    const statuses = async () =>
      Promise.all([before, after].map((token) => statusOf('/scim/v2/Users', `Bearer ${token}`)));
    expect(await statuses()).toEqual([200, 200]);
    now = NOW + DAY;
    expect(await statuses()).toEqual([401, 200]);
  });

  it('is never put off with those that are wrong', async () => {
    await start();
    const token = await issue('ci', ['scim']);
    for (let count = 0; count < 40; count += 1) await statusOf('/scim/v2/Users', 'Bearer wrong');
    expect(await statusOf('/scim/v2/Users', 'Bearer wrong')).toBe(429);
    expect(await statusOf('/scim/v2/Users', `Bearer ${token}`)).toBe(200);
    await desk().setDisabled(await named('ci'), true);
    expect(await statusOf('/scim/v2/Users', `Bearer ${token}`)).toBe(401);
  });

  it('is named in the log, with what it was used for, and its secret is not', async () => {
    await start();
    const token = await issue('ci', ['scim:read']);
    await scimClient(server, token)('GET', '/Users');
    await scimClient(server, token)('POST', '/Users', user('eve'));
    const lines = server
      .logged()
      .split('\n')
      .flatMap((line) => (line.includes('request answered') ? [JSON.parse(line)] : []));
    expect(lines.map(({ tokenName, status }) => [tokenName, status])).toEqual([
      ['ci', 200],
      ['ci', 403],
    ]);
    expect(server.logged()).not.toContain(token);
  });
});

describe('the last use of a token', () => {
  it('is noted to the minute, with the address', async () => {
    await start();
    const token = await issue('ci', ['scim']);
    const use = async () =>
      (await named('ci')).secrets.map(({ lastUsed, lastUsedFrom }) => [lastUsed, lastUsedFrom]);
    expect(await use()).toEqual([[undefined, undefined]]);
    await statusOf('/scim/v2/Users', `Bearer ${token}`);
    expect(await use()).toEqual([[NOW, '127.0.0.1']]);
    now = NOW + 59_999;
    await statusOf('/scim/v2/Users', `Bearer ${token}`);
    expect(await use()).toEqual([[NOW, '127.0.0.1']]);
    now = NOW + 60_000;
    await statusOf('/scim/v2/Users', `Bearer ${token}`);
    expect(await use()).toEqual([[NOW + 60_000, '127.0.0.1']]);
    now = NOW - DAY; // the clock was set back
    await statusOf('/scim/v2/Users', `Bearer ${token}`);
    expect(await use()).toEqual([[NOW - DAY, '127.0.0.1']]);
  });

  it('is not that of a request that was refused', async () => {
    await start();
    const token = await issue('ci', ['scim'], { networks: ['10.0.0.0/8'] });
    await statusOf('/scim/v2/Users', `Bearer ${token}`);
    expect((await named('ci')).secrets[0]?.lastUsed).toBeUndefined();
  });
});

describe('a token for some networks', () => {
  it('is taken from there, and from nowhere else', async () => {
    await start();
    const [near, far] = [
      await issue('near', ['scim'], { networks: ['10.0.0.0/8', '127.0.0.0/8'] }),
      await issue('far', ['scim'], { networks: ['10.0.0.0/8'] }),
    ];
    expect(await statusOf('/scim/v2/Users', `Bearer ${near}`)).toBe(200);
    const answer = await scimClient(server, far)('GET', '/Users');
    expect([answer.status, answer.body.detail]).toEqual([
      403,
      'The token far may not be used from this address',
    ]);
  });

  it.each([
    ['a proxy that is trusted', ['127.0.0.1'], '10.1.2.3', 200],
    ['what the trusted proxy was told by its client', ['127.0.0.1'], '10.1.2.3, 203.0.113.9', 403],
    ['a row of trusted proxies', ['127.0.0.1', '192.0.2.0/24'], '10.1.2.3, 192.0.2.7', 200],
    ['a proxy that is not trusted', ['192.0.2.1'], '10.1.2.3', 403],
    ['anybody', undefined, '10.1.2.3', 403],
  ])('believes what the address is by X-Forwarded-For: %s', async (_, proxies, forwarded, status) => {
    await start({ isProxy: proxies && networksOf(proxies) });
    const token = await issue('far', ['scim'], { networks: ['10.0.0.0/8'] });
    expect(await statusOf('/scim/v2/Users', `Bearer ${token}`, { 'x-forwarded-for': forwarded })).toBe(
      status,
    );
  });
});

it('Wrong tokens are counted for whom a trusted proxy names.', async () => {
  await start({ isProxy: networksOf(['127.0.0.1']) });
  const guess = (from: string) => statusOf('/scim/v2/Users', 'Bearer wrong', { 'x-forwarded-for': from });
  for (let count = 0; count < 30; count += 1) expect(await guess('203.0.113.9')).toBe(401);
  expect([await guess('203.0.113.9'), await guess('203.0.113.10')]).toEqual([429, 401]);
  expect(server.logged()).toContain('"reason":"token","address":"203.0.113.9"');
});

describe('Basic authentication', () => {
  const basic = (name: string, password: string) =>
    `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;

  it('is taken where the settings allow it, with a token as the password', async () => {
    await start({ isBasicAllowed: true });
    const token = await issue('ci', ['scim']);
    for (const [name, password, status] of [
      ['anybody', token, 200],
      ['', TOKEN, 200],
      ['a:b', token, 401],
      [token, '', 401],
      ['anybody', 'wrong', 401],
    ] as const) {
      expect(await statusOf('/scim/v2/Users', basic(name, password)), `${name} ${password}`).toBe(status);
    }
    for (const header of ['Basic', 'Basic !', `Basic ${token}`, 'Basic ====']) {
      expect(await statusOf('/scim/v2/Users', header)).toBe(401);
    }
    const { headers } = await get('/scim/v2/Users', '');
    expect(headers.get('www-authenticate')).toBe('Bearer, Basic realm="usher", charset="UTF-8"');
  });

  it('is not taken where they do not', async () => {
    await start();
    expect(await statusOf('/scim/v2/Users', basic('x', await issue('ci', ['scim'])))).toBe(401);
  });
});

describe('the metrics', () => {
  const PATHS = ['/metrics', '/metrics/', '/METRICS', '//metrics'];

  it('are open to everybody, unless the settings protect them', async () => {
    await start();
    for (const path of PATHS) expect(await statusOf(path, ''), path).toBe(200);
  });

  it('need a token of that scope where they are protected, however the path is written', async () => {
    await start({ areMetricsProtected: true });
    const [metrics, admin, scim] = [
      await issue('prometheus', ['metrics']),
      await issue('boss', ['admin']),
      await issue('ci', ['scim']),
    ];
    for (const path of PATHS) {
      const statuses = [];
      for (const token of ['', `Bearer ${scim}`, `Bearer ${TOKEN}`, `Bearer ${metrics}`, `Bearer ${admin}`]) {
        statuses.push(await statusOf(path, token));
      }
      expect(statuses, path).toEqual([401, 403, 403, 200, 200]);
    }
    expect(await statusOf('/healthz', '')).toBe(200);
  });
});

describe('what admins do with tokens', () => {
  it('is in the journal, with who did it, and without a secret', async () => {
    await start();
    const secret = await issue('ci', ['scim', 'metrics']);
    await desk().rotate(await named('ci'), DAY);
    await desk().setDisabled(await named('ci'), true);
    await desk().setDisabled(await named('ci'), false);
    await desk().revoke(await named('ci'));
    const entries = (await server.store.journal.find({ limit: 10, action: 'token' })).toReversed();
    expect(entries.map(({ detail, cause }) => [detail, cause])).toEqual([
      ['create token ci: scim, metrics of first', 'test'],
      ['rotate token ci', 'test'],
      ['disable token ci', 'test'],
      ['enable token ci', 'test'],
      ['revoke token ci', 'test'],
    ]);
    expect(JSON.stringify(entries)).not.toContain(secret.slice(6));
  });
});
