import { describe, expect, it } from 'vitest';
import type { Attributes } from '../../src/directory/resource.ts';
import { patchAttributes } from '../../src/scim/patch-attributes.ts';
import { userType } from '../../src/scim/schema/resource-type.ts';
import { ENTERPRISE, patch, USER } from '../support/scim/client.ts';
import { parsePatch } from '../support/scim/patch.ts';

const work = { type: 'work', value: 'ann@work.example', primary: true };
const home = { type: 'home', value: 'ann@home.example' };
const ann: Attributes = {
  schemas: [USER],
  userName: 'ann',
  title: 'Dr',
  name: { givenName: 'Ann', familyName: 'Lee' },
  emails: [work, home],
};

function patched(...operations: object[]): Attributes {
  return patchAttributes(ann, parsePatch(patch(...operations), userType), userType);
}

describe('add', () => {
  it.each<[string, object, object]>([
    ['sets an attribute', { path: 'nickName', value: 'Annie' }, { nickName: 'Annie' }],
    ['finds an attribute in any case', { path: 'NICKNAME', value: 'Annie' }, { nickName: 'Annie' }],
    ['changes an attribute that is there', { path: 'title', value: 'Prof' }, { title: 'Prof' }],
    [
      'sets a part',
      { path: 'name.middleName', value: 'B' },
      { name: { ...(ann.name as object), middleName: 'B' } },
    ],
    [
      'sets the parts that are sent',
      { path: 'name', value: { GIVENNAME: 'Anna' } },
      { name: { givenName: 'Anna', familyName: 'Lee' } },
    ],
    [
      'appends values',
      { path: 'emails', value: [{ value: 'ann@else.example' }] },
      { emails: [work, home, { value: 'ann@else.example' }] },
    ],
    ['does not append what is there', { path: 'emails', value: [{ ...home }] }, { emails: [work, home] }],
    [
      'makes a new primary value the only one',
      { path: 'emails', value: [{ value: 'new@x.example', primary: true }] },
      { emails: [{ ...work, primary: false }, home, { value: 'new@x.example', primary: true }] },
    ],
    [
      'changes the values that are chosen',
      { path: 'emails[type eq "home"].display', value: 'Ann' },
      { emails: [work, { ...home, display: 'Ann' }] },
    ],
    [
      'makes the value that is described, if there is none',
      { path: 'phoneNumbers[type eq "work" and primary eq true].value', value: '+1' },
      { phoneNumbers: [{ type: 'work', primary: true, value: '+1' }] },
    ],
    [
      'makes a value for a part of a list that is empty',
      { path: 'roles.value', value: 'admin' },
      { roles: [{ value: 'admin' }] },
    ],
    ['keeps an attribute that no schema has', { path: 'shoeSize', value: 42 }, { shoeSize: 42 }],
    [
      'keeps an extension that nobody declared',
      { path: 'urn:example:2.0:Thing:size', value: 'XL' },
      { 'urn:example:2.0:Thing': { size: 'XL' } },
    ],
    [
      'names an extension in schemas once it is used',
      { path: `${ENTERPRISE}:department`, value: 'R&D' },
      { schemas: [USER, ENTERPRISE], [ENTERPRISE]: { department: 'R&D' } },
    ],
    [
      'reaches a part of an extension',
      { path: `${ENTERPRISE.toLowerCase()}:MANAGER.value`, value: '7' },
      { schemas: [USER, ENTERPRISE], [ENTERPRISE]: { manager: { value: '7' } } },
    ],
    [
      'takes the object of attributes, without a path',
      { value: { nickName: 'Annie', emails: [{ value: 'x@x.example' }] } },
      { nickName: 'Annie', emails: [work, home, { value: 'x@x.example' }] },
    ],
    ['drops a password', { path: 'password', value: 'secret' }, {}],
    ['drops a password without a path', { value: { password: 'secret', title: 'Prof' } }, { title: 'Prof' }],
    [
      'appends several values, each that is there only once',
      { path: 'emails', value: [{ ...home }, { value: 'c@x.example' }] },
      { emails: [work, home, { value: 'c@x.example' }] },
    ],
    [
      'keeps the primary value when what is added is not',
      { path: 'emails', value: [{ value: 'c@x.example', primary: false }] },
      { emails: [work, home, { value: 'c@x.example', primary: false }] },
    ],
    [
      'makes the last of several primary values the only one',
      {
        path: 'roles',
        value: [{ value: 'a', primary: true }, { value: 'b', primary: true }, { value: 'c' }],
      },
      { roles: [{ value: 'a', primary: false }, { value: 'b', primary: true }, { value: 'c' }] },
    ],
    [
      'adds to the value that is chosen, and keeps the rest of it',
      { path: 'emails[type eq "home"]', value: { display: 'Ann' } },
      { emails: [work, { ...home, display: 'Ann' }] },
    ],
    [
      'sets a part of all values, where there are some',
      { path: 'emails.display', value: 'Ann' },
      {
        emails: [
          { ...work, display: 'Ann' },
          { ...home, display: 'Ann' },
        ],
      },
    ],
    [
      'makes the value that is described beside those that are not',
      { path: 'emails[type eq "other"].value', value: 'c@x.example' },
      { emails: [work, home, { type: 'other', value: 'c@x.example' }] },
    ],
    [
      'makes the value that is described with what is sent',
      { path: 'emails[type eq "other"]', value: { value: 'c@x.example' } },
      { emails: [work, home, { type: 'other', value: 'c@x.example' }] },
    ],
    [
      'sets parts of a part of an extension',
      { path: ENTERPRISE, value: { department: 'R&D', manager: { value: '7' } } },
      { schemas: [USER, ENTERPRISE], [ENTERPRISE]: { department: 'R&D', manager: { value: '7' } } },
    ],
    ...['urn:example:2:Thing', 'urn:example:12:Thing', 'urn:example:1.10:Thing'].map(
      (urn): [string, object, object] => [
        `keeps ${urn}`,
        { path: `${urn}:size`, value: 'XL' },
        { [urn]: { size: 'XL' } },
      ],
    ),
    [
      'keeps a whole extension that nobody declared',
      { path: 'urn:example:2.0:Thing', value: { size: 'XL' } },
      { 'urn:example:2.0:Thing': { size: 'XL' } },
    ],
    [
      'takes a URN of the same length for another one',
      { path: `${USER.slice(0, -1)}s:title`, value: 'Prof' },
      { [`${USER.slice(0, -1)}s`]: { title: 'Prof' } },
    ],
    ['keeps a name of five hundred letters', { path: 'a'.repeat(500), value: 1 }, { ['a'.repeat(500)]: 1 }],
    [
      'keeps parts of an extension that no schema has',
      { path: ENTERPRISE, value: { shoe: { size: 42 } } },
      { schemas: [USER, ENTERPRISE], [ENTERPRISE]: { shoe: { size: 42 } } },
    ],
    ['adds no empty list', { path: 'roles', value: [] }, {}],
    ['adds no empty object', { path: 'name', value: {} }, {}],
    ['reaches the core schema by its URN', { path: `${USER}:title`, value: 'Prof' }, { title: 'Prof' }],
  ])('%s', (_, operation, expected) => {
    expect(patched({ op: 'add', ...operation })).toEqual({ ...ann, ...expected });
  });
});

