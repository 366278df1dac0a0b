import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import {
  BULK_RESPONSE,
  bulk,
  ERROR,
  group,
  patch,
  type Send,
  scimClient,
  USER,
  user,
} from '../support/scim/client.ts';
import { LIMITS, OTHER_TOKEN, type ScimServer, startScimServer } from '../support/scim/server.ts';
import { tempDir } from '../support/temp-dir.ts';

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

describe('an operation in bulk', () => {
  it('is about the resource in its path, whatever a POST without a bulkId beside it', async () => {
    const ann = await created('/Users', user('ann'));
    const staff = await created('/Groups', group('staff', { members: [{ value: ann.id }] }));
    const removal = patch({ op: 'remove', path: `members[value eq "${ann.id}"]` });
    const results = await run(
      bulk(
        { method: 'PATCH', path: `/Groups/${staff.id}`, data: removal },
        { method: 'POST', path: '/Users', data: user('bob') },
        { method: 'DELETE', path: `/Users/${ann.id}` },
      ),
    );
    expect(results.map(({ status }: { status: string }) => status)).toEqual(['200', '400', '204']);
    expect((await read(staff.meta.location)).members).toEqual([]);
    expect(await namesOf('/Users')).toEqual([]);
  });

  it('may have a text that begins like a reference where no id stands', async () => {
    const [{ location }] = await run(
      bulk({
        method: 'POST',
        path: '/Users',
        bulkId: 'a',
        data: user('ann', { title: 'bulkId:zz', nickName: 'bulkId:a' }),
      }),
    );
    expect(await read(location)).toMatchObject({ title: 'bulkId:zz', nickName: 'bulkId:a' });
  });
});

