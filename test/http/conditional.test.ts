import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MatrixGroup, MatrixUser } from '../../src/scim/matrix-resource.ts';
import { group, patch, type Send, scimClient, user } from '../support/scim/client.ts';
import { type ScimServer, startScimServer } from '../support/scim/server.ts';

let accountState: MatrixUser['accountState'];
let rooms: MatrixGroup['rooms'];
let server: ScimServer;
let send: Send;
beforeEach(async () => {
  accountState = 'pending';
  rooms = [];
  server = await startScimServer({
    matrix: {
      users: async (ids) =>
        new Map(
          ids.map(
            (id) => [id, { userId: undefined, accountState, rooms: [], lastError: undefined }] as const,
          ),
        ),
      groups: async (groups) => new Map(groups.map(({ id }) => [id, { rooms, lastError: undefined }])),
    },
  });
  send = scimClient(server);
});
afterEach(() => server.stop());

const created = async (path: string, body: object) => (await send('POST', path, body)).body;
const tagOf = async (path: string) => (await send('GET', path)).headers.get('etag');

/** One of each kind: how it is made, and what can be written to it. */
type Kind = {
  readonly endpoint: string;
  readonly body: object;
  readonly other: object;
  readonly change: object;
};
const KINDS: readonly (readonly [string, Kind])[] = [
  [
    'a user',
    {
      endpoint: '/Users',
      body: user('ann'),
      other: user('ann', { title: 'Dr' }),
      change: patch({ op: 'add', path: 'nickName', value: 'Annie' }),
    },
  ],
  [
    'a group',
    {
      endpoint: '/Groups',
      body: group('staff'),
      other: group('crew'),
      change: patch({ op: 'add', path: 'members', value: [{ value: 'somebody' }] }),
    },
  ],
];

