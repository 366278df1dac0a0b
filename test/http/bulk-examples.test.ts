import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  BULK_RESPONSE,
  bulk,
  ENTERPRISE,
  ERROR,
  group,
  patch,
  type Send,
  scimClient,
  USER,
  user,
} from '../support/scim/client.ts';
import { type ScimServer, startScimServer } from '../support/scim/server.ts';

let server: ScimServer;
let send: Send;
beforeEach(async () => {
  server = await startScimServer();
  send = scimClient(server);
});
afterEach(() => server.stop());

const created = async (path: string, body: object) => (await send('POST', path, body)).body;
const read = async (location: string) => (await send('GET', location.slice(server.scim.length))).body;
const namesOf = async (endpoint: string) =>
  (await send('GET', endpoint)).body.Resources.map(
    ({ userName, displayName }: Record<string, string>) => userName ?? displayName,
  );

/** Sends a bulk request that is carried out; the results. */
const run = async (body: object) => {
  const answer = await send('POST', '/Bulk', body);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('application/scim+json');
  expect(Object.keys(answer.body).sort()).toEqual(['Operations', 'schemas']);
  expect(answer.body.schemas).toEqual([BULK_RESPONSE]);
  return answer.body.Operations;
};
const post = (path: string, bulkId: string, data: object) => ({ method: 'POST', path, bulkId, data });
const statusesOf = (results: readonly { status: string }[]) => results.map(({ status }) => status);

