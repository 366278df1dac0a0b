import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bulk, ENTERPRISE, group, patch, type Send, scimClient, user } from '../support/scim/client.ts';
import { type ScimServer, startScimServer } from '../support/scim/server.ts';

let server: ScimServer;
let send: Send;
beforeEach(async () => {
  server = await startScimServer();
  send = scimClient(server);
});
afterEach(() => server.stop());

const created = async (path: string, body: object) => (await send('POST', path, body)).body;
const results = async (...operations: object[]) =>
  (await send('POST', '/Bulk', bulk(...operations))).body.Operations;
const post = (path: string, bulkId: string, data: object) => ({ method: 'POST', path, bulkId, data });
const read = async (location: string) => (await send('GET', location.slice(server.scim.length))).body;
const idIn = ({ location }: { location: string }) => location.split('/').at(-1);
const members = (...values: string[]) => ({ members: values.map((value) => ({ value })) });
const valuesOf = async (location: string) =>
  (await read(location)).members.map(({ value }: { value: string }) => value);

describe('a reference in a bulk request', () => {
  it('may point forward: what it needs is created before, and the answer keeps the order', async () => {
    const [staff, crew, ann] = await results(
      post('/Groups', 'g', group('staff', members('bulkId:c', 'bulkId:a'))),
      post('/Groups', 'c', group('crew', members('bulkId:a'))),
      post('/Users', 'a', user('ann')),
    );

    expect([staff, crew, ann]).toMatchObject([
      { bulkId: 'g', status: '201' },
      { bulkId: 'c', status: '201' },
      { bulkId: 'a', status: '201' },
    ]);
    expect(await valuesOf(staff.location)).toEqual([idIn(ann), idIn(crew)]);
    expect(await valuesOf(crew.location)).toEqual([idIn(ann)]);
  });

  it.each<[string, (id: string) => object, string[]]>([
    [
      'a value of PATCH',
      () => patch({ op: 'add', path: 'members', value: [{ value: 'bulkId:a' }] }),
      ['old', 'new'],
    ],
    ['a value of PATCH without a path', () => patch({ op: 'replace', value: members('bulkId:a') }), ['new']],
    [
      'the filter of a path of PATCH',
      () =>
        patch(
          { op: 'add', path: 'members', value: [{ value: 'bulkId:a' }] },
          { op: 'remove', path: 'members[value eq "bulkId:a"]' },
        ),
      ['old'],
    ],
    [
      'one of several in such a filter',
      (id) =>
        patch(
          { op: 'add', path: 'members', value: [{ value: 'bulkId:a' }] },
          { op: 'remove', path: `members[value eq "bulkId:a" or value eq "${id}"]` },
        ),
      [],
    ],
  ])('may stand in %s', async (_, data, expected) => {
    const old = await created('/Users', user('old'));
    const staff = await created('/Groups', group('staff', members(old.id)));

    const [changed, ann] = await results(
      { method: 'PATCH', path: `/Groups/${staff.id}`, data: data(old.id) },
      post('/Users', 'a', user('new')),
    );

    expect([changed.status, ann.status]).toEqual(['200', '201']);
    const names = new Map([
      [old.id, 'old'],
      [idIn(ann), 'new'],
    ]);
    expect((await valuesOf(staff.meta.location)).map((value: string) => names.get(value))).toEqual(expected);
  });

  it('may stand in the body of PUT, and in an extension', async () => {
    const staff = await created('/Groups', group('staff'));
    const bob = await created('/Users', user('bob'));
    const manager = { op: 'add', path: `${ENTERPRISE}:manager.value`, value: 'bulkId:a' };

    const [ann, put, patched] = await results(
      post('/Users', 'a', user('ann')),
      { method: 'PUT', path: `/Groups/${staff.id}`, data: group('crew', members('bulkId:a')) },
      { method: 'PATCH', path: `/Users/${bob.id}`, data: patch(manager) },
    );

    expect([put.status, patched.status]).toEqual(['200', '200']);
    expect(await valuesOf(staff.meta.location)).toEqual([idIn(ann)]);
    expect((await read(bob.meta.location))[ENTERPRISE].manager).toEqual({ value: idIn(ann) });
  });

  it('may be the resource that is to be changed', async () => {
    const [ann, put, patched, bob, gone] = await results(
      post('/Users', 'a', user('ann')),
      { method: 'PUT', path: '/Users/bulkId:a', data: user('anna') },
      { method: 'PATCH', path: '/Users/bulkId:a', data: patch({ op: 'add', path: 'title', value: 'Dr' }) },
      post('/Users', 'b', user('bob')),
      { method: 'DELETE', path: '/Users/bulkId:b' },
    );

    expect([ann, put, patched, bob, gone].map(({ status }) => status)).toEqual([
      '201',
      '200',
      '200',
      '201',
      '204',
    ]);
    expect([put.location, patched.location, gone.location]).toEqual([
      ann.location,
      ann.location,
      bob.location,
    ]);
    expect(await read(ann.location)).toMatchObject({ userName: 'anna', title: 'Dr' });
    expect((await send('GET', '/Users?count=0')).body.totalResults).toBe(1);
  });

  it('may be to the resource itself, or go round in a circle of three', async () => {
    const [own, a, b, c] = await results(
      post('/Groups', 'own', group('own', members('bulkId:own'))),
      post('/Groups', 'a', group('a', members('bulkId:b'))),
      post('/Groups', 'b', group('b', members('bulkId:c'))),
      post('/Groups', 'c', group('c', members('bulkId:a', 'bulkId:b'))),
    );

    expect(await valuesOf(own.location)).toEqual([idIn(own)]);
    expect(await valuesOf(a.location)).toEqual([idIn(b)]);
    expect(await valuesOf(b.location)).toEqual([idIn(c)]);
    expect((await valuesOf(c.location)).sort()).toEqual([idIn(a), idIn(b)].sort());
    expect((await read(c.location)).members).toMatchObject([{ type: 'Group' }, { type: 'Group' }]);
  });

  it('may be a circle of users, each of whom is the manager of the other', async () => {
    const withManager = (name: string, bulkId: string) =>
      user(name, { [ENTERPRISE]: { manager: { value: bulkId } } });
    const [ann, bob] = await results(
      post('/Users', 'a', withManager('ann', 'bulkId:b')),
      post('/Users', 'b', withManager('bob', 'bulkId:a')),
    );
    expect((await read(ann.location))[ENTERPRISE].manager.value).toBe(idIn(bob));
    expect((await read(bob.location))[ENTERPRISE].manager.value).toBe(idIn(ann));
  });

  it('may go round between a user who names her group, and the group', async () => {
    const [ann, staff] = await results(
      post('/Users', 'a', user('ann', { groups: [{ value: 'bulkId:g' }] })),
      post('/Groups', 'g', group('staff', members('bulkId:a'))),
    );
    expect((await read(ann.location)).groups).toMatchObject([{ value: idIn(staff), type: 'direct' }]);
    expect((await read(staff.location)).members).toMatchObject([{ value: idIn(ann), type: 'User' }]);
  });

  it('to what could not be created fails with 409, in each operation that has it, and in no other', async () => {
    const taken = await created('/Users', user('ann'));
    const staff = await created('/Groups', group('staff'));

    const found = await results(
      post('/Groups', 'g', group('crew', members('bulkId:a'))),
      post('/Users', 'a', user('Ann')),
      post('/Groups', 'h', group('all', members('bulkId:g'))),
      {
        method: 'PATCH',
        path: `/Groups/${staff.id}`,
        data: patch({ op: 'add', path: 'members', value: [{ value: 'bulkId:a' }] }),
      },
      { method: 'DELETE', path: '/Users/bulkId:a' },
      post('/Groups', 'i', group('others', members(taken.id))),
    );

    expect(found.map(({ status }: { status: string }) => status)).toEqual([
      '409',
      '409',
      '409',
      '409',
      '409',
      '201',
    ]);
    expect(found[1].response.scimType).toBe('uniqueness');
    for (const { bulkId, location } of found.slice(0, 3))
      expect([bulkId, location]).toEqual([bulkId, undefined]);
    expect(found[3].location).toBe(staff.meta.location);
    expect(found[4].location).toMatch(new RegExp(`^${server.scim}/Users/.+`));
    expect((await read(staff.meta.location)).members).toEqual([]);
    const { body } = await send('GET', '/Groups');
    expect(body.Resources.map((each: { displayName: string }) => each.displayName)).toEqual([
      'staff',
      'others',
    ]);
  });

  it('to what nobody creates fails with 400, and says where it was', async () => {
    const staff = await created('/Groups', group('staff'));

    const found = await results(
      post('/Groups', 'g', group('crew', members('bulkId:nobody'))),
      { method: 'PUT', path: `/Groups/${staff.id}`, data: group('crew', members('bulkId:nobody')) },
      // It has that bulkId, and creates nothing.
      { method: 'DELETE', path: `/Groups/${staff.id}`, bulkId: 'nobody', version: 'W/"7"' },
    );

    expect(found).toMatchObject([
      {
        status: '400',
        response: { scimType: 'invalidValue', detail: expect.stringContaining('bulkId:nobody') },
      },
      { status: '400', location: staff.meta.location },
      { status: '412', location: staff.meta.location, bulkId: 'nobody' },
    ]);
    expect(found[0]).not.toHaveProperty('location');
    expect(await read(staff.meta.location)).toEqual(staff);
  });

  it('counts each error for failOnErrors, and begins nothing after the last', async () => {
    await created('/Users', user('ann'));
    const operations = [
      post('/Users', 'b', user('bob')),
      post('/Groups', 'g', group('crew', members('bulkId:a'))),
      post('/Users', 'c', user('cyd')),
      post('/Users', 'a', user('ann')),
      post('/Users', 'd', user('dan')),
    ];
    for (const [failOnErrors, statuses] of [
      [1, { b: '201', g: '409', a: '409' }],
      [2, { b: '409', g: '409', a: '409' }],
      [4, { b: '409', g: '409', c: '201', a: '409', d: '201' }],
    ] as const) {
      const { body } = await send('POST', '/Bulk', { ...bulk(...operations), failOnErrors });
      const found = body.Operations.map(({ bulkId, status }: Record<string, string>) => [bulkId, status]);
      expect(Object.fromEntries(found)).toEqual(statuses);
    }
  });

  it('keeps its promise for lists too long for one step', async () => {
    const users = Array.from({ length: 40 }, (_, index) => post('/Users', `u${index}`, user(`u${index}`)));
    const unknown = Array.from({ length: 1500 }, (_, index) => `e${index}`);
    const own = users.map(({ bulkId }) => `bulkId:${bulkId}`);
    const [staff, ...people] = await results(
      post('/Groups', 'g', group('staff', members(...unknown, ...own, 'bulkId:g'))),
      ...users,
    );

    const values = await valuesOf(staff.location);
    expect(values).toHaveLength(1541);
    expect(values).toEqual(expect.arrayContaining([...people.map(idIn), idIn(staff)]));
  });

  it('is no reference outside of a bulk request', async () => {
    const staff = await created('/Groups', group('staff', members('bulkId:a')));
    expect(staff.members).toEqual([{ value: 'bulkId:a' }]);
  });
});
