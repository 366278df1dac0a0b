import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/access/token.ts';
import { createTokenDesk } from '../../../src/desk/tokens.ts';
import { issueToken } from '../../support/api/client.ts';
import { TOKEN } from '../../support/scim/client.ts';
import { type ScimServer, startScimServer } from '../../support/scim/server.ts';

const HOUR = 3_600_000;

let now = Date.UTC(2026, 0, 1);
let server: ScimServer;
beforeEach(async () => {
  now = Date.UTC(2026, 0, 1);
  server = await startScimServer({ now: () => now });
});
afterEach(() => server.stop());

const ask = (method: string, path: string, headers: object = {}, body?: object) =>
  fetch(`${server.origin}${path}`, {
    ...{ method, headers: { ...headers, ...(body && { 'content-type': 'application/json' }) } },
    ...(body && { body: JSON.stringify(body) }),
  });

async function signIn(token: string) {
  const response = await ask('POST', '/api/v1/session', {}, { token });
  const [set = ''] = response.headers.getSetCookie();
  const body = JSON.parse(await response.text());
  return { status: response.status, body, set, cookie: set.split(';')[0] ?? '', response };
}

const desk = () => createTokenDesk({ store: server.store, who: 'test', now: () => now });
const named = async (name: string) => {
  const found = (await server.store.tokens.list()).find((token) => token.name === name);
  if (found === undefined) throw new RangeError(name);
  return found;
};

describe('signing in by a token', () => {
  it('opens a session by a cookie that no script can read, and that goes nowhere else', async () => {
    const { status, body, set } = await signIn(await issueToken(server.store, { name: 'boss' }));
    expect([status, body]).toEqual([
      201,
      {
        ...{ name: 'boss', scopes: ['admin'], csrf: expect.stringMatching(/^[\w-]{43}$/) },
        expires: new Date(now + 12 * HOUR).toISOString(),
      },
    ]);
    expect(set).toMatch(/^usher=[\w-]{43}; path=\/; expires=[^;]+; samesite=strict; httponly$/i);
    expect(set).not.toContain(body.csrf);
  });

  it('has the cookie sent by TLS only where Usher is reached by it', async () => {
    await server.stop();
    server = await startScimServer({ publicUrl: 'https://usher.example.com', now: () => now });
    const { set, cookie } = await signIn(await issueToken(server.store));
    expect(set).toMatch(/^__Host-usher=[^;]+; path=\/; expires=[^;]+; samesite=strict; secure; httponly$/i);
    expect((await ask('GET', '/api/v1/session', { cookie })).status).toBe(200);
  });

  it.each([
    [{ name: 'reader', scopes: ['admin:read'] as const }, 201],
    [{ name: 'both', scopes: ['scim', 'admin'] as const }, 201],
    [{ name: 'scim', scopes: ['scim'] as const }, 403],
    [{ name: 'metrics', scopes: ['metrics'] as const }, 403],
  ])('asks for a scope of admins: %j', async (request, status) => {
    expect((await signIn(await issueToken(server.store, request))).status).toBe(status);
  });

  it('is refused to what is no token, to WEBHOOK_SECRET, and to tokens that have ended', async () => {
    const disabled = await issueToken(server.store, { name: 'disabled' });
    await desk().setDisabled(await named('disabled'), true);
    for (const [token, status, detail] of [
      ['wrong', 401, 'That is no token of Usher'],
      [TOKEN, 403, 'The token WEBHOOK_SECRET has neither the scope admin nor admin:read'],
      [disabled, 403, 'The token disabled is disabled'],
      ['', 400, 'token is missing'],
    ] as const) {
      const answer = await signIn(token);
      expect([answer.status, answer.body.detail, answer.set]).toEqual([status, detail, '']);
    }
  });

  it('is put off for who guesses', async () => {
    for (let count = 0; count < 30; count += 1) await signIn('wrong');
    const answer = await signIn('wrong');
    expect([answer.status, answer.response.headers.get('retry-after')]).toEqual([429, '2']);
  });
});

