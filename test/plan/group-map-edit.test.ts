import { describe, expect, it } from 'vitest';
import { addToMap, type Edited, type NewTarget, removeFromMap } from '../../src/plan/group-map-edit.ts';
import { parseGroupMap } from '../../src/plan/group-map-parse.ts';

const MAP = '{"g": "#a:x.org", "name:Ops": [], "root": {"admin": true}}';
const B: NewTarget = { room: '#b:x.org' };

function textOf(edited: Edited): string {
  return 'text' in edited ? edited.text : JSON.stringify(edited);
}

/** What a text says, without where it says so. */
function senseOf(text: string) {
  return parseGroupMap(text).rules.map(({ group, targets }) => ({
    group,
    targets: targets.map(({ place: _, ...target }) => target),
  }));
}

describe('adding to a group map', () => {
  it.each([
    ['to nothing', '{}', '{\n  "g": "#b:x.org"\n}'],
    ['to blanks', '{ }\n', '{\n  "g": "#b:x.org"\n}\n'],
    ['to a comment', '{\n  // none yet\n}\n', '{\n  // none yet\n  "g": "#b:x.org"\n}\n'],
    ['to a comment in a line', '{ /* none */ }', '{ /* none */  "g": "#b:x.org"}'],
    ['to one line', '{ "a": "#a:x.org" }', '{ "a": "#a:x.org", "g": "#b:x.org" }'],
    ['behind a comma', '{ "a": "#a:x.org", }', '{ "a": "#a:x.org", "g": "#b:x.org", }'],
    ['to lines', '{\n  "a": []\n}\n', '{\n  "a": [],\n  "g": "#b:x.org"\n}\n'],
    ['to tabs', '{\n\t"a": []\n}', '{\n\t"a": [],\n\t"g": "#b:x.org"\n}'],
    ['to four blanks', '{\n    "a": [],\n}', '{\n    "a": [],\n    "g": "#b:x.org",\n}'],
    ['to CRLF', '{\r\n  "a": []\r\n}\r\n', '{\r\n  "a": [],\r\n  "g": "#b:x.org"\r\n}\r\n'],
    ['behind a mark', '\uFEFF{\n  "a": []\n}', '\uFEFF{\n  "a": [],\n  "g": "#b:x.org"\n}'],
    [
      'behind a remark',
      '{\n  "a": [] // why\n  // the end\n}',
      '{\n  "a": [], // why\n  "g": "#b:x.org"\n  // the end\n}',
    ],
    [
      'behind a comma and a remark',
      '{\n  "a": [], /* 1 */ // 2\n}',
      '{\n  "a": [], /* 1 */ // 2\n  "g": "#b:x.org",\n}',
    ],
    [
      'behind a remark and a comma',
      '{\n  "a": [] /* 1 */,\n}',
      '{\n  "a": [] /* 1 */,\n  "g": "#b:x.org",\n}',
    ],
    ['a second room', '{\n  "g": "#a:x.org" // why\n}', '{\n  "g": ["#a:x.org", "#b:x.org"] // why\n}'],
    [
      'behind a comment of several lines',
      '{\n  "a": [] /* 1\n 2 */\n}',
      '{\n  "a": [], /* 1\n 2 */\n  "g": "#b:x.org"\n}',
    ],
    ['beside a right', '{"g": {"admin": true}}', '{"g": [{"admin": true}, "#b:x.org"]}'],
    ['before blanks', '{\n  "a": []  \n}', '{\n  "a": [],\n  "g": "#b:x.org"  \n}'],
    [
      'to a list far to the right, with a comment',
      '{\n    "g": [\n        // none\n    ]\n}',
      '{\n    "g": [\n        // none\n        "#b:x.org"\n    ]\n}',
    ],
    [
      'to an object far to the right',
      '{\n    "g": {\n        "room": "#a:x.org"\n    }\n}',
      '{\n    "g": [\n        {\n            "room": "#a:x.org"\n        },\n        "#b:x.org"\n    ]\n}',
    ],
    ['to an empty list', '{"g": []}', '{"g": ["#b:x.org"]}'],
    ['to a list with a comment', '{"g": [\n  // none\n]}', '{"g": [\n  // none\n  "#b:x.org"\n]}'],
    ['to a list in a line', '{"g": ["#a:x.org" /* a */]}', '{"g": ["#a:x.org", "#b:x.org" /* a */]}'],
    [
      'to a list in lines',
      '{\n  "g": [\n    "#a:x.org" // a\n  ],\n}',
      '{\n  "g": [\n    "#a:x.org", // a\n    "#b:x.org"\n  ],\n}',
    ],
    [
      'to an object in a line',
      '{ "g": { "room": "#a:x.org" } }',
      '{ "g": [{ "room": "#a:x.org" }, "#b:x.org"] }',
    ],
    [
      'to an object in lines',
      '{\r\n\t"g": {\r\n\t\t"room": "#a:x.org" // a\r\n\t}\r\n}',
      '{\r\n\t"g": [\r\n\t\t{\r\n\t\t\t"room": "#a:x.org" // a\r\n\t\t},\r\n\t\t"#b:x.org"\r\n\t]\r\n}',
    ],
  ])('keeps what is there: %s', (_, before, after) => {
    expect(textOf(addToMap(before, 'g', B))).toBe(after);
    expect(parseGroupMap(after).rules.at(-1)?.targets.at(-1)?.room).toBe('#b:x.org');
  });

  it('takes a group with a dollar at its end for one', () => {
    expect(textOf(addToMap('{}', 'g$', B))).toBe('{\n  "g$": "#b:x.org"\n}');
  });

  it('writes the fields that are given', () => {
    const target = { ...B, mode: 'additive', leave: undefined, powerLevel: 50 };

    expect(textOf(addToMap('{"g": "#a:x.org"}', 'g', target))).toBe(
      '{"g": ["#a:x.org", { "room": "#b:x.org", "mode": "additive", "powerLevel": 50 }]}',
    );
  });

  it('knows a group by its name in any case, and keeps how it is written', () => {
    expect(textOf(addToMap('{"name:Ops": "#a:x.org"}', 'NAME: ops ', B))).toBe(
      '{"name:Ops": ["#a:x.org", "#b:x.org"]}',
    );
  });

  it.each([
    ['{"g": "#b:x.org"}', B, '"g" has #b:x.org already, in line 1.'],
    [
      '{"g": {"room": "#b:x.org", "mode": "additive", "powerLevel": 5}}',
      B,
      '"g" has #b:x.org already, in line 1.',
    ],
    ['{"g": "%23b:x.org"}', B, '"g" has #b:x.org already, in line 1.'],
    [
      '{"g": ["#a:x.org",\n{"room": "#b:x.org", "powerLevel": 5}]}',
      { ...B, powerLevel: 5 },
      '"g" has #b:x.org already, in line 2.',
    ],
  ])('finds %s as it should be', (text, target, already) => {
    expect(addToMap(text, 'g', target)).toEqual({ already });
  });

  it.each([
    ['g', { room: 'general' }, /^"general" is not a room: write an alias/],
    ['g', { ...B, mode: 'all' }, /^"mode" must be "granted"/],
    ['g', { ...B, powerLevel: 'high' }, /^"powerLevel" must be a whole number from 0 to 100, not "high"/],
    ['name: ', B, /^the display name of the group is missing/],
    ['$schema', B, /^"\$schema" is no group: write its external id/],
    [' g', B, /has blanks around it/],
    [
      'a',
      { room: '#a:x.org', mode: 'additive' },
      /^"a" has #a:x\.org already, in line 1, with another "mode": change it there$/,
    ],
    [
      'a',
      { room: '#a:x.org', mode: 'additive', leave: 'undone', powerLevel: 1 },
      /, with another "mode" and "leave" and "powerLevel": change it there$/,
    ],
    ['g$', { room: 'x', mode: 'x' }, /^"x" is not a room: .*\n"mode" must be/],
  ])('refuses %j with %j', (key, target, refused) => {
    expect(addToMap('{"$schema": "s", "a": "#a:x.org"}', key, target)).toEqual({
      refused: expect.stringMatching(refused),
    });
  });
});

