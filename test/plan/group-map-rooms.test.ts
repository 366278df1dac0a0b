import { describe, expect, it } from 'vitest';
import type { RoomAlias, RoomId, UserId } from '../../src/matrix/ids.ts';
import { parseGroupMap } from '../../src/plan/group-map-parse.ts';
import { type RoomFact, type RoomFacts, roomWarnings } from '../../src/plan/group-map-rooms.ts';

const [A, B, C, S, T] = ['!a', '!b', '!c', '!s', '!t'] as [RoomId, RoomId, RoomId, RoomId, RoomId];
const [ann, bob, cyd, dee, eve] = ['@ann:x', '@bob:x', '@cyd:x', '@dee:x', '@eve:x'] as [
  UserId,
  UserId,
  UserId,
  UserId,
  UserId,
];

/** What the names of the tests mean: `#a2` and `!a` are other names of `!a`; `!old` was replaced by `!b`. */
const RESOLVED = new Map<string, RoomId>([
  ...[A, B, C, S, T].map((id) => [id, id] as const),
  ...(['#a:x', '#a2:x'] as const).map((alias) => [alias, A] as const),
  ...[['#b:x', B] as const, ['!old', B] as const, ['#c:x', C] as const],
  ...[['#s:x', S] as const, ['#t:x', T] as const],
]);

const PLAIN: RoomFact = {
  ...{ isSpace: false, canonicalAlias: undefined, power: 100, asksFirst: true },
  ...{ beyond: [], strangers: undefined },
};

type Known = { readonly [Room in string]?: Partial<RoomFact> };

function warningsIn(
  text: string,
  inside: { readonly [Space in string]?: readonly RoomId[] } = {},
  known: Known = {},
  more: Partial<RoomFacts> = {},
): readonly string[] {
  const rooms = new Map(
    Object.entries(known).map(([id, fact]) => [id as RoomId, { ...PLAIN, ...fact }] as const),
  );
  const children = new Map(Object.entries(inside).map(([id, ids]) => [id as RoomId, ids ?? []] as const));
  const facts = { lost: new Map(), unread: new Set<string>(), rooms, ...more };
  return roomWarnings(parseGroupMap(text), { resolved: RESOLVED, children }, facts).map(
    ({ line, column, message }) => `${line}:${column} ${message}`,
  );
}

