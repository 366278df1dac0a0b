import { describe, expect, it } from 'vitest';
import { patchGroup } from '../../src/scim/patch-members.ts';
import { mendFilter } from '../../src/scim/quirks/filter.ts';
import { mendMembers, mendResource, splitMembers } from '../../src/scim/quirks/resource.ts';
import { groupType, userType } from '../../src/scim/schema/resource-type.ts';
import { ENTERPRISE, GROUP, PATCH_OP, USER } from '../support/scim/client.ts';
import { mended as mendPatch, parsePatch } from '../support/scim/patch.ts';

describe('a filter of a real client', () => {
  it.each([
    ['userName eq akadmin', 'userName eq "akadmin"'],
    ['userName eq ann@example.com and active eq true', 'userName eq "ann@example.com" and active eq true'],
    ['externalId eq 12345', 'externalId eq "12345"'],
    ['userName eq eq', 'userName eq "eq"'],
    ['(userName eq ann)', '(userName eq "ann")'],
    ['active eq "False"', 'active eq false'],
    ['active eq True', 'active eq true'],
    ['roles[primary eq "True"].display', 'roles[primary eq true].display'],
    ['id eq 5 and manager eq 7', `id eq "5" and ${ENTERPRISE}:manager eq "7"`],
    ['department pr', `${ENTERPRISE}:department pr`],
    ['manager.value', `${ENTERPRISE}:manager.value`],
    ["userName eq 'alice'", 'userName eq "alice"'],
    ["userName eq o'hara", 'userName eq "o\'hara"'],
    ["userName eq o'hara'", 'userName eq "o\'hara\'"'],
    ["userName eq 'o'hara", 'userName eq "\'o\'hara"'],
    ['userName eq ann or userName eq bob', 'userName eq "ann" or userName eq "bob"'],
    ['not (department eq sales)', `not (${ENTERPRISE}:department eq "sales")`],
    ['DEPARTMENT PR', `${ENTERPRISE}:DEPARTMENT PR`],
    [`${ENTERPRISE}.department eq "x"`, `${ENTERPRISE}:department eq "x"`],
    [`${ENTERPRISE.toUpperCase()}.manager.value pr`, `${ENTERPRISE}:manager.value pr`],
    [`${USER}:active eq "True"`, `${USER}:active eq true`],
    ['emails.primary eq "FALSE"', 'emails.primary eq false'],
    ['manager[value eq "7"]', `${ENTERPRISE}:manager[value eq "7"]`],
    [
      'emails[type eq work] and department eq x',
      `emails[type eq "work"] and ${ENTERPRISE}:department eq "x"`,
    ],
  ])('%s becomes %s', (sent, mended) => {
    expect(mendFilter(sent, userType)).toBe(mended);
  });

  it.each([
    'userName eq "akadmin"',
    'userName eq "True"',
    'title eq true',
    'title eq "\\u0041"',
    'title eq "\'x\'"',
    '"department" pr',
    'userName "eq" ann',
    'title eq False',
    'isactive eq "True"',
    'active.x eq "True"',
    'active eq "yes"',
    'department "x"',
    'userName eq',
    'eq eq',
    `${ENTERPRISE}:department eq "x"`,
    'userName eq "eq ne \\" co"',
    'title eq null',
    'not (title pr)',
    'emails[type eq "work"].value eq "x"',
    'emails[manager eq "x"]',
    'unreadable "',
    'nonsense',
    '',
  ])('stays as it is where there is nothing to mend: %s', (filter) => {
    expect(mendFilter(filter, userType)).toBe(filter);
  });
});

describe('a resource of a real client', () => {
  it.each<[string, object, object]>([
    [
      'has no nulls',
      { title: null, name: { givenName: 'A', middleName: null } },
      { name: { givenName: 'A' } },
    ],
    [
      'has booleans',
      { active: 'False', roles: [{ primary: 'True' }] },
      { active: false, roles: [{ primary: true }] },
    ],
    ['has a list of e-mails', { emails: { value: 'a@b.c' } }, { emails: [{ value: 'a@b.c' }] }],
    [
      'has a manager who is one',
      { [ENTERPRISE]: { manager: [{ value: '7' }] } },
      { [ENTERPRISE]: { manager: { value: '7' } } },
    ],
    [
      'has a manager with an id',
      { [ENTERPRISE]: { manager: '7' } },
      { [ENTERPRISE]: { manager: { value: '7' } } },
    ],
    ['has its attributes at the top', { [USER]: { userName: 'ann' } }, { userName: 'ann' }],
    [
      'keeps what it is no matter of ours',
      { x: { active: 'True', y: null } },
      { x: { active: 'True', y: null } },
    ],
    ['keeps a text where a list is due', { emails: 'a@b.c' }, { emails: 'a@b.c' }],
    ['keeps a word that is no boolean', { active: 'yes' }, { active: 'yes' }],
    ['keeps an empty list', { emails: [], title: '' }, { emails: [], title: '' }],
  ])('%s', (_, sent, mended) => {
    expect(mendResource(sent, userType)).toEqual(mended);
  });

  it('has members with ids', () => {
    const { rest, members } = splitMembers(
      { displayName: 'staff', Members: ['1', { Value: '2', display: null }, null] },
      groupType,
    );
    expect(rest).toEqual({ displayName: 'staff' });
    expect(mendMembers(members)).toEqual([{ value: '1' }, { value: '2' }]);
    expect(splitMembers({ [GROUP]: { members: { value: '3' } } }, groupType).members).toEqual([
      { value: '3' },
    ]);
  });
});

