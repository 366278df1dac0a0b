import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Attribute, elementOf, subAttributesOf } from '../../src/scim/schema/attribute.ts';
import { groupType, type ResourceType, userType } from '../../src/scim/schema/resource-type.ts';
import {
  ENTERPRISE,
  group,
  MATRIX_GROUP,
  MATRIX_USER,
  patch,
  type Send,
  scimClient,
  user,
} from '../support/scim/client.ts';
import { type ScimServer, startScimServer } from '../support/scim/server.ts';

/** What each characteristic of RFC 7643 §2.2 and §7 means, for every attribute that the schemas have. */
let server: ScimServer;
let send: Send;
beforeEach(async () => {
  server = await startScimServer();
  send = scimClient(server);
});
afterEach(() => server.stop());

/** An attribute, the schema it is in, and how it is addressed. */
type Addressed = { readonly attribute: Attribute; readonly urn: string | undefined; readonly path: string };

function addressed({ schema, extensions, attributes }: ResourceType): readonly Addressed[] {
  const common = attributes.filter(({ name }) => ['id', 'externalId', 'meta'].includes(name));
  const core = [...common, ...schema.attributes].map((attribute) => ({
    ...{ attribute, urn: undefined, path: attribute.name },
  }));
  const extended = extensions.flatMap(({ id, attributes: own }) =>
    own.map((attribute) => ({ attribute, urn: id, path: `${id}:${attribute.name}` })),
  );
  return [...core, ...extended];
}

const SCALARS = {
  string: 'Some Text',
  reference: 'https://x.example/Some',
  binary: 'U29tZQ==',
  dateTime: '2026-01-01T00:00:00Z',
  boolean: false,
  integer: 5,
  decimal: 1.5,
};

/** A value as a client may send it. */
function exampleOf(attribute: Attribute): unknown {
  if (attribute.multiValued) return [exampleOf(elementOf(attribute))];
  if (attribute.type !== 'complex') return SCALARS[attribute.type];
  const parts = attribute.subAttributes.filter(({ mutability }) => mutability !== 'readOnly');
  return Object.fromEntries(parts.map((part) => [part.name, exampleOf(part)]));
}

/** The attribute with its value, as it stands in a resource. */
const within = ({ urn, attribute }: Addressed, value: unknown) =>
  urn === undefined ? { [attribute.name]: value } : { [urn]: { [attribute.name]: value } };

const foundIn = (resource: Record<string, Record<string, unknown>>, { urn, attribute }: Addressed) =>
  urn === undefined ? resource[attribute.name] : resource[urn]?.[attribute.name];

const KINDS = [
  { type: userType, body: user('first'), enough: 30 },
  { type: groupType, body: group('first'), enough: 5 },
];