describe('one room by several names', () => {
  it.each([
    [
      'an alias and an id',
      '{"g": "#a:x",\n"h": "!a"}',
      '2:6 #a:x (line 1) and !a (line 2) are one room, so what is written about the one holds for the other too: write one name in both places, #a:x',
    ],
    [
      'two aliases, the second of them several times',
      '{"g": "#a:x",\n"h": "#a2:x",\n"i": "#a2:x"}',
      '2:6 #a:x (line 1) and #a2:x (line 2) are one room, so what is written about the one holds for the other too: write one name in both places, #a:x',
    ],
    [
      'an id and an alias with a gentler mode',
      '{"g": {"room": "!a", "mode": "exclusive"},\n"h": {"room": "#a:x", "mode": "additive"}}',
      '2:6 !a (line 1) and #a:x (line 2) are one room, so "additive" (line 2) is in force there and "exclusive" (line 1) has no effect: write one name in both places, #a:x, and write the same "mode" in both places',
    ],
    [
      'three modes',
      '{"g": {"room": "!a", "mode": "exclusive"},\n"h": {"room": "#a:x", "mode": "additive"},\n"i": "#a2:x"}',
      '2:6 !a (line 1) and #a:x (line 2) are one room, so "additive" (line 2) is in force there and "exclusive" (line 1) has no effect: write one name in both places, #a:x, and write the same "mode" in both places',
      '3:6 !a (line 1) and #a2:x (line 3) are one room, so "additive" (line 2) is in force there and "exclusive" (line 1) and "granted" (line 3) have no effect: write one name in both places, #a:x, and write the same "mode" in both places',
    ],
    [
      'limits and what was to be made',
      '{"g": {"room": "#a:x", "limit": {"count": 2}, "create": {"name": "A"}},\n"h": {"room": "#a2:x", "limit": {"count": 3}, "create": true}}',
      '2:6 #a:x (line 1) and #a2:x (line 2) are one room, so the "limit" in line 1 is in force there and no other has an effect, and at most one "create" was used: write one name in both places, #a:x, and write the same "limit" in both places, and write the same "create" in both places',
    ],
    [
      'an id that was replaced and the one that replaced it',
      '{"g": "!old",\n"h": "!b"}',
      '1:7 !old was replaced by !b, so !b is in force: write !b, or better an alias of it',
      '2:6 !old (line 1) and !b (line 2) are one room, so what is written about the one holds for the other too: write one name in both places, !b',
    ],
    [
      'other limits, the first of which is in force',
      '{"g": {"room": "#a:x", "limit": {"count": 2}},\n"h": {"room": "#a2:x", "limit": {"percent": 2}}}',
      '2:6 #a:x (line 1) and #a2:x (line 2) are one room, so the "limit" in line 1 is in force there and no other has an effect: write one name in both places, #a:x, and write the same "limit" in both places',
    ],
    ...[
      ['a limit at one of them', '{"room": "#a:x", "limit": {"count": 2}}', '"#a2:x"'],
      ['a limit at the other', '"#a:x"', '{"room": "#a2:x", "limit": {"count": 2}}'],
      [
        'the same limit at both',
        '{"room": "#a:x", "limit": {"count": 2}}',
        '{"room": "#a2:x", "limit": {"count": 2}}',
      ],
      ['what is made by one of them', '{"room": "#a:x", "create": true}', '"#a2:x"'],
      ['what is made the same', '{"room": "#a:x", "create": true}', '{"room": "#a2:x", "create": {}}'],
    ].map(([what = '', first, second]) => [
      what,
      `{"g": ${first},\n"h": ${second}}`,
      '2:6 #a:x (line 1) and #a2:x (line 2) are one room, so what is written about the one holds for the other too: write one name in both places, #a:x',
    ]),
  ])('is told of %s', (_, text, ...expected) => {
    expect(warningsIn(text)).toEqual(expected);
  });

  it('is told where the limit stands, if the room stands before without one', () => {
    const text =
      '{"g": "#a:x",\n"h": {"room": "#a:x", "limit": {"count": 2}},\n"i": {"room": "#a2:x", "limit": {"count": 3}}}';
    expect(warningsIn(text)).toEqual([
      '3:6 #a:x (line 1) and #a2:x (line 3) are one room, so the "limit" in line 2 is in force there and no other has an effect: write one name in both places, #a:x, and write the same "limit" in both places',
    ]);
  });

  it('is told where a mode has several places, by the first', () => {
    const text =
      '{"g": "#a:x",\n"h": "#a:x",\n"i": {"room": "!a", "mode": "exclusive"},\n"j": {"room": "!a", "mode": "exclusive"}}';
    expect(warningsIn(text)).toEqual([
      '3:6 #a:x (line 1) and !a (line 3) are one room, so "granted" (line 1) is in force there and "exclusive" (line 3) has no effect: write one name in both places, #a:x, and write the same "mode" in both places',
    ]);
  });

  it.each([
    [
      'by itself and with the space, under another mode',
      '{"g": "#a:x",\n"h": {"room": "#s:x", "mode": "exclusive", "children": "all"}}',
      '2:6 #a:x (line 1) and !a in #s:x (line 2) are one room, so "granted" (line 1) is in force there and "exclusive" (line 2) has no effect: write the same "mode" in both places',
    ],
    [
      'with the space first, and then under two names',
      '{"g": {"room": "#s:x", "mode": "additive", "children": "all"},\n"h": "#a:x",\n"i": "!a"}',
      '2:6 !a in #s:x (line 1) and #a:x (line 2) are one room, so "additive" (line 1) is in force there and "granted" (line 2) has no effect: write the same "mode" in both places',
      '3:6 #a:x (line 2) and !a (line 3) are one room, so what is written about the one holds for the other too: write one name in both places, #a:x',
    ],
    [
      'with two spaces of other modes',
      '{"g": {"room": "#s:x", "mode": "exclusive", "children": "all"},\n"h": {"room": "#t:x", "children": "all"}}',
      '2:6 !a in #s:x (line 1) and !a in #t:x (line 2) are one room, so "granted" (line 2) is in force there and "exclusive" (line 1) has no effect: write the same "mode" in both places',
    ],
    [
      'by another name among the children',
      '{"g": "#a:x",\n"h": {"room": "#s:x", "children": ["!a"]}}',
      '2:6 #a:x (line 1) and !a in #s:x (line 2) are one room, so what is written about the one holds for the other too: write one name in both places, #a:x',
    ],
  ])('is told where it comes %s', (_, text, ...expected) => {
    expect(warningsIn(text, { [S]: [A], [T]: [A] })).toEqual(expected);
  });

  it.each([
    ['{"g": "#a:x", "h": {"room": "#a:x", "limit": "none"}}'],
    ['{"g": "#a:x", "h": {"room": "#s:x", "children": "all"}}'],
    ['{"g": {"room": "#a:x", "powerLevel": 50}, "h": {"room": "#s:x", "children": ["#a:x"]}}'],
    ['{"g": {"room": "#s:x", "children": "all"}, "h": {"room": "#t:x", "children": "all"}}'],
    ['{"g": "#unknown:x", "h": "#nowhere:x"}'],
    ['{"g": "#a:x", "h": {"room": "#unknown:x", "children": "all"}}'],
    ['{"g": {"room": "#s:x", "children": "all", "create": {"space": true}}, "h": "#a:x"}'],
    [
      '{"g": {"room": "#s:x", "children": "all", "create": {"space": true}}, "h": {"room": "#a:x", "create": {}}}',
    ],
    [
      '{"g": {"room": "#s:x", "children": "all", "create": {"space": true}}, "h": {"room": "#t:x", "children": "all", "create": {"space": true, "name": "T"}}}',
    ],
  ])('is not told for %s', (text) => {
    expect(warningsIn(text, { [S]: [A], [T]: [A] })).toEqual([]);
  });

  it.each([
    ['{"g": {"room": "#s:x", "children": "all"}}', { [S]: [S, A] }],
    ['{"g": {"room": "#s:x", "children": ["!s", "!a"]}}', { [S]: [S, A] }],
    ['{"g": "#b:x", "h": {"room": "#s:x", "mode": "additive", "children": ["!b"]}}', { [S]: [A, S] }],
    ['{"g": "#b:x", "h": {"room": "#s:x", "mode": "additive"}}', { [S]: [B] }],
  ])('is not told where a space is among its own rooms, or a room in none: %s', (text, inside) => {
    expect(warningsIn(text, inside, {}, { unread: new Set([B]) })).toEqual([]);
  });
});