describe('a PATCH of a real client', () => {
  const mendedUser = (...operations: object[]) =>
    operationsOf(mendPatch({ Operations: operations }, userType));
  const removed = (value: unknown) => {
    const body = mendPatch({ Operations: [{ op: 'remove', path: 'members', value }] }, groupType);
    return patchGroup({ displayName: 'staff' }, parsePatch(body, groupType)).members;
  };
  const operationsOf = (body: unknown) => (body as { Operations: unknown }).Operations;

  it('names the schema', () => {
    expect(mendPatch({ Operations: [] }, userType)).toEqual({ schemas: [PATCH_OP], Operations: [] });
  });

  it('spells its keys and ops as the RFC does', () => {
    expect(
      mendPatch(
        { schemas: [PATCH_OP], operations: { Op: 'Replace', Path: 'title', Value: 'x', name: 'a' } },
        userType,
      ),
    ).toEqual({ schemas: [PATCH_OP], Operations: [{ op: 'replace', path: 'title', value: 'x' }] });
  });

  it.each<[string, object, object[]]>([
    [
      'has booleans',
      { op: 'replace', path: 'active', value: 'False' },
      [{ op: 'replace', path: 'active', value: false }],
    ],
    [
      'has booleans in brackets',
      { op: 'add', path: 'roles[primary eq "True"].display', value: 'a' },
      [{ op: 'add', path: 'roles[primary eq true].display', value: 'a' }],
    ],
    [
      'has scalars',
      { op: 'replace', path: 'active', value: [false] },
      [{ op: 'replace', path: 'active', value: false }],
    ],
    [
      'has lists',
      { op: 'add', path: 'emails', value: { value: 'a' } },
      [{ op: 'add', path: 'emails', value: [{ value: 'a' }] }],
    ],
    [
      'leaves out what is ours',
      { op: 'replace', value: { id: 'x', schemas: [], meta: {}, groups: [], title: 'T' } },
      [{ op: 'replace', value: { title: 'T' } }],
    ],
    [
      'gives names that are paths an operation of their own',
      {
        op: 'replace',
        value: {
          title: 'T',
          'name.givenName': 'G',
          'emails[primary eq "True"]': { value: 'a' },
          [`${ENTERPRISE}:department`]: 'D',
          costCenter: 'C',
        },
      },
      [
        { op: 'replace', value: { title: 'T' } },
        { op: 'replace', path: 'name.givenName', value: 'G' },
        { op: 'replace', path: 'emails[primary eq true]', value: { value: 'a' } },
        { op: 'replace', path: `${ENTERPRISE}:department`, value: 'D' },
        { op: 'replace', path: `${ENTERPRISE}:costCenter`, value: 'C' },
      ],
    ],
    [
      'removes what is replaced by null',
      { op: 'replace', path: 'title', value: null },
      [{ op: 'remove', path: 'title' }],
    ],
    [
      'removes what is replaced by null, without a path',
      { op: 'replace', value: { title: null } },
      [
        { op: 'replace', value: {} },
        { op: 'remove', path: 'title' },
      ],
    ],
    ['adds no null', { op: 'add', path: 'title', value: null }, []],
    [
      'gives brackets an operation of their own',
      { op: 'add', value: { 'emails[type eq "work"]': { value: 'a' } } },
      [
        { op: 'add', value: {} },
        { op: 'add', path: 'emails[type eq "work"]', value: { value: 'a' } },
      ],
    ],
    [
      'keeps an empty text of what no schema has',
      { op: 'replace', path: 'shoeSize', value: '' },
      [{ op: 'replace', path: 'shoeSize', value: '' }],
    ],
    [
      'keeps nulls within what no schema has',
      { op: 'replace', path: 'thing', value: { a: null } },
      [{ op: 'replace', path: 'thing', value: { a: null } }],
    ],
    [
      'keeps a list with an empty text, to be refused',
      { op: 'replace', path: 'emails', value: [''] },
      [{ op: 'replace', path: 'emails', value: [''] }],
    ],
    [
      'keeps a list with an empty value',
      { op: 'replace', path: 'emails', value: [{ value: '' }] },
      [{ op: 'replace', path: 'emails', value: [{ value: '' }] }],
    ],
    [
      'keeps an object in the place of a text, to be refused',
      { op: 'replace', path: 'title', value: { value: '' } },
      [{ op: 'replace', path: 'title', value: { value: '' } }],
    ],
    ['adds no null without a path', { op: 'add', value: { title: null } }, [{ op: 'add', value: {} }]],
    [
      'removes parts that are replaced by null',
      { op: 'replace', path: 'name', value: { givenName: 'G', middleName: null } },
      [
        { op: 'replace', path: 'name', value: { givenName: 'G' } },
        { op: 'remove', path: 'name.middleName' },
      ],
    ],
    [
      'removes parts of an extension that are replaced by null',
      {
        op: 'replace',
        path: ENTERPRISE,
        value: { department: null, manager: { value: '7', displayName: null } },
      },
      [
        { op: 'replace', path: ENTERPRISE, value: { manager: { value: '7' } } },
        { op: 'remove', path: `${ENTERPRISE}:department` },
        { op: 'remove', path: `${ENTERPRISE}:manager.displayName` },
      ],
    ],
    [
      'adds no parts that are null, and removes none',
      { op: 'add', path: 'name', value: { givenName: 'G', middleName: null } },
      [{ op: 'add', path: 'name', value: { givenName: 'G' } }],
    ],
    [
      'has values that are null in a list, and removes nothing for them',
      { op: 'replace', path: 'emails', value: [{ value: 'a', display: null }] },
      [{ op: 'replace', path: 'emails', value: [{ value: 'a' }] }],
    ],
    [
      'empties a list by an empty text',
      { op: 'replace', path: 'emails', value: '' },
      [{ op: 'remove', path: 'emails' }],
    ],
    [
      'empties a single value by a list with an empty text',
      { op: 'replace', path: 'title', value: [''] },
      [{ op: 'remove', path: 'title' }],
    ],
    [
      'leaves attributes alone that nobody has told us of',
      { op: 'add', path: 'extensionAttribute3[type eq "a"].value', value: 'x' },
      [],
    ],
    [
      'leaves parts alone that nobody has told us of',
      { op: 'add', path: 'extension.part[type eq "a"].value', value: 'x' },
      [],
    ],
    ...['?thing[a eq "b"]', 'thing[a eq "b"]?', 'thing[a eq "b"].c.d', 'a.b.c'].map(
      (path): [string, object, object[]] => [
        `keeps ${path}, to be refused`,
        { op: 'add', path, value: 'x' },
        [{ op: 'add', path, value: 'x' }],
      ],
    ),
    ['leaves schemas alone that nobody knows', { op: 'add', path: 'urn:x:2.0:A[b eq "c"]', value: 'x' }, []],
    [
      'keeps a path into what we know, to be refused',
      { op: 'add', path: 'userName[a eq "b"]', value: 'x' },
      [{ op: 'add', path: 'userName[a eq "b"]', value: 'x' }],
    ],
    [
      'keeps a path into an extension that we know, to be refused',
      { op: 'add', path: `${ENTERPRISE}:department[a eq "b"]`, value: 'x' },
      [{ op: 'add', path: `${ENTERPRISE}:department[a eq "b"]`, value: 'x' }],
    ],
    [
      'has no path when it is null, or that of the core schema',
      { op: 'add', path: null, value: { title: 'T' } },
      [{ op: 'add', value: { title: 'T' } }],
    ],
    [
      'has no path when it is that of the core schema',
      { op: 'add', path: USER, value: { title: 'T' } },
      [{ op: 'add', value: { title: 'T' } }],
    ],
    [
      'keeps a value that is no object, to be refused',
      { op: 'add', value: 'x' },
      [{ op: 'add', value: 'x' }],
    ],
    [
      'keeps a path that is no text, to be refused',
      { op: 'add', path: 5, value: 'x' },
      [{ op: 'add', path: 5, value: 'x' }],
    ],
    ['keeps an op that is no text, to be refused', { op: 5, value: {} }, [{ op: 5, value: {} }]],
    [
      'has attributes of the core schema behind its URN',
      { op: 'add', value: { [USER]: { title: 'T' }, nickName: 'N' } },
      [{ op: 'add', value: { title: 'T', nickName: 'N' } }],
    ],
    [
      'gives objects an operation of their own',
      { op: 'replace', value: { title: 'T', name: { givenName: 'G', middleName: null }, nickName: '' } },
      [
        { op: 'replace', value: { title: 'T' } },
        { op: 'replace', path: 'name', value: { givenName: 'G' } },
        { op: 'remove', path: 'name.middleName' },
        { op: 'remove', path: 'nickName' },
      ],
    ],
    [
      'sends no value to a removal of a single attribute',
      { op: 'remove', path: 'title', value: 'x' },
      [{ op: 'remove', path: 'title' }],
    ],
    [
      'sends no value to a removal of what brackets choose',
      { op: 'Remove', path: 'emails[type eq work]', value: [{ value: 'a' }] },
      [{ op: 'remove', path: 'emails[type eq "work"]' }],
    ],
    [
      'sends the values to a removal from a list',
      { op: 'remove', path: 'emails', value: { value: 'a' } },
      [{ op: 'remove', path: 'emails', value: [{ value: 'a' }] }],
    ],
    [
      'removes what is replaced by an empty text',
      { op: 'replace', path: 'title', value: '' },
      [{ op: 'remove', path: 'title' }],
    ],
    [
      'removes an empty manager',
      { op: 'replace', path: 'manager', value: { value: '' } },
      [{ op: 'remove', path: `${ENTERPRISE}:manager` }],
    ],
    [
      'keeps a userName that is empty, to be refused',
      { op: 'replace', path: 'userName', value: '' },
      [{ op: 'replace', path: 'userName', value: '' }],
    ],
    [
      'keeps what it cannot read, to be refused',
      { op: 'add', path: 'emails[', value: '1' },
      [{ op: 'add', path: 'emails[', value: '1' }],
    ],
  ])('%s', (_, sent, mended) => {
    expect(mendedUser(sent)).toEqual(mended);
  });

  it('keeps operations that are none, to be refused', () => {
    expect(mendedUser(5 as never, 'x' as never)).toEqual([5, 'x']);
  });

  it.each<[string, object, object[]]>([
    [
      'at a path',
      { op: 'Add', path: 'Members', value: [{ value: '1', display: 'A', $ref: null }, '2', null] },
      [{ op: 'add', path: 'Members', value: [{ value: '1' }, { value: '2' }] }],
    ],
    [
      'of which one stands alone',
      { op: 'add', path: 'members', value: { value: '1' } },
      [{ op: 'add', path: 'members', value: [{ value: '1' }] }],
    ],
    [
      'without a path',
      { op: 'replace', value: { displayName: 'crew', members: ['1', { value: '2', type: 'user' }] } },
      [
        { op: 'replace', value: { displayName: 'crew' } },
        { op: 'replace', path: 'members', value: [{ value: '1' }, { value: '2' }] },
      ],
    ],
  ])('has members with nothing but ids, %s', (_, sent, mended) => {
    expect(operationsOf(mendPatch({ Operations: [sent] }, groupType))).toEqual(mended);
  });

  it.each<[string, unknown, object[]]>([
    [
      'those listed',
      [{ value: '1', $ref: null }, { value: 'a"b' }],
      [{ kind: 'remove', values: ['1', 'a"b'] }],
    ],
    ['those listed as ids', ['1'], [{ kind: 'remove', values: ['1'] }]],
    ['the one that is no list', { value: '1' }, [{ kind: 'remove', values: ['1'] }]],
    ['nobody of an empty list', [], [{ kind: 'remove', values: [] }]],
    ['nobody of an empty text', '', [{ kind: 'remove', values: [''] }]],
    ['everybody without a list', undefined, [{ kind: 'replace', values: [] }]],
    ['everybody for null', null, [{ kind: 'replace', values: [] }]],
  ])('removes %s', (_, value, changes) => {
    expect(removed(value)).toEqual(changes);
  });

  it.each<[unknown]>([[[{ display: 'Ann' }]], [5], [[5]]])('removes nobody it cannot name: %j', (value) => {
    expect(() => removed(value)).toThrow(expect.objectContaining({ status: 400, scimType: 'invalidValue' }));
  });

  it('is refused by the parser if it is none at all', () => {
    for (const body of [undefined, 'x', [], {}, { Operations: 'x' }, { Operations: [5] }]) {
      expect(() => parsePatch(mendPatch(body, userType), userType)).toThrow(
        expect.objectContaining({ status: 400, scimType: 'invalidSyntax' }),
      );
    }
  });
});
