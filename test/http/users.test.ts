import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ENTERPRISE,
  group,
  MATRIX_USER,
  patch,
  type Send,
  scimClient,
  USER,
  user,
} from '../support/scim/client.ts';
import { OTHER_TOKEN, type ScimServer, startScimServer } from '../support/scim/server.ts';

let server: ScimServer;
let send: Send;
beforeEach(async () => {
  server = await startScimServer();
  send = scimClient(server);
});
afterEach(() => server.stop());

const created = async (body: object) => (await send('POST', '/Users', body)).body;

describe('POST /Users', () => {
  it('creates a user, and says where it is', async () => {
    const { status, headers, body } = await send('POST', '/Users', user('ann', { emails: [] }));

    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`${server.scim}/Users/${body.id}`);
    expect(body).toEqual({
      schemas: [USER, MATRIX_USER],
      id: expect.stringMatching(/^[\da-f-]{36}$/),
      userName: 'ann',
      emails: [],
      active: true,
      groups: [],
      meta: {
        resourceType: 'User',
        created: '2026-01-01T00:00:03.000Z',
        lastModified: '2026-01-01T00:00:03.000Z',
        location: `${server.scim}/Users/${body.id}`,
        version: expect.stringMatching(/^W\/"1-[0-9a-f]{8}"$/),
      },
      [MATRIX_USER]: { accountState: 'none', rooms: [] },
    });
    expect(headers.get('etag')).toBe(body.meta.version);
    expect(headers.get('content-location')).toBe(body.meta.location);
    expect((await send('GET', `/Users/${body.id}`)).body).toEqual(body);
    expect(server.wakes()).toBe(1);
  });

  it('shows the address that providers know us by', async () => {
    await server.stop();
    server = await startScimServer({ publicUrl: 'https://usher.example/', basePath: '/scim/' });
    const { body } = await scimClient({ scim: `${server.origin}/scim` })('POST', '/Users', user('ann'));
    expect(body.meta.location).toBe(`https://usher.example/scim/Users/${body.id}`);
  });

  it('refuses a userName that is taken, in any case, also by somebody inactive', async () => {
    await created(user('ann', { active: false }));

    const { status, body } = await send('POST', '/Users', user('ANN'));

    expect(status).toBe(409);
    expect(body).toMatchObject({ status: '409', scimType: 'uniqueness' });
    expect((await send('GET', '/Users')).body.totalResults).toBe(1);
    expect(server.wakes()).toBe(1);
  });

  it('gives a userName again once its user is deleted', async () => {
    const ann = await created(user('ann'));
    await send('DELETE', `/Users/${ann.id}`);

    const again = await send('POST', '/Users', user('ann'));

    expect(again.status).toBe(201);
    expect(again.body.id).not.toBe(ann.id);
  });

  it.each<[string, unknown]>([
    ['no userName', { schemas: [USER] }],
    ['a list', []],
    ['e-mails that are none', user('ann', { emails: 'a@b.c' })],
    ['too deep a document', user('ann', { x: JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`) })],
    ['a prototype', '{"userName":"ann","__proto__":{"active":false}}'],
    ['a prototype that hides', '{"userName":"ann","name":{"\\u005f_proto__":{"x":1}}}'],
  ])('refuses %s, and creates nobody', async (_, body) => {
    const answer = await send('POST', '/Users', body);

    expect(answer.status).toBe(400);
    expect(answer.body.scimType).toMatch(/^invalid(Value|Syntax)$/);
    expect((await send('GET', '/Users')).body.totalResults).toBe(0);
    expect(server.wakes()).toBe(0);
  });
});

describe('GET /Users/{id}', () => {
  it('shows the groups that have the user as a member', async () => {
    const ann = await created(user('ann'));
    const { body: staff } = await send('POST', '/Groups', group('staff', { members: [{ value: ann.id }] }));

    expect((await send('GET', `/Users/${ann.id}`)).body.groups).toEqual([
      { value: staff.id, $ref: staff.meta.location, display: 'staff', type: 'direct' },
    ]);
  });

  it('shows what is asked for', async () => {
    const ann = await created(user('ann', { title: 'Dr' }));
    const { body } = await send('GET', `/Users/${ann.id}?attributes=title`);
    expect(body).toEqual({ schemas: [USER, MATRIX_USER], id: ann.id, title: 'Dr' });
  });

  it.each(['0', 'ffffffff-ffff-4fff-8fff-ffffffffffff', '%E0%A4%A', "'%20OR%201=1"])(
    'knows no user %s',
    async (id) => {
      const { status, body } = await send('GET', `/Users/${id}`);
      expect(status).toBe(404);
      expect(body).toMatchObject({ status: '404', detail: expect.stringContaining('not found') });
    },
  );

  it('knows no user of another provider', async () => {
    const ann = await created(user('ann'));
    const other = scimClient(server, OTHER_TOKEN);

    for (const [method, body] of [['GET'], ['PUT', user('eve')], ['PATCH', patch()], ['DELETE']] as const) {
      expect((await other(method, `/Users/${ann.id}`, body)).status).toBe(404);
    }
    expect((await other('POST', '/Users', user('ann'))).status).toBe(201);
    expect((await send('GET', `/Users/${ann.id}`)).body).toEqual(ann);
  });
});

describe('PUT /Users/{id}', () => {
  it('replaces all that was sent before, and says when', async () => {
    const ann = await created(user('ann', { title: 'Dr', active: false }));

    const { status, body } = await send('PUT', `/Users/${ann.id}`, { id: 'other', ...user('anna') });

    expect(status).toBe(200);
    expect(body).toMatchObject({ id: ann.id, userName: 'anna', active: true });
    expect(body).not.toHaveProperty('title');
    expect(body.meta.lastModified > ann.meta.lastModified).toBe(true);
    expect((await send('GET', `/Users/${ann.id}`)).body).toEqual(body);
  });

  it('changes nothing but the time where nothing is new, also if it is what we showed', async () => {
    const ann = await created(user('ann', { active: true, name: { givenName: 'Ann' } }));
    const { lastModified, ...meta } = ann.meta;
    const { body } = await send('PUT', `/Users/${ann.id}`, ann);
    expect(body).toEqual({ ...ann, meta: { ...meta, lastModified: expect.any(String) } });
    expect(body.meta.lastModified > lastModified).toBe(true);
  });

  it('creates nobody', async () => {
    expect((await send('PUT', '/Users/unknown', user('ann'))).status).toBe(404);
    expect((await send('GET', '/Users')).body.totalResults).toBe(0);
  });

  it('leaves the user as she was, if it is refused', async () => {
    await created(user('bob'));
    const ann = await created(user('ann'));

    expect((await send('PUT', `/Users/${ann.id}`, user('BOB'))).status).toBe(409);
    expect((await send('PUT', `/Users/${ann.id}`, { schemas: [USER] })).body.scimType).toBe('invalidValue');
    expect((await send('GET', `/Users/${ann.id}`)).body).toEqual(ann);
  });
});

describe('PATCH /Users/{id}', () => {
  it('answers with the user as she is then', async () => {
    const ann = await created(user('ann'));
    const operations = patch(
      { op: 'Replace', path: 'active', value: 'False' },
      { op: 'Add', path: 'emails[type eq "work"].value', value: 'ann@example.com' },
      { op: 'Replace', value: { 'name.givenName': 'Ann', [`${ENTERPRISE}:department`]: 'R&D' } },
    );

    const { status, body } = await send('PATCH', `/Users/${ann.id}`, operations);

    expect(status).toBe(200);
    expect(body).toMatchObject({
      schemas: [USER, ENTERPRISE, MATRIX_USER],
      active: false,
      emails: [{ type: 'work', value: 'ann@example.com' }],
      name: { givenName: 'Ann' },
      [ENTERPRISE]: { department: 'R&D' },
    });
  });

  it.each<[string, string, object]>([
    ['noTarget', 'no target', { op: 'remove' }],
    ['invalidPath', 'a path that is none', { op: 'replace', path: 'a..b', value: 'x' }],
    ['invalidValue', 'a value of another type', { op: 'replace', path: 'active', value: 'perhaps' }],
    ['mutability', 'what is ours', { op: 'replace', path: 'id', value: 'x' }],
    ['invalidSyntax', 'an op that is none', { op: 'swap', path: 'title' }],
  ])('is refused with %s for %s, and applies nothing', async (scimType, _, operation) => {
    const ann = await created(user('ann'));

    const { status, body } = await send(
      'PATCH',
      `/Users/${ann.id}`,
      patch({ op: 'replace', path: 'title', value: 'Dr' }, operation),
    );

    expect(status).toBe(400);
    expect(body).toMatchObject({ status: '400', scimType });
    expect((await send('GET', `/Users/${ann.id}`)).body).toEqual(ann);
    expect(server.wakes()).toBe(1);
  });
});

describe('DELETE /Users/{id}', () => {
  it('deletes once, and takes the user out of her groups', async () => {
    const ann = await created(user('ann'));
    const { body: staff } = await send('POST', '/Groups', group('staff', { members: [{ value: ann.id }] }));

    const statuses = [
      (await send('DELETE', `/Users/${ann.id}`)).status,
      (await send('DELETE', `/Users/${ann.id}`)).status,
      (await send('GET', `/Users/${ann.id}`)).status,
    ];

    expect(statuses).toEqual([204, 404, 404]);
    expect((await send('GET', `/Groups/${staff.id}`)).body.members).toEqual([]);
    expect(server.wakes()).toBe(3);
  });
});
