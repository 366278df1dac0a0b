import { describe, expect, it } from 'vitest';
import type { Member } from '../../src/directory/group.ts';
import { patchGroup } from '../../src/scim/patch-members.ts';
import { groupType } from '../../src/scim/schema/resource-type.ts';
import { GROUP, patch } from '../support/scim/client.ts';
import { parsePatch } from '../support/scim/patch.ts';

const staff = { schemas: [GROUP], displayName: 'staff' };

function patched(...operations: object[]) {
  return patchGroup(staff, parsePatch(patch(...operations), groupType));
}

const add = (...ids: string[]) => ({ op: 'add', path: 'members', value: ids.map((value) => ({ value })) });
const remove = (id: string) => ({ op: 'remove', path: `members[value eq ${JSON.stringify(id)}]` });

describe('a PATCH of members', () => {
  it.each<[string, object[], object[]]>([
    ['adds', [add('1', '2')], [{ kind: 'add', values: ['1', '2'] }]],
    ['adds each once', [add('1', '1')], [{ kind: 'add', values: ['1'] }]],
    [
      'adds without a path',
      [{ op: 'add', value: { members: [{ value: '1' }] } }],
      [{ kind: 'add', values: ['1'] }],
    ],
    ['removes by value', [remove('1')], [{ kind: 'remove', values: ['1'] }]],
    [
      'removes by a choice of values',
      [{ op: 'remove', path: 'members[value eq "1" or value eq "2"]' }],
      [{ kind: 'remove', values: ['1', '2'] }],
    ],
    [
      'removes those listed',
      [{ op: 'remove', path: 'members', value: [{ value: '1' }, { value: '2' }] }],
      [{ kind: 'remove', values: ['1', '2'] }],
    ],
    [
      'removes by a choice within a choice',
      [{ op: 'remove', path: 'members[(value eq "1" or value eq "2") or value eq "3"]' }],
      [{ kind: 'remove', values: ['1', '2', '3'] }],
    ],
    [
      'replaces all twice',
      [
        { op: 'replace', path: 'members', value: [{ value: '1' }] },
        { op: 'replace', path: 'members', value: [{ value: '2' }] },
      ],
      [
        { kind: 'replace', values: ['1'] },
        { kind: 'replace', values: ['2'] },
      ],
    ],
    ['removes all', [{ op: 'remove', path: 'members' }], [{ kind: 'replace', values: [] }]],
    [
      'replaces all',
      [
        {
          op: 'replace',
          path: 'members',
          value: [{ value: '3', display: 'C', type: 'user', $ref: '../Users/3' }],
        },
      ],
      [{ kind: 'replace', values: ['3'] }],
    ],
    [
      'replaces all by none',
      [{ op: 'replace', path: 'members', value: [] }],
      [{ kind: 'replace', values: [] }],
    ],
    [
      'joins neighbours of one kind, and keeps the order',
      [add('1'), add('2'), remove('3'), remove('1'), add('4')],
      [
        { kind: 'add', values: ['1', '2'] },
        { kind: 'remove', values: ['3', '1'] },
        { kind: 'add', values: ['4'] },
      ],
    ],
    [
      'joins nothing across a replacement',
      [add('1'), { op: 'remove', path: 'members' }, add('1')],
      [
        { kind: 'add', values: ['1'] },
        { kind: 'replace', values: [] },
        { kind: 'add', values: ['1'] },
      ],
    ],
    ['changes no member with the name', [{ op: 'replace', path: 'displayName', value: 'crew' }], []],
  ])('%s', (_, operations, members) => {
    expect(patched(...operations).members).toEqual(members);
  });

  it('changes the attributes beside the members', () => {
    const { attributes } = patched(add('1'), { op: 'replace', value: { displayName: 'crew' } });
    expect(attributes).toEqual({ ...staff, displayName: 'crew' });
  });

  it('asks the members themselves where the filter is about more than ids', () => {
    const [change] = patched({ op: 'remove', path: 'members[type eq "group" or value sw "x"]' }).members;

    const members: Member[] = [
      { value: 'a', type: 'User' },
      { value: 'b', type: 'Group' },
      { value: 'x1', type: 'unknown' },
      { value: 'y1', type: 'unknown' },
    ];
    expect(change?.kind).toBe('remove-matching');
    const gone = members.filter((member) => change?.kind === 'remove-matching' && change.matches(member));
    expect(gone.map(({ value }) => value)).toEqual(['b', 'x1']);
  });

  it.each<[string, readonly string[]]>([
    ['value ne "a"', ['b', 'c']],
    ['not (value eq "a")', ['b', 'c']],
    ['type eq "Group"', ['b']],
    ['type eq "user"', ['a']],
    ['type ne "User"', ['b', 'c']],
    ['type pr', ['a', 'b']],
    ['value eq "a" or type eq "group"', ['a', 'b']],
    ['value pr and type eq "user"', ['a']],
    ['value sw "c"', ['c']],
  ])('asks the members themselves for %s', (filter, expected) => {
    const members: Member[] = [
      { value: 'a', type: 'User' },
      { value: 'b', type: 'Group' },
      { value: 'c', type: 'unknown' },
    ];
    const [change] = patched({ op: 'remove', path: `members[${filter}]` }).members;
    expect(change?.kind).toBe('remove-matching');
    const gone = members.filter((member) => change?.kind === 'remove-matching' && change.matches(member));
    expect(gone.map(({ value }) => value)).toEqual(expected);
  });

  it('joins nothing across a removal by what the members are', () => {
    const kinds = patched(add('1'), { op: 'remove', path: 'members[type eq "group"]' }, add('2')).members;
    expect(kinds.map(({ kind }) => kind)).toEqual(['add', 'remove-matching', 'add']);
  });

  it('takes a hundred thousand members', () => {
    const ids = Array.from({ length: 100_000 }, (_, index) => `u${index}`);
    const [change, ...more] = patched(add('first'), add(...ids)).members;
    expect(change).toEqual({ kind: 'add', values: ['first', ...ids] });
    expect(more).toEqual([]);
  });

  it.each<[string, string, object]>([
    ['invalidValue', 'no id', { op: 'add', path: 'members', value: [{ display: 'Ann' }] }],
    ['invalidValue', 'a blank id', { op: 'add', path: 'members', value: [{ value: ' ' }] }],
    ['invalidValue', 'a number for an id', { op: 'add', path: 'members', value: [{ value: 5 }] }],
    ['mutability', 'the id of a member', { op: 'replace', path: 'members[value eq "1"].value', value: '2' }],
    ['mutability', 'the ids of all members', { op: 'replace', path: 'members.value', value: '2' }],
    [
      'mutability',
      'a member in its place',
      { op: 'replace', path: 'members[value eq "1"]', value: { value: '2' } },
    ],
    ['mutability', 'the name, to be removed', { op: 'remove', path: 'displayName' }],
    ['invalidFilter', 'a reference', { op: 'remove', path: 'members[$ref eq "x"]' }],
    ['invalidFilter', 'a reference among others', { op: 'remove', path: 'members[value eq "1" or $ref pr]' }],
    [
      'invalidValue',
      'an id without end',
      { op: 'add', path: 'members', value: [{ value: 'x'.repeat(10_001) }] },
    ],
    ['invalidValue', 'a member that is none', { op: 'add', path: 'members', value: ['1'] }],
    [
      'mutability',
      'a part of a member, to be removed',
      { op: 'remove', path: 'members[value eq "1"].display' },
    ],
  ])('is refused with %s for %s', (scimType, _, operation) => {
    expect(() => patched(add('1'), operation)).toThrow(expect.objectContaining({ status: 400, scimType }));
  });

  it.each<[object, RegExp]>([
    [{ op: 'add', path: 'members', value: [{}] }, /^A member has a value: the id of a user or group/],
    [
      { op: 'add', path: 'members', value: [{ value: 'x'.repeat(10_001) }] },
      /^The value of a member is longer/,
    ],
    [{ op: 'remove', path: 'members[value eq "1"].display' }, /^A member is added or removed as a whole/],
    [{ op: 'replace', path: 'members[value eq "1"].value', value: '2' }, /^value cannot be changed/],
    [{ op: 'remove', path: 'members[$ref pr]' }, /^Members are chosen by value or type/],
  ])('that is refused says why: %#', (operation, detail) => {
    expect(() => patched(operation)).toThrow(
      expect.objectContaining({ message: expect.stringMatching(detail) }),
    );
  });
});