describe('replace', () => {
  it.each<[string, object, object]>([
    ['sets an attribute', { path: 'userName', value: 'anna' }, { userName: 'anna' }],
    ['takes the whole list', { path: 'emails', value: [home] }, { emails: [home] }],
    ['leaves nothing of an empty list', { path: 'emails', value: [] }, { emails: undefined }],
    [
      'takes the whole list, with the last of its primary values as the only one',
      { path: 'emails', value: [{ ...home, primary: true }, work] },
      { emails: [{ ...home, primary: false }, work] },
    ],
    ['takes the same list as before', { path: 'emails', value: [work, home] }, { emails: [work, home] }],
    [
      'makes the value that is described, if there is none',
      { path: 'emails[type eq "other"].value', value: 'c@x.example' },
      { emails: [work, home, { type: 'other', value: 'c@x.example' }] },
    ],
    [
      'leaves nothing of a value that is replaced by nothing',
      { path: 'emails[type eq "home"]', value: {} },
      { emails: [work] },
    ],
    [
      'sets a part of the values that are chosen',
      { path: 'emails[value ew "example"].type', value: 'other' },
      {
        emails: [
          { ...work, type: 'other' },
          { ...home, type: 'other' },
        ],
      },
    ],
    [
      'sets a part',
      { path: 'name.givenName', value: 'Anna' },
      { name: { givenName: 'Anna', familyName: 'Lee' } },
    ],
    [
      'sets a part of what is not there',
      { path: `${ENTERPRISE}:department`, value: 'R&D' },
      { schemas: [USER, ENTERPRISE], [ENTERPRISE]: { department: 'R&D' } },
    ],
    [
      'keeps the parts that are not sent',
      { path: 'name', value: { familyName: 'Lea' } },
      { name: { givenName: 'Ann', familyName: 'Lea' } },
    ],
    [
      'replaces the value that is chosen',
      { path: 'emails[type eq "home"]', value: { value: 'new@x.example' } },
      { emails: [work, { value: 'new@x.example' }] },
    ],
    [
      'moves primary to the value that is chosen',
      { path: 'emails[type eq "home"].primary', value: true },
      {
        emails: [
          { ...work, primary: false },
          { ...home, primary: true },
        ],
      },
    ],
    [
      'sets a part of all values',
      { path: 'emails.type', value: 'other' },
      {
        emails: [
          { ...work, type: 'other' },
          { ...home, type: 'other' },
        ],
      },
    ],
  ])('%s', (_, operation, expected) => {
    expect(patched({ op: 'replace', ...operation })).toEqual({ ...ann, ...expected });
  });
});