describe('a room that is not what its name says', () => {
  it('was replaced', () => {
    expect(warningsIn('{"g": ["#c:x",\n"!old"]}')).toEqual([
      '2:1 !old was replaced by !b, so !b is in force: write !b, or better an alias of it',
    ]);
    const known = { [B]: { canonicalAlias: '#b:x' as RoomAlias } };
    expect(warningsIn('{"g": {"room": "#s:x", "children": ["!old"]}}', { [S]: [B] }, known)).toEqual([
      '1:7 !old was replaced by !b, so !b is in force: write #b:x',
    ]);
  });

  it('was replaced, and is where others are to be made', () => {
    expect(warningsIn('{"g": {"room": "#new:x", "create": {"parent": "!old"}}}')).toEqual([
      '1:7 !old was replaced by !b, so !b is in force: write !b, or better an alias of it',
    ]);
    expect(warningsIn('{"g": ["!gone", {"room": "#new:x", "create": {"parent": "!s"}}]}')).toEqual([]);
  });

  it('is told in the order of the map', () => {
    const lost = new Map([
      ['#x:x', C],
      ['#y:x', C],
    ]);
    const text =
      '{"g": [{"room": "#b:x", "powerLevel": 100}, "#x:x"], "f":\n["#y:x", "!old"],\n"h": {"room": "#a:x", "mode": "exclusive"}}';
    const known = { [A]: { strangers: [ann] }, [B]: { power: 50 } };
    const places = warningsIn(text, {}, known, { lost }).map((warning) =>
      warning.split(' ').slice(0, 2).join(' '),
    );
    expect(places).toEqual(['1:8 the', '1:45 #x:x', '2:2 #y:x', '2:10 #b:x', '2:10 !old', '3:6 #a:x']);
  });

  it('was made and has lost its alias', () => {
    const lost = new Map([['#a:x', A]]);
    expect(warningsIn('{"g": {"room": "#a:x", "create": true}, "h": "#a:x"}', {}, {}, { lost })).toEqual([
      '1:7 #a:x was made by Usher as !a and has lost its alias, so no room has that name, and none is made again: give !a the alias again, or write !a',
    ]);
  });
});

