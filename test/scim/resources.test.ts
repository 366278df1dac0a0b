import { describe, expect, it } from 'vitest';
import type { Member } from '../../src/directory/group.ts';
import type { Resource, ResourceId, SourceId } from '../../src/directory/resource.ts';
import { presentGroup, presentMember, readGroup } from '../../src/scim/group-resource.ts';
import type { Locate } from '../../src/scim/meta.ts';
import { MATRIX_GROUP, MATRIX_USER } from '../../src/scim/urns.ts';
import { presentUser, readUser } from '../../src/scim/user-resource.ts';
import { ENTERPRISE, GROUP, group, USER, user } from '../support/scim/client.ts';

const locate: Locate = (kind, id) => `https://usher.example/${kind}/${id}`;

function stored(attributes: Resource['attributes'], id = 'r1'): Resource {
  return {
    id: id as ResourceId,
    source: 'first' as SourceId,
    attributes,
    version: 2,
    created: Date.UTC(2026, 0, 1),
    lastModified: Date.UTC(2026, 0, 2),
  };
}

const NOTHING_ELSE = { groups: undefined, matrix: undefined };

describe('a user that is read and shown again', () => {
  const shown = (body: object) => presentUser(stored(readUser(body)), { ...NOTHING_ELSE, locate });

  it('is what was sent, word for word, with what is ours', () => {
    const sent = {
      schemas: ['urn:example:foreign', USER, ENTERPRISE],
      userName: ' Ann ',
      displayName: '',
      name: { formatted: 'Ann ', familyName: ' ' },
      emails: [
        { value: 'ANN@example.com', colour: 'red' },
        { type: 'work', value: 'b' },
      ],
      photos: [],
      active: false,
      unknown: { deep: [1, null, { x: 'y' }] },
      [ENTERPRISE]: { department: 'R&D' },
      'urn:example:2.0:Thing': { size: 'XL' },
    };

    expect(shown(sent)).toEqual({
      ...sent,
      schemas: [...sent.schemas, MATRIX_USER],
      id: 'r1',
      meta: {
        resourceType: 'User',
        created: '2026-01-01T00:00:00.000Z',
        lastModified: '2026-01-02T00:00:00.000Z',
        location: 'https://usher.example/User/r1',
        version: 'W/"2"',
      },
    });
  });

  it('has the core schema and is active, if nobody said otherwise', () => {
    expect(shown({ userName: 'ann' })).toMatchObject({ schemas: [USER, MATRIX_USER], active: true });
    expect(shown({ userName: 'ann', schemas: ['urn:scim:schemas:core:2.0'] })).toMatchObject({
      schemas: [USER, 'urn:scim:schemas:core:2.0', MATRIX_USER],
    });
  });

  it('has no password, and nothing that only we may set', () => {
    const body = user('ann', {
      id: 'x',
      groups: [{ value: 'g' }],
      meta: { created: 'never' },
      password: 'p',
    });
    expect(readUser(body)).toEqual({ active: true, ...user('ann') });
  });

  it('has the names of the schema, however they were spelled', () => {
    const body = { schemas: [USER], USERNAME: 'ann', Name: { GIVENNAME: 'Ann' }, eMails: [{ VALUE: 'a' }] };
    expect(readUser(body)).toEqual({
      active: true,
      ...user('ann', { name: { givenName: 'Ann' }, emails: [{ value: 'a' }] }),
    });
  });

  it('has its groups, if they are asked for', () => {
    const groups = [
      { group: 'g1' as ResourceId, displayName: 'staff', isDirect: true },
      { group: 'g2' as ResourceId, displayName: 'all', isDirect: false },
    ];
    expect(presentUser(stored(user('ann')), { ...NOTHING_ELSE, groups, locate }).groups).toEqual([
      { value: 'g1', $ref: 'https://usher.example/Group/g1', display: 'staff', type: 'direct' },
      { value: 'g2', $ref: 'https://usher.example/Group/g2', display: 'all', type: 'indirect' },
    ]);
  });

  it('has another version when what is shown beside it changed', () => {
    const ann = stored(user('ann'));
    const versionWith = (view: object) => {
      const { meta } = presentUser(ann, { ...NOTHING_ELSE, ...view, locate });
      return (meta as { version: string }).version;
    };
    const versions = [
      versionWith({}),
      versionWith({ groups: [] }),
      versionWith({ groups: [{ group: 'g1', displayName: 'staff', isDirect: true }] }),
    ];
    expect(new Set(versions).size).toBe(3);
    for (const version of versions) expect(version).toMatch(/^W\/"2(-[0-9a-f]{8})?"$/);
  });

  it.each<[string, string, unknown]>([
    ['invalidSyntax', 'a list', []],
    ['invalidSyntax', 'one name in two spellings', { userName: 'a', username: 'b' }],
    ['invalidValue', 'no userName', { schemas: [USER] }],
    ['invalidValue', 'a blank userName', user(' \t')],
    ['invalidValue', 'a userName that is no text', { ...user(''), userName: 5 }],
    ['invalidValue', 'active that is no boolean', user('a', { active: 'yes' })],
    ['invalidValue', 'an externalId that is no text', user('a', { externalId: 5 })],
    ['invalidValue', 'e-mails that are no list', user('a', { emails: 'a@b.c' })],
    ['invalidValue', 'an e-mail that is no object', user('a', { emails: ['a@b.c'] })],
    ['invalidValue', 'a name that is no object', user('a', { name: 'Ann' })],
    ['invalidValue', 'a part of a name that is no text', user('a', { name: { givenName: {} } })],
    ['invalidValue', 'schemas that are no list', { ...user('a'), schemas: USER }],
    ['invalidValue', 'an extension that is no object', user('a', { [ENTERPRISE]: 'x' })],
    ['invalidValue', 'a thousand e-mails and one', user('a', { emails: Array(1001).fill({ value: 'a' }) })],
  ])('is refused with %s for %s', (scimType, _, body) => {
    expect(() => readUser(body)).toThrow(expect.objectContaining({ status: 400, scimType }));
  });
});

