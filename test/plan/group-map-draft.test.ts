import { parse } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import type { RoomAlias, RoomId } from '../../src/matrix/ids.ts';
import { type DraftGroup, type DraftRoom, keyOf, renderDraft } from '../../src/plan/group-map-draft.ts';
import { parseGroupMap } from '../../src/plan/group-map-parse.ts';

const room: DraftRoom = {
  room: '#eng:x.org' as RoomAlias,
  name: 'Engineering',
  isSpace: false,
  inside: 3,
  others: 0,
  joined: 4,
};
const eng: DraftGroup = {
  key: 'g-eng',
  name: 'eng',
  members: 4,
  lookedAt: 3,
  isSample: false,
  rooms: [room],
};

describe('the key of a group', () => {
  it.each([
    ['g-eng', 'eng', 'g-eng'],
    [undefined, 'eng', 'name:eng'],
    ['', 'eng', 'name:eng'],
    ['*', 'eng', 'name:eng'],
    ['$schema', 'eng', 'name:eng'],
    [' g', 'eng', 'name:eng'],
    ['name:x', 'eng', 'name:eng'],
    [undefined, ' ', undefined],
    ['*', '', undefined],
  ])('%j called %j is %j', (externalId, displayName, key) => {
    expect(keyOf({ externalId, displayName })).toBe(key);
  });
});

describe('a draft of a group map', () => {
  it('has the rooms of each group, with what was found about them', () => {
    const space: DraftRoom = {
      ...room,
      room: '!s' as RoomId,
      name: undefined,
      isSpace: true,
      inside: 1,
      others: 1,
    };
    const ops: DraftGroup = { ...eng, key: 'name:ops', name: 'ops', rooms: [space, { ...room, others: 2 }] };
    expect(renderDraft([eng, ops], ['Looked at 7 people.', 'Two\r\nlines']).split('\n')).toEqual([
      '// Looked at 7 people.',
      '// Two lines',
      '{',
      '  // eng: 4 active members, 3 with an account',
      '  "g-eng": [',
      '    "#eng:x.org", // "Engineering": 3 of 3 members are in; nobody else',
      '  ],',
      '',
      '  // ops: 4 active members, 3 with an account',
      '  "name:ops": [',
      '    "!s", // space: 1 of 3 members is in; 1 other too',
      '    "#eng:x.org", // "Engineering": 3 of 3 members are in; 2 others too',
      '  ],',
      '}',
    ]);
  });

  it('is a map that can be used at once', () => {
    const text = renderDraft([eng, { ...eng, key: 'b' }, { ...eng, key: undefined }], []);
    expect(parseGroupMap(text).rules.map(({ targets }) => targets.map((target) => target.room))).toEqual([
      ['#eng:x.org'],
      ['#eng:x.org'],
    ]);
    expect(renderDraft([], [])).toBe('{\n}');
  });

  it.each<[Partial<DraftGroup>, string]>([
    [{ members: 1, lookedAt: 1 }, '// eng: 1 active member, 1 with an account'],
    [
      { members: 90, lookedAt: 20, isSample: true },
      '// eng: 90 active members, 20 with an account were looked at',
    ],
    [{ name: ' \n' }, '// a group without a name: 4 active members, 3 with an account'],
    [{ name: 'a\u2028"x": []\r\n' }, '// a "x": []: 4 active members, 3 with an account'],
  ])('tells of a group %j', (group, about) => {
    expect(renderDraft([{ ...eng, ...group }], []).split('\n')[1]).toBe(`  ${about}`);
  });

  it.each<[Partial<DraftGroup>, string]>([
    [{}, '4 active members, 3 with an account; they share no room'],
    [{ lookedAt: 0 }, '4 active members, none with an account'],
    [{ lookedAt: 0, isSample: true }, '4 active members; none of those looked at has an account'],
  ])('proposes a group without rooms as a comment: %j', (group, about) => {
    const text = renderDraft([{ ...eng, ...group, rooms: [] }], []);
    expect(text.split('\n')).toEqual(['{', `  // eng: ${about}`, '  // "g-eng": [],', '}']);
    expect(parse(text)).toEqual({});
  });

  it('says which group no key can name', () => {
    expect(renderDraft([{ ...eng, key: undefined }], []).split('\n')).toEqual([
      '{',
      '  // eng: 4 active members, 3 with an account',
      '  // It has neither an external id nor a display name that a map can have.',
      '}',
    ]);
  });

  it.each<[Partial<DraftRoom>, Partial<DraftGroup>, string]>([
    [{ name: undefined }, {}, '3 of 3 members are in; nobody else'],
    [{ isSpace: true }, {}, 'space "Engineering": 3 of 3 members are in; nobody else'],
    [{ name: 'a\nb' }, {}, '"a b": 3 of 3 members are in; nobody else'],
    [{ inside: 1 }, { lookedAt: 1 }, '"Engineering": 1 of 1 member is in; nobody else'],
    [
      { others: undefined },
      { isSample: true },
      '"Engineering": 3 of 3 who were looked at are in; 4 people altogether',
    ],
  ])('tells of a room %j of a group %j', (changes, group, about) => {
    const text = renderDraft([{ ...eng, ...group, rooms: [{ ...room, ...changes }] }], []);
    expect(text.split('\n')[3]).toBe(`    "#eng:x.org", // ${about}`);
  });
});
