import { afterEach, describe, expect, it } from 'vitest';
import type { AppDeps } from '../../src/http/app.ts';
import { issueToken } from '../support/api/client.ts';
import { TOKEN } from '../support/scim/client.ts';
import { type ScimServer, startScimServer } from '../support/scim/server.ts';

let server: ScimServer;
afterEach(() => server.stop());

async function startAt(publicUrl: string, more: Partial<AppDeps> = {}) {
  server = await startScimServer({ now: Date.now, publicUrl, ...more });
  const admin = await issueToken(server.store);
  return async (path: string, token = path.includes('/api/v1/') ? admin : TOKEN) => {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${server.origin}${path}`, { headers, redirect: 'manual' });
    return { status: answer.status, text: await answer.text() };
  };
}

const EVERYTHING = [
  '/scim/v2/Users?count=1',
  '/console',
  '/console/people/x%2Fy',
  '/api/v1/tokens',
  '/api/docs',
];

describe('a path that PUBLIC_URL has', () => {
  it.each(['', '/usher'])(
    'may be cut off by a proxy or not: what is there is there below "%s"',
    async (left) => {
      const get = await startAt('https://example.com/usher');
      // 503: the console is there, and was not built in this checkout.
      for (const path of EVERYTHING) expect([200, 503], path).toContain((await get(`${left}${path}`)).status);
      expect((await get(`${left}/healthz`)).text).toBe('{"status":"ok"}');
    },
  );

  it('is no path of its own, nor one of another that begins like it', async () => {
    const get = await startAt('https://example.com/usher');
    for (const path of [
      '/usher',
      '/usher?x',
      '/usherscim/v2/Users',
      '/usher/usher/scim/v2/Users',
      '/Usher/console',
    ])
      expect((await get(path)).status, path).toBe(404);
  });

  it('leads past no door', async () => {
    const get = await startAt('https://example.com/usher', { areMetricsProtected: true });
    for (const path of ['/scim/v2/Users', '/SCIM/V2/Users', '/api/v1/tokens', '/metrics', '/Metrics/'])
      expect((await get(`/usher${path}`, 'no-token-of-usher')).status, path).toBe(401);
  });

  it('has those put off who guess tokens', async () => {
    const get = await startAt('https://example.com/usher', { now: () => 0 });
    const statuses = new Set<number>();
    for (let each = 0; each < 40; each += 1)
      statuses.add((await get('/usher/scim/v2/Users', `no-token-of-usher-${each}`)).status);
    expect([...statuses]).toEqual([401, 429]);
    expect((await get('/usher/scim/v2/Users')).status).toBe(200);
  });

  it.each([
    ['https://example.com/scim', '/scim/scim/v2/Users', '/scim/v2/Users'],
    ['https://example.com/api', '/api/api/v1/tokens', '/api/v1/tokens'],
    ['https://example.com/api', '/api/scim/v2/Users', '/scim/v2/Users'],
  ])('may be called as one of ours: %s', async (publicUrl, whole, cutOff) => {
    const get = await startAt(publicUrl);
    expect([(await get(whole)).status, (await get(cutOff)).status]).toEqual([200, 200]);
  });

  it('is before SCIM at the root, too', async () => {
    const get = await startAt('https://example.com/usher/', { basePath: '' });
    expect((await get('/usher/Users')).status).toBe(200);
    expect((await get('/Users')).status).toBe(200);
  });

  it('is where the description of the API says that its operations are', async () => {
    const get = await startAt('https://example.com/usher');
    const { servers, paths } = JSON.parse((await get('/usher/api/docs/openapi.json')).text);
    expect(servers).toEqual([{ url: '/usher' }]);
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(['/api/v1/tokens', '/scim/v2/Users']));
  });
});
