import { describe, expect, it } from 'vitest';
import type { Attributes } from '../../src/directory/resource.ts';
import { ScimError } from '../../src/scim/error.ts';
import { matcher } from '../../src/scim/evaluate.ts';
import { parseFilter } from '../../src/scim/filter.ts';
import { patchAttributes } from '../../src/scim/patch-attributes.ts';
import { patchGroup } from '../../src/scim/patch-members.ts';
import { mendFilter } from '../../src/scim/quirks/filter.ts';
import { mendResource } from '../../src/scim/quirks/resource.ts';
import { groupType, userType } from '../../src/scim/schema/resource-type.ts';
import { readUser } from '../../src/scim/user-resource.ts';
import { ENTERPRISE, GROUP, USER } from '../support/scim/client.ts';
import { mended, parsePatch } from '../support/scim/patch.ts';
import { listOf, pick, type Random, randomFrom } from '../support/scim/random.ts';

const RUNS = 3000;

const NAMES = [
  ...['userName', 'USERNAME', 'active', 'name', 'name.givenName', 'emails', 'emails.type', 'EMAILS.value'],
  ...['emails[type eq "work"]', 'emails[type eq "work"].value', 'emails[primary eq "True"].display'],
  ...[`${ENTERPRISE}:manager`, ENTERPRISE, `${USER}:title`, 'urn:example:2.0:Thing:size', 'manager', USER],
  ...['id', 'meta', 'schemas', 'groups', 'password', 'members', 'members[value eq "1"]', 'displayName'],
  ...['__proto__', '__proto__.x', 'constructor', 'constructor.prototype', 'toString', 'hasOwnProperty.call'],
  ...[
    '',
    ' ',
    '.',
    '[',
    ']',
    'a.b.c',
    'emails[',
    'emails[]',
    'name[givenName pr]',
    '"',
    'urn:',
    'x-y',
    '$ref',
  ],
];

const SCALARS = ['', ' ', 'x', 'True', 'false', 0, -1.5, true, false, null, '__proto__', '\u0000', '\ud800'];

function anyValue(random: Random, depth: number): unknown {
  const kind = depth === 0 ? 0 : random();
  if (kind < 0.5) return pick(random, SCALARS);
  if (kind < 0.7) return listOf(random, 3, () => anyValue(random, depth - 1));
  return anyObject(random, depth - 1, [...NAMES, 'value', 'type', 'primary', '$ref']);
}

function anyObject(random: Random, depth: number, names: readonly string[]): object {
  return Object.fromEntries(listOf(random, 4, () => [pick(random, names), anyValue(random, depth)]));
}

function anyOperation(random: Random, names: readonly string[]): object {
  const parts: [string, unknown][] = [
    ['op', pick(random, ['add', 'Replace', 'REMOVE', 'remove', 'move', 5])],
    ['path', pick(random, [...names, null, 5])],
    ['value', random() < 0.3 ? [{ value: 'x' }] : anyValue(random, 3)],
  ];
  return Object.fromEntries(parts.filter(() => random() < 0.9));
}

/** What the function gives; undefined if it refuses, as it may, by a `ScimError` 400 and by nothing else. */
function accepted<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof ScimError && error.status === 400 && error.scimType !== undefined) return undefined;
    throw error;
  }
}

function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) deepFrozen(part);
    Object.freeze(value);
  }
  return value;
}

const ann: Attributes = deepFrozen({
  schemas: [USER],
  userName: 'ann',
  emails: [{ type: 'work', value: 'a', primary: true }],
});

describe('whatever a client sends', () => {
  const prototype = Object.getOwnPropertyNames(Object.prototype);

  it('a PATCH of a user keeps to the schema, touches no prototype, and changes nothing given', () => {
    const random = randomFrom(1);
    let changed = 0;
    for (let run = 0; run < RUNS; run += 1) {
      const body = deepFrozen({ Operations: listOf(random, 4, () => anyOperation(random, NAMES)) });

      const result = accepted(() => {
        const operations = parsePatch(mended(body, userType), userType);
        return patchAttributes(ann, operations, userType);
      });

      if (result === undefined) continue;
      if (result !== ann) changed += 1;
      // Read back as if it had been sent: everything stored is legal, and in the schema's spelling.
      expect(readUser(JSON.parse(JSON.stringify(result)))).toEqual({
        active: true,
        ...JSON.parse(JSON.stringify(result)),
      });
      expect(Object.keys(result)).not.toEqual(expect.arrayContaining(['USERNAME']));
      for (const name of ['id', 'meta', 'groups', 'password']) expect(result).not.toHaveProperty(name);
    }
    expect(changed).toBeGreaterThan(RUNS / 20);
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(prototype);
  });

  it('a PATCH of a group names ids of members, and leaves the name', () => {
    const random = randomFrom(2);
    const staff: Attributes = deepFrozen({ schemas: [GROUP], displayName: 'staff' });
    const names = [
      'members',
      'Members',
      'members[value eq "1"]',
      'members[type pr]',
      'displayName',
      'id',
      '[',
    ];
    let changes = 0;
    for (let run = 0; run < RUNS; run += 1) {
      const body = deepFrozen({ Operations: listOf(random, 3, () => anyOperation(random, names)) });

      const result = accepted(() => patchGroup(staff, parsePatch(mended(body, groupType), groupType)));

      if (result === undefined) continue;
      changes += result.members.length;
      expect(result.attributes).not.toHaveProperty('members');
      expect(String(result.attributes.displayName).trim()).not.toBe('');
      for (const change of result.members) {
        if (change.kind === 'remove-matching') continue;
        for (const value of change.values) expect(value).toEqual(expect.any(String));
      }
    }
    expect(changes).toBeGreaterThan(RUNS / 30);
  });

  it('a user is refused, or is the same when she is sent again', () => {
    const random = randomFrom(3);
    let kept = 0;
    for (let run = 0; run < RUNS; run += 1) {
      const body = deepFrozen({ userName: 'ann', ...anyObject(random, 3, NAMES) });

      const attributes = accepted(() => readUser(mendResource(body, userType)));

      if (attributes === undefined) continue;
      kept += 1;
      expect(readUser(attributes)).toEqual(attributes);
    }
    expect(kept).toBeGreaterThan(RUNS / 20);
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(prototype);
  });

  it('a filter is refused, or answers yes or no, and its opposite the other', () => {
    const random = randomFrom(4);
    const words = ['userName', 'emails', 'active', 'name.givenName', 'meta.created', 'id', '.value', 'type'];
    const signs = ['(', ')', '[', ']', 'not', 'and', 'or', 'eq', 'ne', 'co', 'gt', 'pr', 'EQ'];
    const values = ['"a"', '"work"', 'true', 'null', '5', '"', '"\\u0061"', '"2026-01-01T00:00:00Z"', 'bare'];
    let read = 0;
    for (let run = 0; run < RUNS * 4; run += 1) {
      const simple = () => `${pick(random, words)} ${pick(random, signs)} ${pick(random, values)}`;
      const noise = () => listOf(random, 6, () => pick(random, [...words, ...signs, ...values])).join(' ');
      const text = listOf(random, 3, random() < 0.6 ? simple : noise).join(
        pick(random, [' and ', ' or ', ' ']),
      );

      const filter = accepted(() => parseFilter(mendFilter(text, userType), userType));

      if (filter === undefined) continue;
      read += 1;
      expect(matcher({ kind: 'not', filter })(ann)).toBe(!matcher(filter)(ann));
    }
    expect(read).toBeGreaterThan(RUNS / 20);
  });
});