describe('children', () => {
  const [all, some] = [
    '{"g": {"room": "#s:x", "children": "all"}}',
    '{"g": {"room": "#s:x", "children": ["#a:x", "#b:x"]}}',
  ];
  it.each([
    [
      all,
      { [S]: { isSpace: false } },
      '1:7 #s:x has "children" and is no space, so nothing comes along with it: write the space that the rooms are in, or leave out "children"',
    ],
    [
      all,
      { [S]: { isSpace: true } },
      '1:7 #s:x has "children" and no room is in it, so nothing comes along with it: put rooms into it, or leave out "children"',
    ],
    [
      some,
      {},
      '1:7 #s:x has "children" and no room is in it, if it is a space at all, so nothing comes along with it: put rooms into it, or leave out "children"',
    ],
  ])('of what has none: %s %j', (text, known: Known, expected) => {
    expect(warningsIn(text, { [S]: [] }, known)).toEqual([expected]);
  });

  it('that are not in the space are told, those that could not be read are not', () => {
    expect(warningsIn(some, { [S]: [A] })).toEqual([
      '1:7 #b:x is among the "children" of #s:x and no room of that space, so it does not come along: put it into the space, or give it to the group by itself',
    ]);
    expect(warningsIn(some, { [S]: [A] }, {}, { unread: new Set([B]) })).toEqual([]);
    expect(warningsIn(all, { [S]: [] }, {}, { unread: new Set(['#s:x']) })).toEqual([]);
    expect(warningsIn(some, { [S]: [A] }, {}, { unread: new Set(['#b:x']) })).toEqual([]);
    expect(warningsIn(all)).toEqual([]);
    expect(warningsIn('{"g": "#s:x"}', { [S]: [] }, { [S]: { isSpace: true } })).toEqual([]);
    expect(warningsIn('{"g": {"room": "#s:x", "children": ["#unknown:x"]}}', { [S]: [A] })).toEqual([]);
    expect(warningsIn('{"g": {"room": "#unknown:x", "children": "all"}}', { [S]: [] })).toEqual([]);
  });
});