describe('remove', () => {
  it.each<[string, string, Attributes]>([
    ['takes an attribute away', 'title', without('title')],
    ['takes a part away', 'name.givenName', { ...ann, name: { familyName: 'Lee' } }],
    ['takes a list away', 'emails', without('emails')],
    ['takes the values that are chosen', 'emails[type eq "work"]', { ...ann, emails: [home] }],
    ['takes a list away with its last value', 'emails[value pr]', without('emails')],
    [
      'takes a part of the values that are chosen',
      'emails[type eq "work"].primary',
      {
        ...ann,
        emails: [{ type: 'work', value: 'ann@work.example' }, home],
      },
    ],
    ['takes nothing where nothing is chosen', 'emails[type eq "other"]', ann],
    [
      'takes a part of all values',
      'emails.type',
      { ...ann, emails: [withoutPart(work, 'type'), withoutPart(home, 'type')] },
    ],
    ['takes a part of no values', 'roles.value', ann],
    ['takes nothing of values that have no such part', 'emails[type eq "home"].display', ann],
    ['takes an attribute that no schema has', 'shoeSize', ann],
    ['takes nothing where nothing is', 'nickName', ann],
    ['takes nothing of an extension that is not there', `${ENTERPRISE}:manager.value`, ann],
  ])('%s', (_, path, expected) => {
    expect(patched({ op: 'remove', path })).toEqual(expected);
  });

  it.each<[string, object[], object | undefined]>([
    ['with its last part', [{ op: 'remove', path: 'roles.value' }], undefined],
    [
      'with the last part of the one chosen',
      [{ op: 'remove', path: 'roles[value eq "a"].value' }],
      undefined,
    ],
    [
      'and leaves those that have another part',
      [
        { op: 'add', path: 'roles', value: [{ value: 'b', display: 'B' }] },
        { op: 'remove', path: 'roles.value' },
      ],
      [{ display: 'B' }],
    ],
    [
      'and leaves those that are not chosen',
      [
        { op: 'add', path: 'roles', value: [{ value: 'b' }] },
        { op: 'remove', path: 'roles[value eq "a"].value' },
      ],
      [{ value: 'b' }],
    ],
  ])('takes a value away %s', (_, operations, roles) => {
    expect(patched({ op: 'add', path: 'roles', value: [{ value: 'a' }] }, ...operations).roles).toEqual(
      roles,
    );
  });

  it.each<[unknown, object[] | undefined]>([
    [[{ ...home }], [work]],
    [[{ value: 'ANN@home.example' }], [work]],
    [[home, work], undefined],
    [[{ value: 'else@x.example' }], [work, home]],
    [[], [work, home]],
  ])('takes the values listed, %j', (value, emails) => {
    expect(patched({ op: 'remove', path: 'emails', value }).emails).toEqual(emails);
  });

  it('takes a single value away whatever is sent with it, and those that brackets choose', () => {
    expect(patched({ op: 'remove', path: 'title', value: 'x' })).toEqual(without('title'));
    expect(patched({ op: 'remove', path: 'name', value: 'x' })).toEqual(without('name'));
    const chosen = { op: 'remove', path: 'emails[type eq "work"]', value: [home] };
    expect(patched(chosen).emails).toEqual([home]);
  });

  it('takes an object away with its last part', () => {
    const result = patched(
      { op: 'remove', path: 'name.givenName' },
      { op: 'remove', path: 'name.familyName' },
    );
    expect(result).toEqual(without('name'));
  });
});