describe.each(KINDS)('an attribute of a $type.name', ({ type, body, enough }) => {
  const path = type.endpoint;
  const all = addressed(type);
  const writable = all.filter(
    ({ attribute }) => attribute.mutability === 'readWrite' && attribute.name !== 'members',
  );
  const ours = all.filter(({ attribute }) => attribute.mutability === 'readOnly');
  const create = async (rest: object) => (await send('POST', path, { ...body, ...rest })).body;

  it('that is readWrite is shown as it was written, by each way to write it', async () => {
    expect(writable.length + ours.length).toBeGreaterThan(enough);
    for (const each of writable) {
      const value = exampleOf(each.attribute);
      const made = await create(within(each, value));
      expect(foundIn(made, each)).toEqual(value);
      await send('DELETE', `${path}/${made.id}`);

      const { id } = await create({});
      const put = await send('PUT', `${path}/${id}`, { ...body, ...within(each, value) });
      await send('PUT', `${path}/${id}`, body);
      const patched = await send('PATCH', `${path}/${id}`, patch({ op: 'add', path: each.path, value }));
      expect([each.path, foundIn(put.body, each), foundIn(patched.body, each)]).toEqual([
        each.path,
        value,
        value,
      ]);
      await send('DELETE', `${path}/${id}`);
    }
  });

  it('that is readOnly is ignored in POST and PUT, and stops a PATCH with mutability', async () => {
    const value = (attribute: Attribute) =>
      attribute.type === 'complex' ? (attribute.multiValued ? [{ value: 'x' }] : { value: 'x' }) : 'x';
    for (const each of ours) {
      const sent = within(each, value(each.attribute));
      const plain = await create({});
      await send('DELETE', `${path}/${plain.id}`);
      const made = await create(sent);
      expect(made.meta.created).not.toBe(plain.meta.created);
      expect(shape(made)).toEqual(shape(plain));

      const { body: put } = await send('PUT', `${path}/${made.id}`, { ...body, ...sent });
      expect(shape(put)).toEqual(shape(plain));
      expect(put).toMatchObject({ id: made.id, meta: { version: made.meta.version } });
      for (const op of ['add', 'replace', 'remove']) {
        const operation = { op, path: each.path, ...(op !== 'remove' && { value: value(each.attribute) }) };
        const { status, body: refusal } = await send('PATCH', `${path}/${made.id}`, patch(operation));
        expect([each.path, op, status, refusal.scimType]).toEqual([each.path, op, 400, 'mutability']);
      }
      await send('DELETE', `${path}/${made.id}`);
    }
  });

  it('that is returned by default is left out if it is excluded, or others are asked for', async () => {
    for (const each of writable.filter(({ attribute }) => attribute.returned === 'default')) {
      const value = exampleOf(each.attribute);
      const { id } = await create(within(each, value));
      const shown = async (query: string) => (await send('GET', `${path}/${id}?${query}`)).body;

      const asked = await shown(`attributes=${each.path}`);
      expect(foundIn(asked, each)).toEqual(value);
      expect(Object.keys(asked).sort()).toEqual(['id', 'schemas', each.urn ?? each.attribute.name].sort());
      expect(foundIn(await shown(`attributes=${each.path.toUpperCase()}`), each)).toEqual(value);
      expect(foundIn(await shown('attributes=meta'), each)).toBeUndefined();
      expect(foundIn(await shown(`excludedAttributes=${each.path}`), each)).toBeUndefined();
      expect(foundIn(await shown('excludedAttributes=meta'), each)).toEqual(value);
      for (const { name } of subAttributesOf(each.attribute)) {
        const [part] = [foundIn(await shown(`attributes=${each.path}.${name}`), each)].flat();
        const [rest] = [foundIn(await shown(`excludedAttributes=${each.path}.${name}`), each)].flat();
        const [full] = [value].flat() as Record<string, unknown>[];
        const { [name]: only, ...others } = full ?? {};
        expect([part, rest]).toEqual([only === undefined ? {} : { [name]: only }, others]);
      }
      await send('DELETE', `${path}/${id}`);
    }
  });

  it('that is always returned is, whatever is asked for', async () => {
    const { id, schemas } = await create({});
    for (const query of [
      'attributes=meta',
      'excludedAttributes=id,schemas',
      'excludedAttributes=ID&attributes=',
    ]) {
      const { body: shown } = await send('GET', `${path}/${id}?${query}`);
      expect(shown.id).toBe(id);
      expect(schemas).toEqual(expect.arrayContaining(shown.schemas));
      expect(shown.schemas).toContain(type.schema.id);
    }
  });

  it('of another type than the schema says is refused with invalidValue', async () => {
    const wrong = (attribute: Attribute) =>
      attribute.type === 'boolean' ? 'perhaps' : attribute.multiValued ? 5 : [1, 2];
    for (const each of writable) {
      const answers = [await send('POST', path, { ...body, ...within(each, wrong(each.attribute)) })];
      const { id } = await create({});
      const operation = { op: 'replace', path: each.path, value: wrong(each.attribute) };
      answers.push(await send('PATCH', `${path}/${id}`, patch(operation)));
      for (const { status, body: refusal } of answers) {
        expect([each.path, status, refusal.scimType]).toEqual([each.path, 400, 'invalidValue']);
      }
      await send('DELETE', `${path}/${id}`);
    }
  });
});

/** All but what differs between two resources of one content. */
function shape({ id: _, meta, ...rest }: { id: string; meta: { version: string } }) {
  return { ...rest, version: meta.version };
}

describe('a required attribute', () => {
  it.each<[string, string, Record<string, unknown>]>([
    ['/Users', 'userName', user('ann')],
    ['/Groups', 'displayName', group('staff')],
  ])('of %s has to be there, and cannot be taken away: %s', async (path, name, body) => {
    const { id } = (await send('POST', path, body)).body;
    for (const value of [undefined, null, '', ' \t', []]) {
      for (const answer of [
        await send('POST', path, { ...body, [name]: value }),
        await send('PUT', `${path}/${id}`, { ...body, [name]: value }),
      ]) {
        expect(answer.status).toBe(400);
        expect(answer.body.scimType).toBe('invalidValue');
      }
    }
    const removal = await send('PATCH', `${path}/${id}`, patch({ op: 'remove', path: name }));
    expect(removal).toMatchObject({ status: 400, body: { scimType: 'mutability' } });
    expect((await send('GET', `${path}/${id}`)).body[name]).toBe(body[name]);
  });
});