describe.each(KINDS)('the entity tag of %s', (_, { endpoint, body, other, change }) => {
  it('is in the header and in meta.version of every answer', async () => {
    const made = await send('POST', endpoint, body);
    const path = `${endpoint}/${made.body.id}`;
    const answers = [
      made,
      await send('GET', path),
      await send('PUT', path, other),
      await send('PATCH', path, change),
      await send('GET', `${path}?attributes=meta`),
      await send('GET', `${path}?attributes=meta.version`),
      await send('GET', `${path}?excludedAttributes=groups,members`),
    ];

    for (const answer of answers) {
      expect(answer.headers.get('etag')).toMatch(/^W\/"[^"]+"$/);
      expect(answer.headers.get('etag')).toBe(answer.body.meta.version);
    }
  });

  it('is in a listing what it is alone', async () => {
    const { id, meta } = await created(endpoint, body);
    for (const query of ['', `?filter=id+eq+"${id}"`, '?filter=meta.created+pr', '?sortBy=meta.created']) {
      const { body: listed } = await send('GET', `${endpoint}${query}`);
      expect(listed.Resources).toMatchObject([{ id, meta: { version: meta.version } }]);
    }
  });

  it('is in the header also where meta is not asked for', async () => {
    const { id } = await created(endpoint, body);
    const { headers, body: shown } = await send('GET', `${endpoint}/${id}?attributes=displayName`);
    expect(headers.get('etag')).toMatch(/^W\/"1/);
    expect(shown).not.toHaveProperty('meta');
  });

  it('is another after each change, and the same after none', async () => {
    const { id, meta } = await created(endpoint, body);
    const path = `${endpoint}/${id}`;
    const tags = [meta.version];
    for (const [method, sent] of [
      ['PUT', other],
      ['PATCH', change],
    ] as const) {
      tags.push((await send(method, path, sent)).headers.get('etag'));
      expect(await tagOf(path)).toBe(tags.at(-1));
      expect((await send(method, path, sent)).headers.get('etag')).toBe(tags.at(-1));
      expect((await send('PATCH', path, patch())).headers.get('etag')).toBe(tags.at(-1));
      expect(await tagOf(path)).toBe(tags.at(-1));
    }
    expect(new Set(tags).size).toBe(3);
  });
});

describe('the entity tag', () => {
  it('of a user is another when she joins or leaves a group, or one is renamed or deleted', async () => {
    const ann = await created('/Users', user('ann'));
    const tags = [ann.meta.version];
    const look = async () => tags.push(await tagOf(`/Users/${ann.id}`));

    const inner = await created('/Groups', group('inner', { members: [{ value: ann.id }] }));
    await look();
    const outer = await created('/Groups', group('outer', { members: [{ value: inner.id }] }));
    await look();
    await send('PATCH', `/Groups/${outer.id}`, patch({ op: 'replace', path: 'displayName', value: 'all' }));
    await look();
    await send('DELETE', `/Groups/${outer.id}`);
    await look();
    await send('PATCH', `/Groups/${inner.id}`, patch({ op: 'remove', path: 'members' }));
    await look();

    // In no group, and in the inner one alone, she looks as she did before.
    expect([tags[4], tags[5]]).toEqual([tags[1], tags[0]]);
    expect(new Set(tags).size).toBe(4);
  });

  it('of a group is another when a member comes, goes, is deleted, or turns out to be somebody', async () => {
    const ann = await created('/Users', user('ann'));
    const staff = await created('/Groups', group('staff'));
    const path = `/Groups/${staff.id}`;
    const tags = [staff.meta.version];
    const steps: readonly (readonly [string, string, object?])[] = [
      ['PATCH', path, patch({ op: 'add', path: 'members', value: [{ value: ann.id }, { value: 'e1' }] })],
      ['POST', '/Users', user('bob', { externalId: 'e1' })],
      ['DELETE', `/Users/${ann.id}`],
      ['PATCH', path, patch({ op: 'remove', path: 'members' })],
    ];
    for (const step of steps) {
      await send(...step);
      tags.push(await tagOf(path));
    }
    expect(new Set(tags).size).toBe(steps.length + 1);
  });

  it('is another when the Matrix side is', async () => {
    const ann = await created('/Users', user('ann'));
    const staff = await created('/Groups', group('staff'));
    accountState = 'active';
    rooms = [{ target: '#staff:x', roomId: undefined, mode: 'granted' }];
    expect(await tagOf(`/Users/${ann.id}`)).not.toBe(ann.meta.version);
    expect(await tagOf(`/Groups/${staff.id}`)).not.toBe(staff.meta.version);
  });

  it('of others stays as it is', async () => {
    const ann = await created('/Users', user('ann'));
    const staff = await created('/Groups', group('staff', { members: [{ value: ann.id }] }));
    const before = await tagOf(`/Users/${ann.id}`);
    const bob = await created('/Users', user('bob'));
    await created('/Groups', group('crew', { members: [{ value: bob.id }] }));
    expect(await tagOf(`/Users/${ann.id}`)).toBe(before);
    expect(await tagOf(`/Groups/${staff.id}`)).toBe(staff.meta.version);
  });
});

describe.each(KINDS)('If-None-Match for %s', (_, { endpoint, body, other }) => {
  it.each<[string, (tag: string) => string]>([
    ['the tag', (tag) => tag],
    ['the tag as a strong one', (tag) => tag.slice(2)],
    ['a list with the tag', (tag) => `W/"0", ${tag} , "x"`],
    ['an asterisk', () => '*'],
  ])('with %s is answered by 304, without a body, with the tag', async (__, header) => {
    const { id, meta } = await created(endpoint, body);
    for (const method of ['GET', 'HEAD']) {
      const answer = await send(method, `${endpoint}/${id}`, undefined, {
        'If-None-Match': header(meta.version),
      });
      expect(answer).toMatchObject({ status: 304, body: undefined });
      expect(answer.headers.get('etag')).toBe(meta.version);
      expect(answer.headers.get('content-type')).toBeNull();
    }
  });

  it('with an older tag is answered by the resource', async () => {
    const { id, meta } = await created(endpoint, body);
    const path = `${endpoint}/${id}`;
    await send('PUT', path, other);
    const answer = await send('GET', path, undefined, { 'If-None-Match': meta.version });
    expect(answer).toMatchObject({ status: 200, body: { id } });
  });

  it('knows a part by the tag of the whole, as in the example of RFC 7644 §3.14', async () => {
    const { id, meta } = await created(endpoint, body);
    const path = `${endpoint}/${id}?attributes=displayName`;
    const ask = () => send('GET', path, undefined, { 'If-None-Match': meta.version });
    expect(await ask()).toMatchObject({ status: 304, body: undefined });
    await send('PUT', `${endpoint}/${id}`, other);
    expect((await ask()).status).toBe(200);
  });

  it('does not make up a resource', async () => {
    const answer = await send('GET', `${endpoint}/unknown`, undefined, { 'If-None-Match': '*' });
    expect(answer.status).toBe(404);
  });
});

describe.each(KINDS)('If-Match for %s', (_, { endpoint, body, other, change }) => {
  const writes: readonly (readonly [string, object | undefined])[] = [
    ['PUT', other],
    ['PATCH', change],
    ['DELETE', undefined],
  ];

  it.each(writes)('lets %s through with the tag, a list with it, or an asterisk', async (method, sent) => {
    for (const header of [(tag: string) => tag, (tag: string) => `"x", ${tag}`, () => '*']) {
      const { id, meta } = await created(endpoint, body);
      const answer = await send(method, `${endpoint}/${id}`, sent, { 'If-Match': header(meta.version) });
      expect(answer.status).toBe(method === 'DELETE' ? 204 : 200);
      await send('DELETE', `${endpoint}/${id}`);
    }
  });

  it.each(writes)('stops %s with another tag, and nothing changes', async (method, sent) => {
    const { id } = await created(endpoint, body);
    const path = `${endpoint}/${id}`;
    const { body: before } = await send('GET', path);
    const wakes = server.wakes();

    for (const tag of ['W/"7"', '"7"', 'nonsense', 'W/"7", W/"8-abcdef01"']) {
      const answer = await send(method, path, sent, { 'If-Match': tag });
      expect(answer.status).toBe(412);
      expect(answer.headers.get('content-type')).toBe('application/scim+json');
      expect(answer.body).toMatchObject({ status: '412', detail: expect.any(String) });
    }

    expect((await send('GET', path)).body).toEqual(before);
    expect(server.wakes()).toBe(wakes);
  });

  it.each(writes)('stops %s with the tag before somebody else wrote', async (method, sent) => {
    const { id, meta } = await created(endpoint, body);
    const path = `${endpoint}/${id}`;
    await send('PATCH', path, patch({ op: 'replace', path: 'displayName', value: 'first' }));
    expect((await send(method, path, sent, { 'If-Match': meta.version })).status).toBe(412);
    expect((await send('GET', path)).body.displayName).toBe('first');
  });

  it('lets one of many writers through', async () => {
    const { id, meta } = await created(endpoint, body);
    const statuses = await Promise.all(
      Array.from({ length: 10 }, async (__, index) => {
        const rename = patch({ op: 'replace', path: 'displayName', value: `n${index}` });
        return (await send('PATCH', `${endpoint}/${id}`, rename, { 'If-Match': meta.version })).status;
      }),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 412)).toHaveLength(9);
  });

  it('is for what is there: an unknown resource is not found', async () => {
    for (const [method, sent] of writes) {
      expect((await send(method, `${endpoint}/unknown`, sent, { 'If-Match': '*' })).status).toBe(404);
    }
  });
});