describe('removing from a group map', () => {
  it.each([
    ['the only group', '{"g": "#b:x.org"}', '{}'],
    ['the only group of lines', '{\n  "g": "#b:x.org"\n}\n', '{\n}\n'],
    ['the first', '{ "g": [], "a": [] }', '{ "a": [] }'],
    ['the last', '{ "a": [], "g": [] }', '{ "a": [] }'],
    ['the last before a comma', '{ "a": [], "g": [], }', '{ "a": [], }'],
    ['a line', '{\n  "a": [],\n  "g": [], // why\n  "b": []\n}', '{\n  "a": [],\n  "b": []\n}'],
    ['the last line', '{\n  "a": [], // a\n  "g": []\n}', '{\n  "a": [] // a\n}'],
    ['lines', '{\n  "g": [\n    "#b:x.org"\n  ],\n  "b": []\n}', '{\n  "b": []\n}'],
    ['a paragraph', '{\n  "a": [],\n\n  "g": [],\n\n  "b": []\n}', '{\n  "a": [],\n\n  "b": []\n}'],
    [
      'the first line of a paragraph',
      '{\n  "a": [],\n\n  "g": [],\n  "b": []\n}',
      '{\n  "a": [],\n\n  "b": []\n}',
    ],
    ['the last paragraph', '{\n  "a": [],\n\n  "g": []\n}', '{\n  "a": []\n}'],
    [
      'a paragraph of CRLF',
      '{\r\n  "a": [],\r\n  "g": [],\r\n\r\n  "b": []\r\n}',
      '{\r\n  "a": [],\r\n\r\n  "b": []\r\n}',
    ],
    [
      'what comments are about',
      '{\n  // of g\n  "g": [],\n  // of b\n  "b": []\n}',
      '{\n  // of g\n  // of b\n  "b": []\n}',
    ],
    ['before a bracket', '{\n  "a": [],\n  "g": [] }', '{\n  "a": []\n }'],
    ['before another one in its line', '{\n  "a": [],\n  "g": [], "b": []\n}', '{\n  "a": [],\n  "b": []\n}'],
    ['before many blanks', '{ "g": [],   "a": [] }', '{ "a": [] }'],
    ['behind many blanks', '{ "a": [],   "g": [] }', '{ "a": [] }'],
    ['behind a mark', '\uFEFF{"a": [], "g": []}', '\uFEFF{"a": []}'],
  ])('takes a group out: %s', (_, before, after) => {
    expect(textOf(removeFromMap(before, 'g', undefined))).toBe(after);
    expect(senseOf(after)).toEqual(
      senseOf(before).filter(({ group }) => !('id' in group && group.id === 'g')),
    );
  });

  it.each([
    ['the last room with its group', '{"a": [], "g": "#b:x.org"}', '{"a": []}'],
    ['the last of a list with its group', '{"a": [], "g": ["#b:x.org"]}', '{"a": []}'],
    ['the first of a list', '{"g": ["#b:x.org", "#a:x.org"]}', '{"g": ["#a:x.org"]}'],
    ['the last of a list', '{"g": ["#a:x.org", /* b */ "#b:x.org"]}', '{"g": ["#a:x.org" /* b */]}'],
    [
      'an object',
      '{"g": ["#a:x.org", {"room": "%23b:x.org"}, "#c:x.org"]}',
      '{"g": ["#a:x.org", "#c:x.org"]}',
    ],
    [
      'the last paragraph of a list',
      '{\n  "g": [\n    "#a:x.org",\n\n    "#b:x.org"\n  ]\n}',
      '{\n  "g": [\n    "#a:x.org"\n  ]\n}',
    ],
    ['what stands behind a right', '{"g": [{"admin": true}, "#b:x.org"]}', '{"g": [{"admin": true}]}'],
    ['what stands before a right', '{"g": ["#b:x.org", {"admin": true}]}', '{"g": [{"admin": true}]}'],
    [
      'a line of a list',
      '{\n\t"g": [\n\t\t"#a:x.org",\n\t\t"#b:x.org" // why\n\t]\n}',
      '{\n\t"g": [\n\t\t"#a:x.org"\n\t]\n}',
    ],
  ])('takes a room out: %s', (_, before, after) => {
    expect(textOf(removeFromMap(before, 'g', '#b:x.org'))).toBe(after);
  });

  it.each([
    ['h', undefined, 'the map has no group "h": did you mean "g"?'],
    [
      'ops',
      undefined,
      'the map has no group "ops": "name:ops" is a group by its display name, and "ops" one by its external id',
    ],
    ['something', undefined, 'the map has no group "something": there is "g", "name:Ops", "root"'],
    ['g', '#b:x.org', '"g" has no room #b:x.org: did you mean "#a:x.org"?'],
    [
      'g',
      'b',
      '"b" is not a room: write an alias such as "#general:example.com" or a room id such as "!abc:example.com"',
    ],
    ['name:Ops', '#b:x.org', '"name:Ops" has no room #b:x.org'],
    ['root', '#b:x.org', '"root" has no room #b:x.org'],
  ])('refuses %j %j', (key, room, refused) => {
    expect(removeFromMap(MAP, key, room)).toEqual({ refused });
  });

  it('names the groups that there are, if they are few', () => {
    const groups = (count: number) =>
      JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, index) => [`group${index}`, []])));
    expect(removeFromMap(groups(5), 'x', undefined)).toEqual({
      refused: 'the map has no group "x": there is "group0", "group1", "group2", "group3", "group4"',
    });
    expect(removeFromMap(groups(6), 'x', undefined)).toEqual({ refused: 'the map has no group "x"' });
    expect(removeFromMap('{}', 'x', undefined)).toEqual({ refused: 'the map has no group "x"' });
  });

  it('takes a schema for no group', () => {
    expect(removeFromMap('{"$schema": "s"}', '$schema', undefined)).toEqual({
      refused: 'the map has no group "$schema"',
    });
    expect(textOf(removeFromMap('{"$schema": "s", "g": "#a:x.org", "h": []}', 'g', '#a:x.org'))).toBe(
      '{"$schema": "s", "h": []}',
    );
  });
});