describe('a bulk request', () => {
  it('is answered in its own order, each operation as if it had been sent alone', async () => {
    const [ann, bob] = [await created('/Users', user('ann')), await created('/Users', user('bob'))];
    const staff = await created('/Groups', group('staff', { members: [{ value: ann.id }] }));

    const results = await run(
      bulk(
        { method: 'DELETE', path: `/Users/${ann.id}` },
        post('/Users', 'again', user('ANN', { password: 'secret' })),
        { method: 'PUT', path: `/Users/${bob.id}`, data: { schemas: [USER] } },
        { method: 'put', path: `Users/${bob.id}`, data: user('bo'), bulkId: 'mine' },
        { method: 'PATCH', path: `/Groups/${staff.id}`, data: patch({ op: 'remove', path: 'displayName' }) },
        { method: 'DELETE', path: `/Groups/${staff.id}` },
        { method: 'DELETE', path: `/Groups/${staff.id}` },
      ),
    );

    expect(results).toMatchObject([
      { method: 'DELETE', status: '204', location: ann.meta.location },
      { method: 'POST', status: '201', bulkId: 'again' },
      { method: 'PUT', status: '400', location: bob.meta.location, response: { scimType: 'invalidValue' } },
      { method: 'put', status: '200', location: bob.meta.location, bulkId: 'mine' },
      { method: 'PATCH', status: '400', location: staff.meta.location, response: { scimType: 'mutability' } },
      { method: 'DELETE', status: '204', location: staff.meta.location },
      { method: 'DELETE', status: '404', location: staff.meta.location },
    ]);
    expect(await namesOf('/Users')).toEqual(['bo', 'ANN']);
  });

  it('says of the one user that it was created, and of the second of that name that it is taken', async () => {
    const results = await run(bulk(post('/Users', 'a', user('ann')), post('/Users', 'b', user('ANN'))));
    expect(results).toMatchObject([
      { status: '201', bulkId: 'a' },
      { status: '409', bulkId: 'b', response: { scimType: 'uniqueness' } },
    ]);
    expect(results[1]).not.toHaveProperty('location');
    expect(results[1]).not.toHaveProperty('version');
  });

  it('gives each version as a GET gives it then', async () => {
    const staff = await created('/Groups', group('staff'));
    const results = await run(
      bulk(
        post('/Users', 'a', user('ann')),
        post('/Groups', 'g', group('crew', { members: [{ value: 'e1' }] })),
        {
          method: 'PATCH',
          path: `/Groups/${staff.id}`,
          data: patch({ op: 'add', path: 'externalId', value: 'x' }),
        },
      ),
    );
    expect(results).toHaveLength(3);
    for (const { location, version } of results) expect((await read(location)).meta.version).toBe(version);
  });

  it('may have no operation at all', async () => {
    expect(await run(bulk())).toEqual([]);
    expect(server.wakes()).toBe(0);
  });

  it.each<[string, unknown]>([
    ['that is a list', []],
    ['without schemas', { Operations: [] }],
    ['without operations', { schemas: bulk().schemas }],
    ['of which an operation is none', { ...bulk(), Operations: [null] }],
    ['with failOnErrors that is no number', { ...bulk(), failOnErrors: 'one' }],
    ['with a bulkId twice', bulk(post('/Users', 'a', user('x')), post('/Users', 'a', user('y')))],
  ])('%s is refused whole', async (_, body) => {
    const answer = await send('POST', '/Bulk', body);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ schemas: [ERROR], status: '400', scimType: 'invalidSyntax' });
    expect(await namesOf('/Users')).toEqual([]);
  });

  it.each<[object, string, string | undefined]>([
    [{ path: '/Users', bulkId: 'x' }, '400', 'invalidSyntax'],
    [{ method: 'GET', path: '/Users/1' }, '400', 'invalidSyntax'],
    [{ method: 'POST', path: '/Users', data: user('x') }, '400', 'invalidSyntax'],
    [{ method: 'POST', path: '/Users', bulkId: 'x' }, '400', 'invalidSyntax'],
    [{ method: 'POST', path: '/Users', bulkId: 'x', data: 'ann' }, '400', 'invalidSyntax'],
    [{ method: 'POST', bulkId: 'x', data: user('x') }, '400', 'invalidSyntax'],
    [{ method: 'POST', path: '/Robots', bulkId: 'x', data: user('x') }, '404', undefined],
    [{ method: 'POST', path: '/Users', bulkId: 'x', data: {} }, '400', 'invalidValue'],
    [{ method: 'DELETE', path: '/Users' }, '400', 'invalidSyntax'],
  ])('goes on after an operation that makes no sense: %j', async (operation, status, scimType) => {
    const results = await run(
      bulk(post('/Users', 'a', user('ann')), operation, post('/Users', 'b', user('bob'))),
    );

    expect(statusesOf(results)).toEqual(['201', status, '201']);
    expect(results[1].response).toMatchObject({ schemas: [ERROR], status });
    expect(results[1].response.scimType).toBe(scimType);
    expect(results[1]).not.toHaveProperty('location');
    expect(await namesOf('/Users')).toEqual(['ann', 'bob']);
  });

  it('goes on after an operation that broke inside, says so of that one only, and logs it', async () => {
    const store = openStore(tempDir());
    onTestFinished(() => store.close());
    const create: Store['users']['create'] = async (source, attributes, ...more) => {
      if (attributes.userName === 'b') throw new Error('the disk is full');
      return store.users.create(source, attributes, ...more);
    };
    await server.stop();
    server = await startScimServer({ store: { ...store, users: { ...store.users, create } } });
    send = scimClient(server);

    const results = await run(bulk(...['a', 'b', 'c'].map((name) => post('/Users', name, user(name)))));

    expect(statusesOf(results)).toEqual(['201', '500', '201']);
    expect(results[1].response).toEqual({
      schemas: [ERROR],
      status: '500',
      detail: 'Something went wrong here',
    });
    expect(server.logged()).toMatch(/"level":"error".*the disk is full/);
    expect(await namesOf('/Users')).toEqual(['a', 'c']);
  });

  it('sees and changes the resources of its own provider only', async () => {
    const ann = await created('/Users', user('ann'));
    const other = scimClient(server, OTHER_TOKEN);

    const { body } = await other(
      'POST',
      '/Bulk',
      bulk(
        { method: 'DELETE', path: `/Users/${ann.id}` },
        { method: 'PUT', path: `/Users/${ann.id}`, data: user('eve') },
        { method: 'PATCH', path: `/Users/${ann.id}`, data: patch() },
        post('/Users', 'a', user('ann')),
        post('/Groups', 'g', group('staff', { members: [{ value: ann.id }] })),
      ),
    );

    expect(statusesOf(body.Operations)).toEqual(['404', '404', '404', '201', '201']);
    expect((await send('GET', `/Users/${ann.id}`)).body).toEqual(ann);
    expect(await namesOf('/Groups')).toEqual([]);
  });

  it('is for those with a token, and by POST', async () => {
    expect((await send('POST', '/Bulk', bulk(), { Authorization: 'Bearer wrong' })).status).toBe(401);
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answer = await send(method, '/Bulk', method === 'PUT' ? bulk() : undefined);
      expect(answer.status).toBe(405);
      expect(answer.headers.get('allow')).toBe('POST');
    }
  });

  it('has each change followed on the homeserver', async () => {
    await run(bulk(post('/Users', 'a', user('ann')), post('/Users', 'b', user('bob'))));
    expect(server.wakes()).toBe(2);
    expect(await server.store.work.all()).toHaveLength(2);
  });

  it('takes the versions of its operations, and none from the headers of the request', async () => {
    const ann = await created('/Users', user('ann'));
    const put = { method: 'PUT', path: `/Users/${ann.id}`, data: user('anna') };
    const answer = await send('POST', '/Bulk', bulk(put), { 'If-Match': 'W/"7"', 'If-None-Match': '*' });
    expect(statusesOf(answer.body.Operations)).toEqual(['200']);
  });

  it('of a hundred operations lets others have their turn', async () => {
    const operations = Array.from({ length: LIMITS.maxOperations }, (_, index) =>
      post('/Users', `b${index}`, user(`u${index}`)),
    );
    const finished: string[] = [];
    const long = run(bulk(...operations)).then((results) => finished.push(`bulk of ${results.length}`));
    while ((await send('GET', '/Users?count=0')).body.totalResults === 0);
    await send('POST', '/Users', user('ann'));
    finished.push('ann');
    await long;
    expect(finished).toEqual(['ann', 'bulk of 100']);
  });
});