function withoutPart(value: object, name: string): object {
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== name));
}

function without(name: string): Attributes {
  return Object.fromEntries(Object.entries(ann).filter(([key]) => key !== name));
}

describe('a PATCH', () => {
  it('applies its operations in their order', () => {
    const result = patched(
      { op: 'remove', path: 'emails' },
      { op: 'add', path: 'emails', value: [{ value: 'a' }] },
      { op: 'replace', path: 'emails[value eq "A"].value', value: 'b' },
    );
    expect(result.emails).toEqual([{ value: 'b' }]);
  });

  it('takes an object that no schema has as a whole', () => {
    const thing = (value: object) => ({ op: 'add', path: 'thing', value });
    expect(patched(thing({ a: 1 }), thing({ b: 2 })).thing).toEqual({ b: 2 });
    const within = (value: object) => ({ op: 'add', path: ENTERPRISE, value: { thing: value } });
    expect(patched(within({ a: 1 }), within({ b: 2 }))[ENTERPRISE]).toEqual({ thing: { b: 2 } });
  });

  it('keeps the parts of a part that are not sent, and none that nothing is left of', () => {
    const manager = (value: object) => ({ op: 'replace', path: ENTERPRISE, value: { manager: value } });
    const $ref = 'https://x.example/7';
    expect(patched(manager({ value: '7', $ref }), manager({ value: '8' }))[ENTERPRISE]).toEqual({
      manager: { value: '8', $ref },
    });
    const { [ENTERPRISE]: extension } = patched({
      op: 'add',
      path: ENTERPRISE,
      value: { department: 'R&D', manager: {} },
    });
    expect(Object.keys(extension as object)).toEqual(['department']);
  });

  it('makes the last of the primary values the only one, whichever was before', () => {
    const primary = (value: string) => ({ value, primary: true });
    const roles = (kind: string, ...value: object[]) => ({ op: kind, path: 'roles', value });
    expect(
      patched(roles('replace', { value: 'a' }, primary('b')), roles('replace', primary('c'), primary('d')))
        .roles,
    ).toEqual([{ value: 'c', primary: false }, primary('d')]);
    expect(
      patched(roles('replace', { value: 'a' }, primary('b')), {
        op: 'replace',
        path: 'roles[value eq "a"].primary',
        value: true,
      }).roles,
    ).toEqual([primary('a'), { value: 'b', primary: false }]);
  });

  it('leaves two primary values that were there, unless another one becomes primary', () => {
    const roles = [
      { value: 'a', primary: true },
      { value: 'b', primary: true },
    ];
    const added = (value: object) =>
      patchAttributes(
        { ...ann, roles },
        parsePatch(patch({ op: 'add', path: 'roles', value: [value] }), userType),
        userType,
      ).roles;
    expect(added({ value: 'c' })).toEqual([...roles, { value: 'c' }]);
    expect(added({ value: 'c', primary: true })).toEqual([
      { value: 'a', primary: false },
      { value: 'b', primary: false },
      { value: 'c', primary: true },
    ]);
  });

  it('lets no list grow beyond what a person has', () => {
    const roles = (prefix: string) =>
      Array.from({ length: 600 }, (_, index) => ({ value: `${prefix}${index}` }));
    expect(() =>
      patched(
        { op: 'add', path: 'roles', value: roles('a') },
        { op: 'add', path: 'roles', value: roles('b') },
      ),
    ).toThrow(expect.objectContaining({ status: 400, scimType: 'invalidValue' }));
  });

  it('leaves what it is given as it is', () => {
    const before = structuredClone(ann);
    patched(
      { op: 'replace', path: 'emails[type eq "work"].value', value: 'x' },
      { op: 'remove', path: 'name' },
    );
    expect(ann).toEqual(before);
  });

  it.each<[string, string, unknown]>([
    ['mutability', 'the id', { op: 'replace', path: 'id', value: 'x' }],
    ['mutability', 'the id without a path', { op: 'replace', value: { id: 'x' } }],
    ['mutability', 'the groups of a user', { op: 'add', path: 'groups', value: [{ value: 'g' }] }],
    ['mutability', 'the times', { op: 'replace', path: 'meta.created', value: '2020-01-01T00:00:00Z' }],
    ['mutability', 'the userName, to be removed', { op: 'remove', path: 'userName' }],
    [
      'mutability',
      'the name of a manager',
      { op: 'add', path: `${ENTERPRISE}:manager.displayName`, value: 'B' },
    ],
    ['invalidValue', 'a blank userName', { op: 'replace', path: 'userName', value: ' ' }],
    ['invalidValue', 'a list instead of a text', { op: 'replace', path: 'title', value: ['a', 'b'] }],
    ['invalidValue', 'a text instead of a list', { op: 'replace', path: 'emails', value: 'ann@x.example' }],
    ['invalidValue', 'a text instead of an object', { op: 'add', path: 'emails', value: ['ann@x.example'] }],
    ['invalidValue', 'a text instead of a boolean', { op: 'add', path: 'active', value: 'True' }],
    [
      'invalidValue',
      'a boolean instead of a text',
      { op: 'add', path: 'emails[type eq "work"].value', value: true },
    ],
    ['invalidValue', 'no value', { op: 'add', path: 'title' }],
    ['invalidValue', 'no object, without a path', { op: 'add', value: 'x' }],
    [
      'invalidValue',
      'more values than a person has',
      { op: 'add', path: 'roles', value: Array(1001).fill({}) },
    ],
    ['noTarget', 'nothing to remove', { op: 'remove' }],
    ['invalidValue', 'values to remove that are no list', { op: 'remove', path: 'emails', value: 'x' }],
    [
      'invalidValue',
      'values to remove without one',
      { op: 'remove', path: 'emails', value: [{ type: 'work' }] },
    ],
    [
      'invalidValue',
      'addresses to remove, that have no value',
      { op: 'remove', path: 'addresses', value: [{}] },
    ],
    [
      'noTarget',
      'a value that is described twice',
      { op: 'add', path: 'emails[type eq "a" and type eq "b"].value', value: 'x' },
    ],
    [
      'noTarget',
      'a value that is described by a choice',
      { op: 'add', path: 'roles[value eq "a" or value eq "b"].type', value: 'x' },
    ],
    [
      'noTarget',
      'a value that is described by what it is not',
      { op: 'add', path: 'roles[not (value eq "a")].type', value: 'x' },
    ],
    [
      'noTarget',
      'a value that is described by ne',
      { op: 'add', path: 'roles[value ne "a"].type', value: 'x' },
    ],
    ['invalidValue', 'nothing to replace a value by', { op: 'replace', path: 'title' }],
    ['invalidValue', 'a list, without a path', { op: 'add', value: ['x'] }],
    ['invalidValue', 'a blank userName without a path', { op: 'replace', value: { userName: '' } }],
    [
      'invalidValue',
      'a list of values in the place of the one chosen',
      { op: 'add', path: 'emails[type eq "work"]', value: [home] },
    ],
    [
      'invalidPath',
      'brackets that are not at the name',
      { op: 'remove', path: 'emails "x" [type eq "work"]' },
    ],
    ['invalidPath', 'a bracket that was never opened', { op: 'remove', path: 'emails type eq "work"]' }],
    [
      'invalidPath',
      'more behind the brackets than a name',
      { op: 'remove', path: 'emails[type eq "work"].value "x"' },
    ],
    ['invalidPath', 'a text behind the brackets', { op: 'remove', path: 'emails[type eq "work"]".value"' }],
    [
      'invalidPath',
      'a name behind the brackets without a dot',
      { op: 'remove', path: 'emails[type eq "work"]xvalue' },
    ],
    ['invalidPath', 'a text in the place of a name', { op: 'remove', path: '"title"' }],
    ['invalidPath', 'brackets alone', { op: 'remove', path: '[type eq "work"]' }],
    [
      'invalidPath',
      'brackets without a path',
      { op: 'add', value: { 'emails[type eq "work"]': { value: 'x' } } },
    ],
    ['invalidPath', 'a name with a sign', { op: 'add', path: 'nick!name', value: 'x' }],
    ['invalidPath', 'a URN behind a sign', { op: 'add', path: '!urn:example:2.0:Thing:size', value: 'x' }],
    ['invalidPath', 'a part of a text', { op: 'add', path: 'title.x', value: 'x' }],
    ['invalidPath', 'a dot behind the URN of the schema', { op: 'add', path: `${USER}.title`, value: 'x' }],
    [
      'invalidValue',
      'the value of what has none, to be removed',
      { op: 'remove', path: 'addresses', value: [{ value: 'x' }] },
    ],
    ['invalidPath', 'an endless name', { op: 'add', path: 'a'.repeat(501), value: 'x' }],
    [
      'noTarget',
      'a value that is not described',
      { op: 'replace', path: 'emails[value co "@x"].type', value: 'a' },
    ],
    ['invalidSyntax', 'an unknown op', { op: 'move', path: 'title', value: 'x' }],
    ['invalidSyntax', 'an op in capitals', { op: 'ADD', path: 'title', value: 'x' }],
    ['invalidSyntax', 'an operation that is none', 'add'],
    ['invalidPath', 'a path that is no text', { op: 'add', path: 5, value: 'x' }],
    ['invalidPath', 'an empty path', { op: 'add', path: '', value: 'x' }],
    ['invalidPath', 'a path with a blank', { op: 'add', path: 'title name', value: 'x' }],
    ['invalidPath', 'an open bracket', { op: 'add', path: 'emails[type eq "work"', value: 'x' }],
    ['invalidPath', 'an open text', { op: 'add', path: 'emails[type eq "work].value', value: 'x' }],
    ['invalidPath', 'three parts', { op: 'add', path: 'name.given.name', value: 'x' }],
    ['invalidPath', 'more behind the brackets', { op: 'remove', path: 'emails[type eq "work"].value.x' }],
    ['invalidPath', 'brackets behind a single value', { op: 'remove', path: 'name[givenName eq "Ann"]' }],
    ['invalidPath', 'brackets behind an unknown name', { op: 'remove', path: 'shoes[size eq "42"]' }],
    ['invalidPath', 'a prototype', { op: 'add', path: '__proto__.x', value: 'x' }],
    ['invalidPath', 'a prototype without a path', { op: 'add', value: JSON.parse('{"__proto__.x":1}') }],
    ['invalidPath', 'a path for a name', { op: 'add', value: { 'name.givenName': 'x' } }],
    ['invalidFilter', 'a filter that is none', { op: 'remove', path: 'emails[type is "work"]' }],
    ['invalidFilter', 'a filter on what is not there', { op: 'remove', path: 'emails[colour eq "red"]' }],
  ])('is refused with %s for %s', (scimType, _, operation) => {
    expect(() => patched({ op: 'add', path: 'title', value: 'x' }, operation as object)).toThrow(
      expect.objectContaining({ status: 400, scimType }),
    );
  });

  it.each<[unknown, RegExp]>([
    [{ op: 'replace', path: 'id', value: 'x' }, /^id cannot be changed/],
    [{ op: 'remove', path: 'userName' }, /^userName is required/],
    [{ op: 'replace', path: 'userName', value: ' ' }, /^userName is required/],
    [{ op: 'add', path: 'title' }, /^add needs a value/],
    [{ op: 'add', value: 'x' }, /^Without a path, the value is an object/],
    [{ op: 'remove' }, /^remove needs a path/],
    [{ op: 'remove', path: 'emails', value: [{}] }, /named by its value/],
    [{ op: 'add', path: 'roles[value ne "a"].type', value: 'x' }, /^No value is chosen by the path/],
    [{ op: 'move', path: 'title' }, /^op is add, replace or remove/],
    ['add', /^An operation is a JSON object/],
    [{ op: 'add', path: 5, value: 'x' }, /^path is a string/],
    [{ op: 'add', path: 'a b', value: 'x' }, /^"a b" is not a path/],
    [{ op: 'add', value: { 'name.givenName': 'x' } }, /^"name.givenName" is not the name of an attribute/],
  ])('that is refused says why: %j', (operation, detail) => {
    expect(() => patched(operation as object)).toThrow(
      expect.objectContaining({ status: 400, message: expect.stringMatching(detail) }),
    );
  });

  it('may take a required attribute away and give it again', () => {
    const again = [
      { op: 'remove', path: 'userName' },
      { op: 'add', path: 'userName', value: 'anna' },
    ];
    expect(patched(...again)).toEqual({ ...ann, userName: 'anna' });
  });

  it.each<[unknown, RegExp]>([
    [[], /^A PATCH request is a JSON object/],
    [{ Operations: [] }, /^schemas has to name .*PatchOp/],
    [{ ...patch(), Operations: {} }, /^Operations is a list/],
  ])('that is none is told what is missing: %j', (body, detail) => {
    expect(() => parsePatch(body, userType)).toThrow(
      expect.objectContaining({ message: expect.stringMatching(detail) }),
    );
  });

  it('names its schema among others, in any case', () => {
    const schemas = [USER, ...patch().schemas.map((urn) => urn.toUpperCase())];
    expect(parsePatch({ ...patch(), schemas }, userType)).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['no object', []],
    ['no schemas', { Operations: [] }],
    ['the schemas of something else', { schemas: [USER], Operations: [] }],
    ['no operations', { schemas: patch().schemas }],
    ['operations that are no list', { ...patch(), Operations: {} }],
  ])('is refused with invalidSyntax for %s', (_, body) => {
    expect(() => parsePatch(body, userType)).toThrow(
      expect.objectContaining({ status: 400, scimType: 'invalidSyntax' }),
    );
  });
});
