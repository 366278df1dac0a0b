import { ENTERPRISE } from './client.ts';
import type { Refusal } from './patch-model.ts';

/** An operation that is to be refused whatever the resource is, and with what (RFC 7644 §3.12, table 9). */
export type BrokenOperation = readonly [
  Refusal | 'invalidSyntax' | 'invalidPath' | 'invalidFilter',
  json: unknown,
];

export function brokenOperationsOn(kind: 'User' | 'Group'): readonly BrokenOperation[] {
  return [...ANYWHERE, ...(kind === 'User' ? OF_USERS : OF_GROUPS)];
}

const ANYWHERE: readonly BrokenOperation[] = [
  ['noTarget', { op: 'remove' }],
  ['invalidSyntax', { op: 'move', path: 'displayName', value: 'x' }],
  ['invalidSyntax', { path: 'displayName', value: 'x' }],
  ['invalidSyntax', { op: 5, path: 'displayName', value: 'x' }],
  ['invalidSyntax', 'add'],
  ['invalidSyntax', null],
  ['invalidPath', { op: 'add', path: '', value: 'x' }],
  ['invalidPath', { op: 'add', path: 'displayName x', value: 'x' }],
  ['invalidPath', { op: 'add', path: 'name.givenName.x', value: 'x' }],
  ['invalidPath', { op: 'add', path: 5, value: 'x' }],
  ['mutability', { op: 'replace', path: 'id', value: 'x' }],
  ['mutability', { op: 'remove', path: 'id' }],
  ['mutability', { op: 'replace', path: 'meta.created', value: '2026-01-01T00:00:00Z' }],
  ['invalidValue', { op: 'add', path: 'displayName' }],
  ['invalidValue', { op: 'replace', path: 'displayName', value: 5 }],
  ['invalidValue', { op: 'replace', path: 'displayName', value: ['a', 'b'] }],
  ['invalidValue', { op: 'replace', path: 'displayName', value: { value: 'a' } }],
  ['invalidValue', { op: 'add', value: 'x' }],
  ['invalidValue', { op: 'add' }],
];

const OF_USERS: readonly BrokenOperation[] = [
  ['invalidPath', { op: 'remove', path: 'emails[type eq "work"' }],
  ['invalidPath', { op: 'remove', path: 'emails[type eq "work"].value.x' }],
  ['invalidPath', { op: 'remove', path: 'name[givenName eq "x"]' }],
  ['invalidPath', { op: 'remove', path: 'displayName[value eq "x"]' }],
  ['invalidFilter', { op: 'remove', path: 'emails[type is "work"]' }],
  ['invalidFilter', { op: 'remove', path: 'emails[type eq]' }],
  ['invalidFilter', { op: 'remove', path: 'emails[]' }],
  ['invalidFilter', { op: 'remove', path: 'emails[colour eq "red"]' }],
  ['invalidFilter', { op: 'remove', path: 'emails[primary gt true]' }],
  ['mutability', { op: 'add', path: 'groups', value: [{ value: 'x' }] }],
  ['mutability', { op: 'remove', path: 'groups' }],
  ['mutability', { op: 'remove', path: 'groups[value eq "x"]' }],
  ['mutability', { op: 'replace', path: `${ENTERPRISE}:manager.displayName`, value: 'x' }],
  ['invalidValue', { op: 'replace', path: 'active', value: 'perhaps' }],
  ['invalidValue', { op: 'replace', path: 'active', value: 1 }],
  ['invalidValue', { op: 'add', path: 'emails', value: 'x' }],
  ['invalidValue', { op: 'add', path: 'emails', value: ['x'] }],
  ['invalidValue', { op: 'add', path: 'emails', value: [{ value: 'x', primary: 5 }] }],
  ['invalidValue', { op: 'add', path: 'emails[type eq "work"].value', value: true }],
  ['invalidValue', { op: 'add', path: 'emails[type eq "work"]', value: 'x' }],
  ['invalidValue', { op: 'replace', path: 'name', value: 'x' }],
  ['invalidValue', { op: 'replace', value: { name: { givenName: 5 } } }],
];

const OF_GROUPS: readonly BrokenOperation[] = [
  ['invalidPath', { op: 'remove', path: 'members[value eq "x"' }],
  ['invalidFilter', { op: 'remove', path: 'members[value is "x"]' }],
  ['invalidFilter', { op: 'remove', path: 'members[colour eq "x"]' }],
  ['mutability', { op: 'replace', path: 'members[value eq "nobody"].value', value: 'x' }],
  ['mutability', { op: 'replace', path: 'members.value', value: 'x' }],
  ['mutability', { op: 'replace', path: 'members[value eq "nobody"]', value: { value: 'x' } }],
  // A member is what its id says: no part of it can be changed, whether we know the part or not.
  ['mutability', { op: 'replace', path: 'members.display', value: 'x' }],
  ['mutability', { op: 'replace', value: { 'members.display': 'x' } }],
  ['mutability', { op: 'remove', path: 'members.display' }],
  ['mutability', { op: 'remove', path: 'members[value eq "nobody"].display' }],
  ['mutability', { op: 'remove', path: 'members[type eq "User"].display' }],
  ['invalidValue', { op: 'add', path: 'members', value: [{ display: 'x' }] }],
  ['invalidValue', { op: 'add', path: 'members', value: [{ value: 5 }] }],
  ['invalidValue', { op: 'add', path: 'members', value: [5] }],
  ['invalidValue', { op: 'remove', path: 'members', value: [{ type: 'User' }] }],
  ['invalidValue', { op: 'replace', path: 'members', value: 5 }],
];
