import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apiClient, type Call, issueToken } from '../../support/api/client.ts';
import { scimClient } from '../../support/scim/client.ts';
import { type ScimServer, startScimServer } from '../../support/scim/server.ts';

const DAY = 86_400_000;

let server: ScimServer;
let call: Call;
beforeEach(async () => {
  server = await startScimServer({ now: Date.now });
  call = apiClient(server.origin, await issueToken(server.store, { name: 'boss' }));
});
afterEach(() => server.stop());

const statusWith = async (token: string): Promise<number> =>
  (await scimClient(server, token)('GET', '/Users')).status;

describe('a token made by the API', () => {
  it('is good for what was asked, and its secret is shown once', async () => {
    const expires = new Date(Date.now() + DAY).toISOString();
    const made = await call('POST', '/tokens', {
      ...{ name: 'okta', source: 'okta', scopes: ['scim'], networks: ['127.0.0.0/8'], expires },
    });
    expect([made.status, made.headers.get('cache-control')]).toEqual([201, 'no-store']);
    const { token, secret } = made.body;
    expect(token).toMatchObject({ name: 'okta', source: 'okta', networks: ['127.0.0.0/8'], expires });
    expect(await statusWith(secret)).toBe(200);
    const shown = await call('GET', `/tokens/${token.id}`);
    expect([shown.status, shown.body.name]).toEqual([200, 'okta']);
    const { body } = await call('GET', '/tokens');
    expect(body.tokens.map(({ name }: { name: string }) => name)).toEqual(['boss', 'okta']);
    expect(JSON.stringify([shown.body, body])).not.toContain(secret);
    expect(await server.store.journal.find({ limit: 1 })).toMatchObject([
      { detail: 'create token okta: scim of okta', cause: 'boss' },
    ]);
  });

  it('has an answer to leave out what need not be said', async () => {
    const { body } = await call('POST', '/tokens', { name: 'x', scopes: ['metrics'] });
    expect(body.token).toEqual({
      ...{ id: expect.any(String), name: 'x', source: 'default', scopes: ['metrics'], networks: [] },
      ...{ created: expect.stringMatching(/^\d{4}-.*Z$/), expires: null, isDisabled: false },
      secrets: [{ created: expect.any(String), expires: null, lastUsed: null, lastUsedFrom: null }],
    });
  });

  it('is disabled, enabled, rotated and revoked', async () => {
    const { body } = await call('POST', '/tokens', { name: 'ci', scopes: ['scim'] });
    const path = `/tokens/${body.token.id}`;
    expect((await call('PATCH', path, { isDisabled: true })).body.isDisabled).toBe(true);
    expect(await statusWith(body.secret)).toBe(401);
    expect((await call('PATCH', path, { isDisabled: false })).body.isDisabled).toBe(false);
    const rotated = await call('POST', `${path}/rotate`, { keepSeconds: 60 });
    expect([await statusWith(body.secret), await statusWith(rotated.body.secret)]).toEqual([200, 200]);
    const [, old] = rotated.body.token.secrets;
    expect(Math.abs(Date.parse(old.expires) - Date.now() - 60_000)).toBeLessThan(20_000);
    expect((await call('POST', `${path}/rotate`, { keepSeconds: 0 })).status).toBe(200);
    expect([await statusWith(body.secret), await statusWith(rotated.body.secret)]).toEqual([401, 401]);
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('GET', path)).status).toBe(404);
  });

  it.each([
    [{ name: 'a/b', scopes: ['scim'] }, 'body.name', /must have 1 to 64/],
    [{ name: 'BOSS', scopes: ['scim'] }, 'body.name', /is that of another token/],
    [{ name: 'x', scopes: ['scim'], source: 'a b' }, 'body.source', /must have 1 to 64/],
    [{ name: 'x', scopes: ['scim'], networks: ['nginx'] }, 'body.networks', /is no address/],
    [{ name: 'x', scopes: ['scim'], expires: '2020-01-01T00:00:00Z' }, 'body.expires', /must lie ahead/],
    [{ name: 'x', scopes: ['scim'], expires: 'soon' }, 'body.expires', /./],
    [{ name: 'x', scopes: [] }, 'body.scopes', /./],
    [{ name: 'x', scopes: ['root'] }, 'body.scopes.0', /scim/],
    [{ scopes: ['scim'] }, 'body.name', /./],
    [{ name: 'x', scopes: ['scim'], admin: true }, 'body', /admin/],
  ])('is refused for %j, and the answer says what is wrong where', async (body, at, message) => {
    const answer = await call('POST', '/tokens', body);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.body.mistakes).toMatchObject([{ at, message: expect.stringMatching(message) }]);
    expect(answer.body.detail).toContain(answer.body.mistakes[0].message);
    expect((await call('GET', '/tokens')).body.tokens).toHaveLength(1);
  });

  it('that is not there is not found', async () => {
    for (const [method, path, body] of [
      ['GET', '/tokens/none'],
      ['PATCH', '/tokens/none', { isDisabled: true }],
      ['POST', '/tokens/none/rotate', {}],
      ['DELETE', '/tokens/none'],
      ['GET', '/none'],
    ] as const) {
      expect((await call(method, path, body)).status, path).toBe(404);
    }
    expect((await call('PUT', '/tokens')).status).toBe(405);
  });
});
