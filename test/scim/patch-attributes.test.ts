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
    ['takes nothing where nothing is', 'nickName', ann],
    ['takes nothing of an extension that is not there', `${ENTERPRISE}:manager.value`, ann],
  ])('%s', (_, path, expected) => {
    expect(patched({ op: 'remove', path })).toEqual(expected);
  });

  it('takes an object away with its last part', () => {
    const result = patched(
      { op: 'remove', path: 'name.givenName' },
      { op: 'remove', path: 'name.familyName' },
    );
    expect(result).toEqual(without('name'));
  });
});

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
