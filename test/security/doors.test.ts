import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOKEN, user } from '../support/scim/client.ts';
import { OTHER_TOKEN, type ScimServer, startScimServer } from '../support/scim/server.ts';

let server: ScimServer;
beforeAll(async () => {
  server = await startScimServer();
});
afterAll(() => server.stop());

const ENDPOINTS = [
  ...['', '/', '/Users', '/Users/1', '/Users/.search', '/Groups', '/Groups/1', '/.search', '/Bulk', '/Me'],
  ...['/ServiceProviderConfig', '/ServiceProviderConfigs', '/Schemas', '/Schemas/1', '/ResourceTypes', '/no'],
];

/** Ways to write a path that a router may take for the same, and a guard before it for another. */
const SPELLINGS: readonly (readonly [string, (path: string) => string])[] = [
  ['as it is', (path) => path],
  ['in upper case', (path) => path.toUpperCase()],
  ['in lower case', (path) => path.toLowerCase()],
  ['in mixed case', (path) => path.replace('scim', 'sCiM')],
  ['with more slashes', (path) => path.replaceAll('/', '//')],
  ['with a slash at its end', (path) => `${path}/`],
  ['with dots', (path) => `/x/..${path}`],
  ['with an encoded letter', (path) => path.replace('scim', '%73cim')],
  ['with an encoded slash', (path) => path.replace('/v2', '%2Fv2')],
  ['with a semicolon', (path) => path.replace('/v2', ';a=b/v2')],
  ['with the whole address', (path) => `http://127.0.0.1${path}`],
  ['with a query', (path) => `${path}?access_token=${TOKEN}`],
];

/** Without fetch, which would mend the path. */
function ask(method: string, path: string, headers: Readonly<Record<string, string>> = {}) {
  const { hostname, port } = new URL(server.origin);
  const body = method.startsWith('P') ? JSON.stringify(user('intruder')) : undefined;
  return new Promise<number>((resolve, reject) => {
    const sent = request(
      { hostname, port, method, path, headers: { 'content-type': 'application/scim+json', ...headers } },
      (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

describe.each(SPELLINGS)('a path of SCIM written %s', (_, spell) => {
  it.each([
    ['no token', {}],
    ['a wrong token', { authorization: 'Bearer wrong' }],
    ['a token in another header', { 'x-authorization': `Bearer ${OTHER_TOKEN}` }],
  ])('lets nobody in who has %s', async (__, headers) => {
    const statuses = new Set<number>();
    for (const endpoint of ENDPOINTS) {
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        statuses.add(await ask(method, spell(`/scim/v2${endpoint}`), headers));
      }
    }
    // 429: after so many wrong tokens; 404: no path of ours.
    expect([401, 404, 429]).toEqual(expect.arrayContaining([...statuses]));
    const { totalResults } = await server.store.users.list('first' as never, {
      ...{ where: {}, order: { by: 'creation', isDescending: false }, startIndex: 1, count: 1 },
    });
    expect(totalResults).toBe(0);
  });
});

it('A right token is taken, however the path is written', async () => {
  const headers = { authorization: `Bearer ${TOKEN}` };
  for (const path of ['/scim/v2/Users', '/SCIM/v2/users', '//scim//v2//Users/']) {
    expect(await ask('GET', path, headers)).toBe(200);
  }
});