describe('a session', () => {
  const open = async (scopes: readonly ('admin' | 'admin:read' | 'scim')[] = ['admin']) => {
    const secret = await issueToken(server.store, { name: 'boss', scopes });
    const { cookie, body } = await signIn(secret);
    return { cookie, csrf: body.csrf as string, secret };
  };
  const list = async (cookie: string) => (await ask('GET', '/api/v1/tokens', { cookie })).status;

  it('reads, and changes what it is allowed to with what the cookie does not tell', async () => {
    const { cookie, csrf } = await open();
    expect(await list(cookie)).toBe(200);
    const make = (headers: object) =>
      ask('POST', '/api/v1/tokens', { cookie, ...headers }, { name: 'x', scopes: ['scim'] });
    for (const headers of [{}, { 'x-csrf-token': 'wrong' }, { 'x-csrf-token': '' }]) {
      expect((await make(headers)).status).toBe(403);
    }
    expect(await server.store.tokens.list()).toHaveLength(1);
    expect((await make({ 'x-csrf-token': csrf })).status).toBe(201);
    const made = (await server.store.journal.find({ limit: 9 })).filter(({ cause }) => cause === 'boss');
    expect(made.map(({ detail }) => detail)).toEqual(['create token x: scim of default']);
  });

  it('of who may look only changes nothing', async () => {
    const { cookie, csrf } = await open(['admin:read']);
    const headers = { cookie, 'x-csrf-token': csrf };
    expect(await list(cookie)).toBe(200);
    const answer = await ask('POST', '/api/v1/tokens', headers, { name: 'x', scopes: ['scim'] });
    expect([answer.status, await answer.json()]).toMatchObject([
      403,
      { detail: 'boss has not the scope admin' },
    ]);
  });

  it('is good for nothing but what admins do', async () => {
    const { cookie, csrf } = await open(['admin', 'scim']);
    for (const path of ['/scim/v2/Users', '/scim/v2/Groups']) {
      expect((await ask('GET', path, { cookie, 'x-csrf-token': csrf })).status).toBe(401);
    }
  });

  it('ends when she signs out, for whoever has the cookie', async () => {
    const { cookie } = await open();
    const answer = await ask('DELETE', '/api/v1/session', { cookie });
    expect([answer.status, answer.headers.getSetCookie().join()]).toEqual([
      204,
      expect.stringMatching(/^usher=; path=\/; expires=Thu, 01 Jan 1970/),
    ]);
    expect([await list(cookie), (await ask('GET', '/api/v1/session', { cookie })).status]).toEqual([
      401, 401,
    ]);
  });

  it('ends after twelve hours', async () => {
    const { cookie } = await open();
    now += 12 * HOUR - 1;
    expect(await list(cookie)).toBe(200);
    now += 1;
    expect(await list(cookie)).toBe(401);
  });

  it('ends with its token, and not when that is rotated', async () => {
    const { cookie } = await open();
    await desk().rotate(await named('boss'), 0);
    expect(await list(cookie)).toBe(200);
    await desk().setDisabled(await named('boss'), true);
    expect(await list(cookie)).toBe(401);
    await desk().setDisabled(await named('boss'), false);
    expect(await list(cookie)).toBe(200);
    await desk().revoke(await named('boss'));
    expect(await list(cookie)).toBe(401);
  });

  it('that ended is forgotten when another one begins', async () => {
    const { secret, cookie } = await open();
    const kept = () => server.store.sessions.bySecret(digestOf(cookie.replace('usher=', '')));
    now += 12 * HOUR - 1;
    await signIn(secret);
    expect(await kept()).toBeDefined();
    now += 1;
    await signIn(secret);
    expect(await kept()).toBeUndefined();
  });

  it('is nobody’s with a cookie that was made up', async () => {
    await open();
    for (const cookie of ['usher=', 'usher=x', `usher=${'a'.repeat(43)}`, '__Host-usher=x', 'usher=%00']) {
      expect(await list(cookie), cookie).toBe(401);
    }
  });
});