describe('an attribute that is unique', () => {
  it.each([
    ['/Users', 'userName', user('ann'), user('bob')],
    ['/Groups', 'displayName', group('ann'), group('bob')],
  ])('of %s is taken once, whatever its case: %s', async (path, name, body, other) => {
    await send('POST', path, body);
    const { body: bob } = await send('POST', path, other);
    for (const answer of [
      await send('POST', path, { ...body, [name]: 'ANN' }),
      await send('PUT', `${path}/${bob.id}`, { ...body, [name]: 'Ann' }),
      await send('PATCH', `${path}/${bob.id}`, patch({ op: 'replace', path: name, value: 'aNN' })),
    ]) {
      expect(answer).toMatchObject({ status: 409, body: { status: '409', scimType: 'uniqueness' } });
    }
    expect((await send('GET', `${path}/${bob.id}`)).body).toEqual(bob);
    expect(
      (await send('PATCH', `${path}/${bob.id}`, patch({ op: 'replace', path: name, value: 'BOB' }))).status,
    ).toBe(200);
  });

  it('is not externalId, which is the business of the provider', async () => {
    for (const name of ['ann', 'bob']) {
      expect((await send('POST', '/Users', user(name, { externalId: 'same' }))).status).toBe(201);
    }
    expect((await send('GET', '/Users?filter=externalId+eq+"same"')).body.totalResults).toBe(2);
  });
});

describe('a password', () => {
  it('is never returned, found, sorted by or kept', async () => {
    const secret = 'correct horse battery';
    const made = await send('POST', '/Users', user('ann', { password: secret }));
    const path = `/Users/${made.body.id}`;
    const answers = [
      made,
      await send('PUT', path, user('ann', { password: secret })),
      await send('PATCH', path, patch({ op: 'replace', path: 'password', value: secret })),
      await send('PATCH', path, patch({ op: 'replace', value: { password: secret } })),
      await send('GET', `${path}?attributes=password,userName`),
      await send('GET', '/Users?attributes=password&sortBy=password'),
    ];
    for (const { status, body } of answers) {
      expect(status).toBeLessThan(300);
      expect(JSON.stringify(body)).not.toMatch(/password|battery/);
    }
    expect((await send('GET', path)).body.meta.version).toBe(made.body.meta.version);
    expect((await send('GET', '/Users?filter=password+pr')).body.scimType).toBe('invalidFilter');
    expect(JSON.stringify(await server.store.users.get('first' as never, made.body.id))).not.toContain(
      'battery',
    );
  });
});

describe('what cannot be changed within an attribute', () => {
  it('is the name of a manager, which follows from who it is', async () => {
    const manager = { value: 'm1', displayName: 'The Boss' };
    const made = await send('POST', '/Users', user('ann', { [ENTERPRISE]: { manager } }));
    const path = `/Users/${made.body.id}`;
    const put = await send('PUT', path, user('ann', { [ENTERPRISE]: { manager } }));
    const patched = await send(
      'PATCH',
      path,
      patch({ op: 'replace', path: `${ENTERPRISE}:manager`, value: manager }),
    );
    for (const { body } of [made, put, patched])
      expect(body[ENTERPRISE]).toEqual({ manager: { value: 'm1' } });

    const name = patch({ op: 'replace', path: `${ENTERPRISE}:manager.displayName`, value: 'x' });
    expect(await send('PATCH', path, name)).toMatchObject({ status: 400, body: { scimType: 'mutability' } });
  });

  it.each([
    'members[value eq "m1"].value',
    'members[value eq "m1"].type',
    'members.value',
    'members[value eq "m1"]',
  ])('is a member: %s', async (path) => {
    const { body: staff } = await send('POST', '/Groups', group('staff', { members: [{ value: 'm1' }] }));
    const value = path.endsWith(']') ? { value: 'm2' } : 'm2';
    const answer = await send('PATCH', `/Groups/${staff.id}`, patch({ op: 'replace', path, value }));
    expect(answer).toMatchObject({ status: 400, body: { scimType: 'mutability' } });
    expect((await send('GET', `/Groups/${staff.id}`)).body).toEqual(staff);
  });

  it.each([
    ['/Users', 'groups[value eq "x"].display'],
    ['/Users', 'meta.version'],
    ['/Users', MATRIX_USER],
    ['/Users', `${MATRIX_USER}:rooms[value eq "x"].membership`],
    ['/Groups', `${MATRIX_GROUP}:rooms`],
  ])('of %s is what only we write: %s', async (endpoint, path) => {
    const body = endpoint === '/Users' ? user('ann') : group('ann');
    const { body: made } = await send('POST', endpoint, body);
    const answer = await send('PATCH', `${endpoint}/${made.id}`, patch({ op: 'replace', path, value: 'x' }));
    expect(answer).toMatchObject({ status: 400, body: { scimType: 'mutability' } });
  });
});

describe('PATCH', () => {
  it('answers with what is asked for by attributes, also of a group that is large (RFC 7644 §3.5.2)', async () => {
    const members = Array.from({ length: 1001 }, (_, index) => ({ value: `m${index}` }));
    const { id } = (await send('POST', '/Groups', group('staff', { members }))).body;
    const change = patch({ op: 'add', path: 'members', value: [{ value: 'new' }] });

    const { status, body } = await send('PATCH', `/Groups/${id}?attributes=members.value`, change);

    expect(status).toBe(200);
    expect(body.members).toHaveLength(1002);
  });
});