describe('power levels', () => {
  const level = (powerLevel: number, more: object = {}) =>
    JSON.stringify({ g: { room: '#s:x', powerLevel, ...more } });

  it.each([
    [
      level(50),
      { [S]: { power: 50 } },
      "1:6 the power level 50 in #s:x is as high as the bot's own level, so the bot can't take it back, nor remove who has it: write 49 or less, or have the bot raised there",
    ],
    [
      level(60),
      { [S]: { power: 50 } },
      "1:6 the power level 60 in #s:x is above the bot's own level, 50, so the bot can't give it: write 49 or less, or have the bot raised there",
    ],
    [
      level(60, { children: 'all' }),
      { [S]: {}, [A]: { power: 60 } },
      "1:6 the power level 60 in !a in #s:x is as high as the bot's own level, so the bot can't take it back, nor remove who has it: write 59 or less, or have the bot raised there",
    ],
    [
      level(100, { create: true }),
      { [S]: {} },
      "1:6 the power level 100 in #s:x is as high as the bot's own level, so the bot can't take it back, nor remove who has it: write 99 or less, or have the bot raised there",
    ],
    [
      level(100, { children: 'all' }),
      { [S]: { power: 200 }, [A]: {} },
      "1:6 the power level 100 in !a in #s:x is as high as the bot's own level, so the bot can't take it back, nor remove who has it: write 99 or less, or have the bot raised there",
    ],
    [
      level(99),
      { [S]: { power: 99 } },
      "1:6 the power level 99 in #s:x is as high as the bot's own level, so the bot can't take it back, nor remove who has it: write 98 or less, or have the bot raised there",
    ],
    [
      level(100),
      { [S]: { power: 50 } },
      "1:6 the power level 100 in #s:x is above the bot's own level, 50, so the bot can't give it: write 49 or less, or have the bot raised there",
    ],
    [
      JSON.stringify({ g: { room: '#s:x', powerLevel: 60 }, h: { room: '#a:x' } }),
      { [S]: {}, [A]: { power: 50 } },
    ],
  ])('that the bot can not give, or not take back: %s', (text, known: Known, ...expected) => {
    expect(warningsIn(text, { [S]: [A] }, known)).toEqual(expected);
  });

  it.each([
    ['below the bot', level(99), { [S]: {} }],
    ['where the bot is the creator', level(100), { [S]: { power: Number.POSITIVE_INFINITY } }],
    ['that the map alone shows', level(100), { [S]: {} }],
    ['where the bot has no power at all', level(10), { [S]: { power: 0 } }],
    ['in rooms that were not read', level(100), {}],
  ])('are right %s', (_, text, known: Known) => {
    expect(warningsIn(text, {}, known)).toEqual([]);
  });
});

describe('exclusive rooms', () => {
  const map = '{"g": {"room": "#a:x", "mode": "exclusive"}}';

  it.each([
    [
      { strangers: [ann] },
      '1:7 #a:x is "exclusive", and 1 stranger is in it, whom no group lets in today, so Usher would ask for approval to remove them: see "usher plan"; whom you want to keep needs a group, or PROTECTED_USERS',
    ],
    [
      { strangers: [ann, bob], asksFirst: false },
      '1:7 #a:x is "exclusive", and 2 strangers are in it, whom no group lets in today, so Usher would remove them: see "usher plan"; whom you want to keep needs a group, or PROTECTED_USERS',
    ],
    [
      { strangers: [ann], beyond: [ann] },
      '1:7 #a:x is "exclusive", and the bot stands no higher there than @ann:x, so they can\'t be removed, whatever the groups say: lower their power, or name them in PROTECTED_USERS',
    ],
    [
      { beyond: [ann, bob, cyd] },
      '1:7 #a:x is "exclusive", and the bot stands no higher there than @ann:x, @bob:x, @cyd:x, so they can\'t be removed, whatever the groups say: lower their power, or name them in PROTECTED_USERS',
    ],
    [
      { beyond: [ann, bob, cyd, dee, eve] },
      '1:7 #a:x is "exclusive", and the bot stands no higher there than @ann:x, @bob:x, @cyd:x and 2 more, so they can\'t be removed, whatever the groups say: lower their power, or name them in PROTECTED_USERS',
    ],
  ])('tell of %j', (fact, expected) => {
    expect(warningsIn(map, {}, { [A]: fact })).toEqual([expected]);
  });

  it('are spoken of by the name under which they are that', () => {
    const text = '{"f": "#b:x",\n"g": {"room": "#s:x", "mode": "exclusive", "children": "all"}}';
    expect(warningsIn(text, { [S]: [A] }, { [A]: { strangers: [ann] }, [B]: { strangers: [ann] } })).toEqual([
      expect.stringMatching(/^2:6 !a in #s:x is "exclusive", and 1 stranger is in it/),
    ]);
  });

  it('are not, where another way is gentler', () => {
    const known = { [A]: { strangers: [ann], beyond: [ann] } };
    const twice = map.replace('}}', '}, "h": "!a"}');
    expect(warningsIn(twice, {}, known)).toHaveLength(1);
    expect(warningsIn(twice, {}, known)[0]).toContain('are one room');
  });
});
