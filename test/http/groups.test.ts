import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GROUP, group, MATRIX_GROUP, patch, type Send, scimClient, user } from '../support/scim/client.ts';
import { type ScimServer, startScimServer } from '../support/scim/server.ts';

let server: ScimServer;
let send: Send;
beforeEach(async () => {
  server = await startScimServer();
  send = scimClient(server);
});
afterEach(() => server.stop());

const created = async (path: string, body: object) => (await send('POST', path, body)).body;
const membersOf = async (id: string) => {
  const { body } = await send('GET', `/Groups/${id}`);
  return body.members.map(({ value }: { value: string }) => value);
};
const ids = (count: number) => Array.from({ length: count }, (_, index) => ({ value: `unknown-${index}` }));

describe('POST /Groups', () => {
  it('creates a group with its members, and says of each what it is', async () => {
    const ann = await created('/Users', user('ann'));
    const inner = await created('/Groups', group('inner'));
    const members = [{ value: ann.id, display: 'Ann' }, { value: inner.id }, { value: 'not-yet' }];

    const { status, headers, body } = await send('POST', '/Groups', group('staff', { members }));

    expect(status).toBe(201);
    expect(headers.get('location')).toBe(body.meta.location);
    expect(body).toMatchObject({
      schemas: [GROUP, MATRIX_GROUP],
      displayName: 'staff',
      members: [
        { value: ann.id, $ref: ann.meta.location, type: 'User' },
        { value: inner.id, $ref: inner.meta.location, type: 'Group' },
        { value: 'not-yet' },
      ],
    });
    expect((await send('GET', `/Groups/${body.id}`)).body).toEqual(body);
  });

  it('refuses a name that is taken, in any case', async () => {
    await created('/Groups', group('staff'));
    const { status, body } = await send('POST', '/Groups', group('Staff'));
    expect(status).toBe(409);
    expect(body.scimType).toBe('uniqueness');
    expect((await send('GET', '/Groups')).body.totalResults).toBe(1);
  });
});

describe('PUT /Groups/{id}', () => {
  it('has the members that are sent behind the URN of the schema', async () => {
    const staff = await created('/Groups', group('staff'));
    const body = { [`${GROUP}:displayName`]: 'crew', [`${GROUP}:members`]: [{ value: 'a' }] };

    const { status } = await send('PUT', `/Groups/${staff.id}`, body);

    expect(status).toBe(200);
    expect(await membersOf(staff.id)).toEqual(['a']);
    const twice = { displayName: 'crew', members: [], [`${GROUP}:members`]: [{ value: 'a' }] };
    expect((await send('PUT', `/Groups/${staff.id}`, twice)).status).toBe(400);
  });

  it.each<[string, object]>([
    ['without members', {}],
    ['with an empty list', { members: [] }],
  ])('empties the group %s', async (_, rest) => {
    const staff = await created('/Groups', group('staff', { members: ids(2) }));

    const { status, body } = await send('PUT', `/Groups/${staff.id}`, group('staff', rest));

    expect(status).toBe(200);
    expect(body.members).toEqual([]);
    expect(await membersOf(staff.id)).toEqual([]);
  });

  it('has the members that are sent, then', async () => {
    const staff = await created('/Groups', group('staff', { members: [{ value: 'a' }, { value: 'b' }] }));
    await send('PUT', `/Groups/${staff.id}`, group('crew', { members: [{ value: 'c' }, { value: 'b' }] }));
    expect((await membersOf(staff.id)).sort()).toEqual(['b', 'c']);
  });
});