describe('the examples of RFC 7644', () => {
  it('§3.7.1: groups that have one another as members', async () => {
    const results = await run(
      bulk(
        post('/Groups', 'qwerty', group('Group A', { members: [{ type: 'Group', value: 'bulkId:ytrewq' }] })),
        post('/Groups', 'ytrewq', group('Group B', { members: [{ type: 'Group', value: 'bulkId:qwerty' }] })),
      ),
    );

    expect(statusesOf(results)).toEqual(['201', '201']);
    const { body } = await send('GET', `/Groups?filter=displayName+sw+'Group'&sortBy=displayName`);
    const [a, b] = body.Resources;
    expect(body.totalResults).toBe(2);
    expect(a).toMatchObject({
      displayName: 'Group A',
      members: [{ value: b.id, $ref: b.meta.location, type: 'Group' }],
    });
    expect(b).toMatchObject({
      displayName: 'Group B',
      members: [{ value: a.id, $ref: a.meta.location, type: 'Group' }],
    });
  });

  it('§3.7.2: Alice and her group', async () => {
    const results = await run(
      bulk(
        post('/Users', 'qwerty', user('Alice')),
        post(
          '/Groups',
          'ytrewq',
          group('Tour Guides', { members: [{ type: 'User', value: 'bulkId:qwerty' }] }),
        ),
      ),
    );

    const { body: alice } = await send('GET', '/Users?filter=userName+eq+"Alice"');
    const [{ id, meta }] = alice.Resources;
    const guides = await read(results[1].location);
    expect(results).toEqual([
      {
        location: meta.location,
        method: 'POST',
        bulkId: 'qwerty',
        version: expect.any(String),
        status: '201',
      },
      {
        location: guides.meta.location,
        method: 'POST',
        bulkId: 'ytrewq',
        version: guides.meta.version,
        status: '201',
      },
    ]);
    expect(guides).toMatchObject({
      displayName: 'Tour Guides',
      members: [{ value: id, $ref: meta.location, type: 'User' }],
    });
  });

  it('§3.7.2: Bob, whose manager is Alice', async () => {
    const bob = {
      schemas: [USER, ENTERPRISE],
      userName: 'Bob',
      [ENTERPRISE]: { employeeNumber: '11250', manager: { value: 'bulkId:qwerty' } },
    };
    const results = await run(bulk(post('/Users', 'qwerty', user('Alice')), post('/Users', 'ytrewq', bob)));

    expect(statusesOf(results)).toEqual(['201', '201']);
    const alice = await read(results[0].location);
    expect((await read(results[1].location))[ENTERPRISE]).toEqual({
      employeeNumber: '11250',
      manager: { value: alice.id },
    });
  });

  it('§3.7.3: a user is added, replaced, changed and removed', async () => {
    const bob = await created('/Users', user('bob'));
    const dan = await created('/Users', user('dan', { nickName: 'd' }));
    const eve = await created('/Users', user('eve'));
    const changes = patch({ op: 'remove', path: 'nickName' }, { op: 'add', path: 'userName', value: 'Dave' });

    const results = await run({
      ...bulk(
        post('/Users', 'qwerty', {
          schemas: ['urn:ietf:params:scim:api:messages:2.0:User'],
          userName: 'Alice',
        }),
        {
          method: 'PUT',
          path: `/Users/${bob.id}`,
          version: bob.meta.version,
          data: user('Bob', { id: bob.id }),
        },
        { method: 'PATCH', path: `/Users/${dan.id}`, version: dan.meta.version, data: changes },
        { method: 'DELETE', path: `/Users/${eve.id}`, version: eve.meta.version },
      ),
      failOnErrors: 1,
    });

    const alice = await read(results[0].location);
    const now = await Promise.all([bob, dan].map(({ meta }) => read(meta.location)));
    expect(results).toEqual([
      { ...{ location: alice.meta.location, method: 'POST', bulkId: 'qwerty' }, ...done('201', alice) },
      { location: bob.meta.location, method: 'PUT', ...done('200', now[0]) },
      { location: dan.meta.location, method: 'PATCH', ...done('200', now[1]) },
      { location: eve.meta.location, method: 'DELETE', status: '204' },
    ]);
    expect(await namesOf('/Users?sortBy=userName')).toEqual(['Alice', 'Bob', 'Dave']);
    expect(now[1]).not.toHaveProperty('nickName');
  });

  it.each<[object, string[]]>([
    [{ failOnErrors: 1 }, ['409']],
    [{ failOnErrors: 2 }, ['409', '412']],
    [{}, ['409', '412', '412', '404']],
  ])('§3.7.3: everything fails, with %j', async (rest, statuses) => {
    const [bob, dan] = [await created('/Users', user('bob')), await created('/Users', user('dan'))];
    const version = 'W/"3694e05e9dff591"';
    const gone = '/Users/e9025315-6bea-44e1-899c-1e07454e468b';
    const operations = [
      post('/Users', 'qwerty', user('BOB')),
      { method: 'PUT', path: `/Users/${bob.id}`, version, data: user('Robert') },
      { method: 'PATCH', path: `/Users/${dan.id}`, version, data: patch({ op: 'remove', path: 'title' }) },
      { method: 'DELETE', path: gone, version },
    ];

    const results = await run({ ...bulk(...operations), ...rest });

    expect(statusesOf(results)).toEqual(statuses);
    const locations = [undefined, bob.meta.location, dan.meta.location, `${server.scim}${gone}`];
    for (const [index, { location, method, status, response, ...others }] of results.entries()) {
      expect(response).toMatchObject({ schemas: [ERROR], status, detail: expect.any(String) });
      expect([location, method]).toEqual([locations[index], operations[index]?.method]);
      expect(others).toEqual(index === 0 ? { bulkId: 'qwerty' } : {});
    }
    expect(await namesOf('/Users')).toEqual(['bob', 'dan']);
    expect(server.wakes()).toBe(2);
  });

  it('§3.7.4: more is sent than was announced', async () => {
    const { body: config } = await send('GET', '/ServiceProviderConfig');
    const { maxOperations, maxPayloadSize } = config.bulk;
    const many = Array.from({ length: maxOperations + 1 }, (_, index) =>
      post('/Users', `b${index}`, user(`u${index}`)),
    );

    const tooMany = await send('POST', '/Bulk', bulk(...many));
    const tooLarge = await send('POST', '/Bulk', bulk(post('/Users', 'b', user('x'.repeat(maxPayloadSize)))));
    const most = await send('POST', '/Bulk', bulk(...many.slice(1)));

    for (const [{ status, body }, limit] of [
      [tooMany, maxOperations],
      [tooLarge, maxPayloadSize],
    ] as const) {
      expect(status).toBe(413);
      expect(body).toMatchObject({ schemas: [ERROR], status: '413' });
      expect(body.detail).toContain(String(limit));
    }
    expect(most.status).toBe(200);
    expect((await send('GET', '/Users?count=0')).body.totalResults).toBe(maxOperations);
  });
});

function done(status: string, { meta }: { meta: { version: string } }) {
  return { status, version: meta.version };
}