describe('adding and removing', () => {
  const items = ['"#a:x.org"', '{"room":"!c",\n"mode":"additive"}'];
  const gaps = ['', ' ', '\n  ', '\r\n\t', ' // note\n', ' /* note */ ', '\n\n  // note\n  '];
  const texts = gaps.flatMap((before) =>
    gaps.flatMap((after) =>
      ['', ','].flatMap((comma) =>
        [[], ...items.map((item) => [item]), items].map(
          (list) =>
            `{${before}"a": []${after},${before}"g": [${before}${list.join(`${after},${before}`)}${after}${list.length > 0 ? comma : ''}${after}]${after}${comma}${after}}`,
        ),
      ),
    ),
  );

  it('undo each other, however the file is written', () => {
    for (const text of texts) {
      const sense = senseOf(text);
      const added = textOf(addToMap(text, 'g', B));
      expect(textOf(addToMap(added, 'g', B))).toContain('already');
      const isAlone = parseGroupMap(added).rules[1]?.targets.length === 1;
      const removed = textOf(removeFromMap(added, 'g', '#b:x.org'));
      expect(senseOf(removed), text).toEqual(isAlone ? [sense[0]] : sense);

      const more = textOf(addToMap(text, 'name:new', { ...B, mode: 'granted' }));
      expect(senseOf(textOf(removeFromMap(more, 'name:NEW', undefined))), text).toEqual(sense);
      expect(senseOf(textOf(removeFromMap(text, 'a', undefined))), text).toEqual([sense[1]]);
      expect(senseOf(textOf(removeFromMap(text, 'g', undefined))), text).toEqual([sense[0]]);
    }
  });
});