describe('a group that is read and shown again', () => {
  it('says of each member what it is, and where, unless nobody has its id', () => {
    const members: readonly Member[] = [
      { value: 'u1', type: 'User' },
      { value: 'g2', type: 'Group' },
      { value: '?', type: 'unknown' },
    ];
    expect(members.map((member) => presentMember(member, locate))).toEqual([
      { value: 'u1', $ref: 'https://usher.example/User/u1', type: 'User' },
      { value: 'g2', $ref: 'https://usher.example/Group/g2', type: 'Group' },
      { value: '?' },
    ]);
  });

  it('shows its rooms, and the URN of the extension once', () => {
    const sent = group('staff', { schemas: [GROUP, MATRIX_GROUP] });
    const matrix = {
      rooms: [
        { target: '#eng:x', roomId: '!eng', mode: 'granted' },
        { target: '#new:x', roomId: undefined, mode: 'additive' },
      ],
      lastError: 'nobody knows #new:x',
    };
    expect(presentGroup(stored(sent), { matrix, locate })).toMatchObject({
      schemas: [GROUP, MATRIX_GROUP],
      [MATRIX_GROUP]: {
        rooms: [
          { value: '#eng:x', roomId: '!eng', mode: 'granted' },
          { value: '#new:x', mode: 'additive' },
        ],
        lastError: 'nobody knows #new:x',
      },
    });
    expect(presentGroup(stored(group('staff')), { matrix: undefined, locate })).not.toHaveProperty(
      MATRIX_GROUP,
    );
  });

  it.each<[string, object]>([
    ['no displayName', { schemas: [GROUP] }],
    ['a blank displayName', group(' ')],
  ])('is refused with invalidValue for %s', (_, body) => {
    expect(() => readGroup(body)).toThrow(expect.objectContaining({ status: 400, scimType: 'invalidValue' }));
  });
});