describe('PATCH /Groups/{id}', () => {
  it.each<[string, object, string[]]>([
    [
      'adds those that are not there',
      { op: 'add', path: 'members', value: [{ value: 'b' }, { value: 'c' }] },
      ['a', 'b', 'c'],
    ],
    ['removes one', { op: 'remove', path: 'members[value eq "a"]' }, ['b']],
    ['removes nobody who is not there', { op: 'remove', path: 'members[value eq "x"]' }, ['a', 'b']],
    ['removes those listed', { op: 'Remove', path: 'members', value: [{ value: 'b', $ref: null }] }, ['a']],
    ['removes those that match', { op: 'remove', path: 'members[not (value eq "a")]' }, ['a']],
    ['empties the group', { op: 'remove', path: 'members' }, []],
    ['replaces all', { op: 'replace', value: { members: [{ value: 'z' }] } }, ['z']],
  ])('%s', async (_, operation, expected) => {
    const staff = await created('/Groups', group('staff', { members: [{ value: 'a' }, { value: 'b' }] }));

    const { status, body } = await send('PATCH', `/Groups/${staff.id}`, patch(operation));

    expect(status).toBe(200);
    expect(body.members.map(({ value }: { value: string }) => value)).toEqual(expected);
    expect(await membersOf(staff.id)).toEqual(expected);
  });

  it('loses no member when many are added at once', async () => {
    const staff = await created('/Groups', group('staff'));

    await Promise.all(
      ids(40).map((member) =>
        send('PATCH', `/Groups/${staff.id}`, patch({ op: 'add', path: 'members', value: [member] })),
      ),
    );

    expect(await membersOf(staff.id)).toHaveLength(40);
  });

  it('answers with the group up to 1,000 members, and by 204 above', async () => {
    const staff = await created('/Groups', group('staff', { members: ids(999) }));
    const add = (value: string) => patch({ op: 'add', path: 'members', value: [{ value }] });

    const thousand = await send('PATCH', `/Groups/${staff.id}`, add('one'));
    const more = await send('PATCH', `/Groups/${staff.id}`, add('another'));
    const asked = await send('PATCH', `/Groups/${staff.id}?excludedAttributes=members`, add('third'));

    expect(thousand.status).toBe(200);
    expect(thousand.body.members).toHaveLength(1000);
    expect(more).toMatchObject({ status: 204, body: undefined });
    expect(asked.status).toBe(200);
    expect(asked.body).toMatchObject({ id: staff.id, displayName: 'staff' });
    expect(asked.body).not.toHaveProperty('members');
    expect(await membersOf(staff.id)).toHaveLength(1002);
  });

  it.each<[string, object]>([
    ['invalidValue', { op: 'add', path: 'members', value: [{ display: 'nobody' }] }],
    ['invalidValue', { op: 'remove', path: 'members', value: [{ display: 'nobody' }] }],
    ['invalidFilter', { op: 'remove', path: 'members[value is "a"]' }],
    ['mutability', { op: 'remove', path: 'displayName' }],
  ])('is refused with %s, and applies nothing', async (scimType, operation) => {
    const staff = await created('/Groups', group('staff', { members: [{ value: 'a' }] }));
    const first = { op: 'remove', path: 'members' };

    const { status, body } = await send('PATCH', `/Groups/${staff.id}`, patch(first, operation));

    expect(status).toBe(400);
    expect(body.scimType).toBe(scimType);
    expect((await send('GET', `/Groups/${staff.id}`)).body).toEqual(staff);
  });

  it('changes neither name nor members, if the new name is taken', async () => {
    await created('/Groups', group('crew'));
    const staff = await created('/Groups', group('staff', { members: [{ value: 'a' }] }));

    const { status } = await send(
      'PATCH',
      `/Groups/${staff.id}`,
      patch({ op: 'remove', path: 'members' }, { op: 'replace', value: { displayName: 'CREW' } }),
    );

    expect(status).toBe(409);
    expect((await send('GET', `/Groups/${staff.id}`)).body).toEqual(staff);
  });
});

describe('DELETE /Groups/{id}', () => {
  it('deletes the group, and nobody in it', async () => {
    const ann = await created('/Users', user('ann'));
    const staff = await created('/Groups', group('staff', { members: [{ value: ann.id }] }));

    expect((await send('DELETE', `/Groups/${staff.id}`)).status).toBe(204);
    expect((await send('GET', `/Groups/${staff.id}`)).status).toBe(404);
    expect((await send('GET', `/Users/${ann.id}`)).body).toMatchObject({ userName: 'ann', groups: [] });
  });
});