describe('If-Match', () => {
  it('lets a write through although the Matrix side or the groups have changed meanwhile', async () => {
    const ann = await created('/Users', user('ann'));
    accountState = 'active';
    await created('/Groups', group('staff', { members: [{ value: ann.id }] }));
    const answer = await send('PUT', `/Users/${ann.id}`, user('anna'), { 'If-Match': ann.meta.version });
    expect(answer).toMatchObject({ status: 200, body: { userName: 'anna' } });
  });

  it('stops a write to a group of which a member was deleted', async () => {
    const ann = await created('/Users', user('ann'));
    const staff = await created('/Groups', group('staff', { members: [{ value: ann.id }] }));
    await send('DELETE', `/Users/${ann.id}`);
    const answer = await send('PUT', `/Groups/${staff.id}`, group('crew'), {
      'If-Match': staff.meta.version,
    });
    expect(answer.status).toBe(412);
  });

  it('and the tag are there for a group too large to be shown after a PATCH', async () => {
    const members = Array.from({ length: 1100 }, (_, index) => ({ value: `m${index}` }));
    const staff = await created('/Groups', group('staff', { members }));
    const path = `/Groups/${staff.id}`;
    const change = (value: string) => patch({ op: 'add', path: 'members', value: [{ value }] });

    const stopped = await send('PATCH', path, change('x'), { 'If-Match': 'W/"7"' });
    const done = await send('PATCH', path, change('x'), { 'If-Match': staff.meta.version });

    expect(stopped.status).toBe(412);
    expect(done).toMatchObject({ status: 204, body: undefined });
    expect(done.headers.get('etag')).toBe(await tagOf(path));
    expect((await send('GET', path)).body.members).toHaveLength(1101);
  });
});
