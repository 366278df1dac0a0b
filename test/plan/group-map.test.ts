import { readFileSync } from 'node:fs';
import { parse } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { foldName, GroupMapError, renderProblems } from '../../src/plan/group-map.ts';
import { FIELDS } from '../../src/plan/group-map-fields.ts';
import { parseGroupMap } from '../../src/plan/group-map-parse.ts';
import { isValid } from '../support/json-schema.ts';

/** The rules of a valid map, each target as `room mode`. */
function rulesOf(text: string): unknown[] {
  return parseGroupMap(text).rules.map(({ group, targets }) => [
    group,
    targets.map(({ room, mode }) => `${room} ${mode}`),
  ]);
}

/** The problems of a text as `line:column message`. */
function problemsOf(text: string): string[] {
  try {
    parseGroupMap(text);
  } catch (error) {
    if (!(error instanceof GroupMapError)) throw error;
    return error.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
  }
  return [];
}

function targetsOf(text: string) {
  return parseGroupMap(text).rules.flatMap(({ targets }) => targets);
}

/** What `"create": true` makes. */
const plain = {
  name: undefined,
  topic: undefined,
  isSpace: false,
  isPrivate: true,
  isEncrypted: false,
  parent: undefined,
};

const goodRoom = 'an alias such as "#general:example.com" or a room id such as "!abc:example.com"';

describe('group map', () => {
  it('knows groups by external id, by display name, and everybody', () => {
    const text = '{"2cf0": "#a:x.org", "name: The Ops ": ["#b:x.org", "!c:x.org"], "*": []}';

    const rules = rulesOf(text);

    expect(rules).toEqual([
      [{ kind: 'external-id', id: '2cf0' }, ['#a:x.org granted']],
      [{ kind: 'name', name: 'The Ops' }, ['#b:x.org granted', '!c:x.org granted']],
      [{ kind: 'everybody' }, []],
    ]);
  });

  it('takes for a name only what begins as one', () => {
    expect(rulesOf('{"my name:x": []}')).toEqual([[{ kind: 'external-id', id: 'my name:x' }, []]]);
  });

  it('takes a room alone by the gentle rules', () => {
    expect(targetsOf('{"g":\n  "#a:x.org"}')).toEqual([
      {
        room: '#a:x.org',
        mode: 'granted',
        leave: 'allowed',
        powerLevel: undefined,
        children: 'none',
        create: undefined,
        limit: undefined,
        words: undefined,
        place: { line: 2, column: 3 },
      },
    ]);
  });

  it('takes a room as an object with all its fields', () => {
    const target = {
      room: '#a:x.org',
      mode: 'exclusive',
      leave: 'undone',
      powerLevel: 50,
      children: ['#b:x.org', '%21c:x.org'],
      create: {
        name: ' A ',
        topic: 'About',
        space: true,
        private: false,
        encrypted: true,
        parent: '#p:x.org',
      },
      limit: { percent: 10, count: 0 },
      words: { added: ' Hello\nAnn ', removed: 'Bye' },
    };

    expect(targetsOf(JSON.stringify({ g: ['#first:x.org', target] }))[1]).toEqual({
      room: '#a:x.org',
      mode: 'exclusive',
      leave: 'undone',
      powerLevel: 50,
      children: ['#b:x.org', '!c:x.org'],
      create: {
        name: 'A',
        topic: 'About',
        isSpace: true,
        isPrivate: false,
        isEncrypted: true,
        parent: '#p:x.org',
      },
      limit: { percent: 10, count: 0 },
      words: { added: 'Hello\nAnn', removed: 'Bye' },
      place: { line: 1, column: 22 },
    });
  });

  it.each([
    ['"mode": "additive"', { mode: 'additive' }],
    ['"powerLevel": 0', { powerLevel: 0 }],
    ['"children": "all"', { children: 'all' }],
    ['"create": true', { create: plain }],
    ['"create": {}', { create: plain }],
    ['"create": {"private": false}', { create: { ...plain, isPrivate: false } }],
    [`"create": {"name": "${'x'.repeat(255)}"}`, { create: { ...plain, name: 'x'.repeat(255) } }],
    ['"children": ["!b"], "create": {"space": true}', { create: { ...plain, isSpace: true } }],
    ['"limit": "none"', { limit: { percent: 100, count: 0 } }],
    ['"limit": {"percent": 0}', { limit: { percent: 0 } }],
    ['"limit": {"count": 100000}', { limit: { count: 100_000 } }],
    ['"words": {"added": "Hi"}', { words: { added: 'Hi', removed: undefined } }],
    [
      `"words": {"removed": "${'é'.repeat(1000)}"}`,
      { words: { added: undefined, removed: 'é'.repeat(1000) } },
    ],
  ])('reads %s', (fields, expected) => {
    expect(targetsOf(`{"g": {"room": "#a:x.org", ${fields}}}`)[0]).toMatchObject(expected);
  });

  it.each([
    ['%23a:x.org', '#a:x.org'],
    ['%23a%3Ax.org', '#a:x.org'],
    ['%21a:x.org', '!a:x.org'],
    ['#100%25:x.org', '#100%25:x.org'],
    ['#a%23b:x.org', '#a%23b:x.org'],
    ['!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM', '!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM'],
    ['#a:[::1]:8448', '#a:[::1]:8448'],
  ])('reads the room %s as %s', (written, room) => {
    expect(parseGroupMap(JSON.stringify({ g: written })).rules[0]?.targets[0]?.room).toBe(room);
  });

  it.each([
    ['an empty object', '{}'],
    ['only a schema', '{"$schema": "./group-map.schema.json"}'],
    ['comments', '// nothing\n{ /* yet */ }'],
    ['a byte order mark', '\uFEFF{}'],
  ])('has no rules in %s', (_, text) => {
    expect(parseGroupMap(text)).toEqual({ rules: [] });
  });

  it('tolerates comments and trailing commas', () => {
    const text = '{\n  // a\n  "g": ["#a:x.org", /* b */ "#b:x.org",],\n}';

    expect(rulesOf(text)).toEqual([
      [{ kind: 'external-id', id: 'g' }, ['#a:x.org granted', '#b:x.org granted']],
    ]);
  });

  it('leaves to the settings what a limit does not say', () => {
    const limits = targetsOf(
      '{"g": [{"room": "!a", "limit": {"count": 3}}, {"room": "!b", "limit": {"percent": 3}}]}',
    ).map(({ limit }) => ({ percent: 20, count: 5, ...limit }));

    expect(limits).toEqual([
      { percent: 20, count: 3 },
      { percent: 3, count: 5 },
    ]);
  });

  it('allows one room in several groups with the same mode', () => {
    expect(problemsOf('{"g": "#a:x.org", "h": "#a:x.org"}')).toEqual([]);
  });

  it.each([
    ['Engineering', ' engineering ', true],
    ['Zoe\u0308', 'ZOË', true],
    ['Engineering', 'Engineers', false],
  ])('compares the display names %j and %j', (a, b, same) => {
    expect(foldName(a) === foldName(b)).toBe(same);
  });

  it('finds the shipped example valid', () => {
    const text = readFileSync(new URL('../../group-map.example.jsonc', import.meta.url), 'utf8');

    expect(rulesOf(text)).toHaveLength(6);
  });
});

describe('group map syntax', () => {
  it.each([
    ['', '1:1 nothing is here: a map without rules is {}'],
    [' \n ', '1:1 nothing is here: a map without rules is {}'],
    ['// only this', '1:13 a value is expected here'],
    ['{"a": }', '1:7 a value is expected here'],
    ['{\n  "a" []}', '2:7 a colon is missing before this'],
    ['{"a": []\n  "b": []}', '2:3 a comma is missing before this'],
    ['{a: []}', '1:2 this is not JSON: keys and texts stand in double quotes'],
    ["{'a': []}", '1:2 this is not JSON: keys and texts stand in double quotes'],
    ['{[]: 1}', '1:2 a key in double quotes is expected here'],
    ['{"a": []', '1:9 a closing } is missing here'],
    ['{"a": [', '1:8 a closing ] is missing here'],
    ['{} {}', '1:4 nothing may follow the end of the map'],
    ['{} /* open', '1:4 this comment is not closed: */ is missing'],
    ['{"a": "#a:x.org', '1:7 this text is not closed: a double quote is missing'],
    ['{"a": 1.}', '1:7 this number is not complete'],
    ['{"a": "\\u12"}', '1:7 four hexadecimal digits must follow \\u in this text'],
    ['{"a": "\\q"}', '1:7 this text has a backslash before a letter that JSON does not know'],
    ['{"a": "\t"}', '1:7 this text has a control character, such as a tab, that JSON does not allow'],
  ])('says where %j is broken', (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  it('says of each line what is broken first', () => {
    expect(problemsOf('{\n"a" [],\n"b" []\n}')).toEqual([
      '2:5 a colon is missing before this',
      '3:5 a colon is missing before this',
    ]);
  });

  it('keeps a mark that does not stand first', () => {
    expect(rulesOf('{"a\uFEFFb": []}')).toEqual([[{ kind: 'external-id', id: 'a\uFEFFb' }, []]]);
  });

  it('makes server admins where an entry says so, and by no other', () => {
    const text =
      '{"g": ["#a:x.org",\n {"admin": true}], "h": {"admin": true}, "i": {"admin": false}, "*": []}';

    const rules = parseGroupMap(text).rules.map(({ targets, admin }) => [targets.length, admin]);

    expect(rules).toEqual([
      [1, { line: 2, column: 2 }],
      [0, { line: 2, column: 25 }],
      [0, undefined],
      [0, undefined],
    ]);
  });

  it.each([
    [
      '{"*": ["#a:x.org", {"admin": true}]}',
      '1:20 "*" can\'t have "admin": everybody would be a server admin. Write it at a group of few people',
    ],
    ['{"g": {"admin": 1}}', '1:17 "admin" must be true or false, not 1'],
    ['{"g": [{"admin": true},\n{"admin": false}]}', '2:1 this group has "admin" already, in line 1'],
    [
      '{"g": {"admin": true, "rooms": []}}',
      '1:23 "rooms" can\'t stand beside "admin": write [{ "admin": true }, "#general:example.com"]',
    ],
    [
      '{"g": {"room": "#a:x.org", "admin": true}}',
      '1:28 "admin" is about the homeserver and not about a room: write { "admin": true } beside the room',
    ],
    ['{"g": {"admin": true, "admin": false}}', '1:23 "admin" is there already, in line 1'],
  ])('says what is wrong with the server admins of %j', (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  it('lets "*" say that it makes nobody a server admin', () => {
    expect(problemsOf('{"*": {"admin": false}}')).toEqual([]);
  });

  it('counts lines whatever ends them', () => {
    expect(problemsOf('{\r\n"a": 1,\r"b": 2,\n "c": 3}').map((problem) => problem.slice(0, 3))).toEqual([
      '2:6',
      '3:6',
      '4:7',
    ]);
  });

  it('reports the syntax and the sense of a text together, in its order', () => {
    const text = '{\n  "a": "general",\n  "b": ["#b:x.org" "c"],\n  "": []\n}';

    expect(problemsOf(text)).toEqual([
      `2:8 "general" is not a room: write ${goodRoom}`,
      '3:20 a comma is missing before this',
      '4:3 this key is empty: write the external id of a group, "name:" and its display name, or "*"',
    ]);
  });
});

const roomFields = '"room", "mode", "leave", "powerLevel", "children", "create", "limit" and "words"';

describe('group map sense', () => {
  it.each([
    ['[]', '1:1 a group map is an object { "group": rooms, … }, not []'],
    ['"#a:x.org"', '1:1 a group map is an object { "group": rooms, … }, not "#a:x.org"'],
    ['{"g": [],\n "g": []}', '2:2 "g" is there already, in line 1'],
    ['{"name:Ops": [],\n "NAME: ops": []}', '2:2 "NAME: ops" is there already, in line 1'],
    [
      '{" ": []}',
      '1:2 this key is empty: write the external id of a group, "name:" and its display name, or "*"',
    ],
    ['{"name: ": []}', '1:2 the display name of the group is missing after "name:"'],
    ['{"$shema": []}', '1:2 "$shema" is not a key: the only one with a dollar sign is "$schema"'],
    ['{" g": []}', '1:2 " g" has blanks around it, which no group\'s id has'],
    ['{"g": ["#a:x.org",\n"#a:x.org"]}', '2:1 this group has #a:x.org already, in line 1'],
    ['{"g": ["#a:x.org",\n"%23a:x.org"]}', '2:1 this group has #a:x.org already, in line 1'],
    [
      '{"g": "#a:x.org",\n"h": {"room": "#a:x.org", "mode": "additive"}}',
      '2:6 #a:x.org has the mode "additive" here and "granted" in line 1: choose one',
    ],
    [
      '{"g": {"room": "#a:x.org", "mode": "exclusive"},\n"h": "#a:x.org",\n"*": "#a:x.org"}',
      '2:6 #a:x.org has the mode "granted" here and "exclusive" in line 1: choose one',
      '3:6 #a:x.org has the mode "granted" here and "exclusive" in line 1: choose one',
    ],
    [
      '{"g": {"room": "#a:x.org", "create": true},\n"h": {"room": "#a:x.org", "create": {"name": "A"}}}',
      '2:37 #a:x.org has another "create" in line 1: write the same in both places, or in one of them only',
    ],
    [
      '{"g": {"room": "#a:x.org", "limit": "none"},\n"h": {"room": "#a:x.org", "limit": {"count": 1}}}',
      '2:36 #a:x.org has another "limit" in line 1: choose one, or write it in one of the places only',
    ],
    [
      '{"g": {"room": "#a:x.org", "words": {"added": "A"}},\n"h": {"room": "#a:x.org", "words": {"added": "B"}}}',
      '2:36 #a:x.org has another "words" in line 1: write the same in both places, or in one of them only',
    ],
    [
      '{"g": {"room": "#a:x.org", "create": true},\n"h": {"room": "#a:x.org", "children": "all"}}',
      '2:39 "children" needs a space, and #a:x.org is made in line 1 as a room: write "create": { "space": true } there',
    ],
    [
      '{"g": {"room": "#a:x.org", "create": true},\n"h": {"room": "#b:x.org", "create": {"parent": "#a:x.org"}}}',
      '2:37 "parent" needs a space, and #a:x.org is made in line 1 as a room: write "create": { "space": true } there',
    ],
    [
      '{"g": [{"room": "#a:x.org", "create": {"space": true, "parent": "#b:x.org"}},\n{"room": "#b:x.org", "create": {"space": true, "parent": "#a:x.org"}}]}',
      '1:39 #a:x.org is made in #b:x.org is made in #a:x.org: leave out one "parent"',
    ],
  ])('refuses %s', (text, ...problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });

  it.each([
    ['leaves', '"leave": "undone"'],
    ['power levels', '"powerLevel": 50'],
    ['children', '"children": "all"'],
    ['a limit in one place', '"limit": "none"'],
    ['words in one place', '"words": {"added": "Hi"}'],
    ['a room that is made in one place', '"create": true'],
  ])('lets two groups of one room have other %s', (_, field) => {
    expect(problemsOf(`{"g": {"room": "#a:x.org", ${field}}, "h": "#a:x.org"}`)).toEqual([]);
  });

  it('lets a room be made the same in two places, and in a tree of spaces', () => {
    const space = { room: '#s:x.org', create: { space: true } };
    const room = { room: '#r:x.org', create: { parent: '#s:x.org' } };

    expect(problemsOf(JSON.stringify({ g: [room, space], h: [space, room] }))).toEqual([]);
  });

  it.each(['"general"', '"@ann:x.org"', '"#general"', '"%23%ZZ:x.org"', '""', '5', 'null', '["#a:x.org"]'])(
    'says what a room looks like in the place of %s',
    (room) => {
      expect(problemsOf(`{"g": [${room}]}`)).toEqual([`1:8 ${room} is not a room: write ${goodRoom}`]);
    },
  );

  it('quotes the beginning of something long, and all of what is not', () => {
    const [problem] = problemsOf(`{"g": "${'x'.repeat(300)}"}`);
    const [whole] = problemsOf(`{"g": "${'x'.repeat(58)}"}`);

    expect(problem).toBe(`1:7 "${'x'.repeat(59)}… is not a room: write ${goodRoom}`);
    expect(whole).toBe(`1:7 "${'x'.repeat(58)}" is not a room: write ${goodRoom}`);
  });

  it('names the line of the field, where that is what contradicts', () => {
    const limited =
      '{"g": {"room": "#a:x.org",\n"limit": {"count": 1}},\n"h": {"room": "#a:x.org", "limit": {"count": 2}}}';
    expect(problemsOf(limited)).toEqual([
      expect.stringMatching(/^3:36 #a:x\.org has another "limit" in line 2: /),
    ]);
    const made = '{"g": {"room": "#a:x.org",\n"create": {}},\n"h": {"room": "#a:x.org", "children": "all"}}';
    expect(problemsOf(made)).toEqual([
      '3:39 "children" needs a space, and #a:x.org is made in line 2 as a room: write "create": { "space": true } there',
    ]);
  });

  it('says nothing more of a parent and a room that are both none', () => {
    expect(problemsOf('{"g": {"room": "a", "create": {"parent": "p"}}}')).toEqual([
      `1:16 "a" is not a room: write ${goodRoom}`,
      `1:42 "p" is not a room: write ${goodRoom}`,
    ]);
  });

  it('quotes lines as one', () => {
    expect(problemsOf('{"g": {"room": [\n\n    5\n  ]}}')).toEqual([
      `1:16 [ 5 ] is not a room: write ${goodRoom}`,
    ]);
  });

  it('reports what is wrong in one line from left to right', () => {
    const text = '{"b": {"room": "#a:x.org", "mode": "x", "leave": 5, "colour": 1}, "": []}';
    expect(problemsOf(text).map((problem) => problem.slice(0, 4))).toEqual(['1:36', '1:50', '1:53', '1:67']);
  });

  it('reports all that is wrong in one room at once', () => {
    const text =
      '{"g": {"room": 5,\n"mode": 5,\n"leave": 5,\n"children": 5,\n"create": 5,\n"limit": 5,\n"words": 5}}';
    expect(problemsOf(text).map((problem) => problem.slice(0, 2))).toEqual([
      '1:',
      '2:',
      '3:',
      '4:',
      '5:',
      '6:',
      '7:',
    ]);
  });

  it.each([
    ['{"mode": "granted"}', `1:7 "room" is missing: ${goodRoom}`],
    ['{"room": "a"}', `1:16 "a" is not a room: write ${goodRoom}`],
    ['{"room": "#a:x.org", "romm": 1}', '1:28 "romm" is not a field: did you mean "room"?'],
    ['{"room": "#a:x.org", "powerlevel": 1}', '1:28 "powerlevel" is not a field: did you mean "powerLevel"?'],
    ['{"room": "#a:x.org", "child": 1}', `1:28 "child" is not a field: a room has ${roomFields}`],
    ['{"room": "#a:x.org", "colour": 1}', `1:28 "colour" is not a field: a room has ${roomFields}`],
    ['{"room": "#a:x.org", "name": "A"}', '1:28 "name" belongs into "create": write "create": { "name": … }'],
    ['{"room": "#a:x.org", "count": 3}', '1:28 "count" belongs into "limit": write "limit": { "count": … }'],
    ['{"room": "#a:x.org", "room": "#a:x.org"}', '1:28 "room" is there already, in line 1'],
    [
      '{"room": "#a:x.org", "mode": "grant"}',
      '1:36 "mode" must be "granted", "additive" or "exclusive", not "grant"',
    ],
    [
      '{"room": "#a:x.org", "mode": null}',
      '1:36 "mode" must be "granted", "additive" or "exclusive", not null',
    ],
    ['{"room": "#a:x.org", "leave": true}', '1:37 "leave" must be "allowed" or "undone", not true'],
    ...['101', '-1', '0.5', '"50"', 'null', 'true', '[5]'].map((level) => [
      `{"room": "#a:x.org", "powerLevel": ${level}}`,
      `1:42 "powerLevel" must be a whole number from 0 to 100, not ${level}`,
    ]),
    ...['[]', '"#b:x.org"', '"none"', 'true', 'null', '{"a": 1}'].map((children) => [
      `{"room": "#a:x.org", "children": ${children}}`,
      `1:40 "children" must be "all" or a list of at least one room, not ${children}`,
    ]),
    ['{"room": "#a:x.org", "children": ["b"]}', `1:41 "b" is not a room: write ${goodRoom}`],
    ['{"room": "#a:x.org", "children": ["!b",\n"%21b"]}', '2:1 !b is there already, in line 1'],
    [
      '{"room": "#a:x.org", "children": ["#a:x.org"]}',
      '1:41 #a:x.org is the space itself: "children" are the rooms in it',
    ],
    [
      '{"room": "!a:x.org", "create": true}',
      '1:38 "create" needs an alias as "room", such as "#general:example.com": a room has no id before it is made',
    ],
    ...['false', 'null', '"A"', '[]'].map((create) => [
      `{"room": "#a:x.org", "create": ${create}}`,
      `1:38 "create" must be true or { "name": …, "topic": …, "space": …, "private": …, "encrypted": …, "parent": … }, not ${create}`,
    ]),
    ...['""', '" "', '5', 'null'].map((name) => [
      `{"room": "#a:x.org", "create": {"name": ${name}}}`,
      `1:47 "name" must be a text of 1 to 255 characters: this is ${name}`,
    ]),
    [
      `{"room": "#a:x.org", "create": {"name": "${'x'.repeat(256)}"}}`,
      '1:47 "name" must be a text of 1 to 255 characters: this has 256 characters',
    ],
    [
      '{"room": "#a:x.org", "create": {"topic": ""}}',
      '1:48 "topic" must be a text of 1 to 1000 characters: this is ""',
    ],
    ...['space', 'private', 'encrypted'].map((flag) => [
      `{"room": "#a:x.org", "create": {\n"${flag}":1}}`,
      `2:${flag.length + 4} "${flag}" must be true or false, not 1`,
    ]),
    ['{"room": "#a:x.org", "create": {"parent": "p"}}', `1:49 "p" is not a room: write ${goodRoom}`],
    [
      '{"room": "#a:x.org", "create": {"parent": "#a:x.org"}}',
      '1:49 #a:x.org can\'t be its own "parent": name the space that it becomes a room of',
    ],
    ['{"room": "#a:x.org", "create": {"nam": "A"}}', '1:39 "nam" is not a field: did you mean "name"?'],
    ['{"room": "#a:x.org", "create": {"mode": 1}}', '1:39 "mode" belongs beside "create", not into it'],
    [
      '{"room": "#a:x.org", "create": {"colour": 1}}',
      '1:39 "colour" is not a field: "create" has "name", "topic", "space", "private", "encrypted" and "parent"',
    ],
    ...['{}', '5', '"Hi"', 'null', '[]'].map((words) => [
      `{"room": "#a:x.org", "words": ${words}}`,
      `1:37 "words" must be { "added": "…", "removed": "…" }, or one of these two fields, not ${words}`,
    ]),
    ...['5', '" "', 'null', '[]'].map((word) => [
      `{"room": "#a:x.org", "words": {"removed": ${word}}}`,
      `1:49 "removed" must be a text of 1 to 1000 characters: this is ${word}`,
    ]),
    [
      `{"room": "#a:x.org", "words": {"added": "${'x'.repeat(1001)}"}}`,
      '1:47 "added" must be a text of 1 to 1000 characters: this has 1001 characters',
    ],
    [
      '{"room": "#a:x.org", "words": {"add": "Hi"}}',
      '1:38 "add" is not a field: "words" has "added" and "removed"',
    ],
    ...['{}', '5', '"all"', 'null', '[]'].map((limit) => [
      `{"room": "#a:x.org", "limit": ${limit}}`,
      `1:37 "limit" must be { "percent": 25, "count": 5 }, one of these two fields, or "none", not ${limit}`,
    ]),
    ...['-1', '101', '2.5', '"10"'].map((percent) => [
      `{"room": "#a:x.org", "limit": {"percent": ${percent}}}`,
      `1:49 "percent" must be a whole number from 0 to 100, not ${percent}`,
    ]),
    [
      '{"room": "#a:x.org", "limit": {"count": 100001}}',
      '1:47 "count" must be a whole number from 0 to 100000, not 100001',
    ],
    [
      '{"room": "#a:x.org", "limit": {"cent": 1}}',
      '1:38 "cent" is not a field: "limit" has "percent" and "count"',
    ],
    [
      '{"room": "#a:x.org", "children": "all", "create": true}',
      '1:40 "children" needs a space, and #a:x.org is made in line 1 as a room: write "create": { "space": true } there',
    ],
  ])('refuses the room %s', (room, problem) => {
    expect(problemsOf(`{"g": ${room}}`)).toEqual([problem]);
  });

  it('takes keys that objects have by themselves for what they are', () => {
    expect(rulesOf('{"__proto__": "#a:x.org", "constructor": "#a:x.org"}')).toHaveLength(2);
  });

  it('renders each problem with the file, the line and the column', () => {
    const problems = [
      { line: 2, column: 3, message: 'is wrong' },
      { line: 4, column: 1, message: 'is wrong too' },
    ];

    const rendered = renderProblems('map.jsonc', problems);

    expect(rendered).toBe('map.jsonc:2:3: is wrong\nmap.jsonc:4:1: is wrong too');
    expect(new GroupMapError(problems).message).toContain('group map:4:1: is wrong too');
    expect(new GroupMapError(problems).name).toBe('GroupMapError');
  });
});

describe('group map schema', () => {
  const schema = JSON.parse(readFileSync(new URL('../../group-map.schema.json', import.meta.url), 'utf8'));
  const accepts = (map: unknown): boolean => problemsOf(JSON.stringify(map)).length === 0;

  it.each([
    '$schema',
    '*',
    '2cf0',
    'cn=ops, ou=x',
    'name:Ops',
    'NAME: ops',
    'name',
    '',
    ' ',
    ' a',
    'a ',
    'name:',
    'name: ',
    '$x',
  ])('agrees with the parser on the key %j', (key) => {
    expect(new RegExp(schema.propertyNames.pattern).test(key)).toBe(accepts({ [key]: [] }));
  });

  it.each([
    '#a:x.org',
    '!a:x.org',
    '!a',
    '%23a:x.org',
    '%21a',
    '',
    '#a',
    'a',
    '@a:x.org',
    '# a:x.org',
    '%24a:x.org',
  ])('agrees with the parser on the room %j', (room) => {
    expect(new RegExp(schema.definitions.room.pattern).test(room)).toBe(accepts({ g: room }));
  });

  it('finds the shipped example valid, and knows each of its fields', () => {
    const text = readFileSync(new URL('../../group-map.example.jsonc', import.meta.url), 'utf8');
    const { target, create, limit, words } = schema.definitions;

    expect(isValid(schema, parse(text))).toBe(true);
    expect(Object.keys(target.properties)).toEqual([...FIELDS.room]);
    expect(Object.keys(create.oneOf[1].properties)).toEqual([...FIELDS.create]);
    expect(Object.keys(limit.oneOf[1].properties)).toEqual([...FIELDS.limit]);
    expect(Object.keys(words.properties)).toEqual([...FIELDS.words]);
    for (const field of Object.values(FIELDS).flat()) expect(text, field).toContain(`"${field}"`);
  });

  const judged: readonly (readonly [unknown, boolean])[] = [
    [5, false],
    [[], true],
    ['#a:x.org', true],
    [['#a:x.org', '#a:x.org'], false],
    [{}, false],
    [{ room: 5 }, false],
    [{ room: '#a:x.org', colour: 1 }, false],
    ...['granted', 'additive', 'exclusive', 'Granted', null].map((mode): [unknown, boolean] => [
      { room: '!a', mode },
      mode !== 'Granted' && mode !== null,
    ]),
    ...['allowed', 'undone', true].map((leave): [unknown, boolean] => [
      { room: '!a', leave },
      leave !== true,
    ]),
    ...[0, 100, -1, 101, 0.5, '5', null].map((powerLevel): [unknown, boolean] => [
      { room: '!a', powerLevel },
      powerLevel === 0 || powerLevel === 100,
    ]),
    [{ room: '!a', children: 'all' }, true],
    [{ room: '!a', children: ['#b:x.org', '%21c'] }, true],
    [{ room: '!a', children: 'none' }, false],
    [{ room: '!a', children: [] }, false],
    [{ room: '!a', children: ['!b', '!b'] }, false],
    [{ room: '!a', children: ['b'] }, false],
    [{ room: '#a:x.org', create: true }, true],
    [{ room: '%23a:x.org', create: {} }, true],
    [{ room: '#a:x.org', create: false }, false],
    [{ room: '!a', create: true }, false],
    [{ room: '%21a', create: true }, false],
    [
      { room: '#a:x.org', create: { name: 'A', topic: 'B', private: false, encrypted: true, parent: '!p' } },
      true,
    ],
    [{ room: '#a:x.org', create: { name: '' } }, false],
    [{ room: '#a:x.org', create: { name: ' ' } }, false],
    [{ room: '#a:x.org', create: { name: 'x'.repeat(256) } }, false],
    [{ room: '#a:x.org', create: { topic: 'x'.repeat(1001) } }, false],
    [{ room: '#a:x.org', create: { space: 1 } }, false],
    [{ room: '#a:x.org', create: { parent: 'p' } }, false],
    [{ room: '#a:x.org', create: { colour: 1 } }, false],
    [{ room: '#a:x.org', create: { space: true }, children: 'all' }, true],
    [{ room: '#a:x.org', create: { space: false }, children: 'all' }, false],
    [{ room: '#a:x.org', create: {}, children: 'all' }, false],
    [{ room: '#a:x.org', create: true, children: 'all' }, false],
    [{ room: '!a', limit: 'none' }, true],
    [{ room: '!a', limit: 'some' }, false],
    [{ room: '!a', limit: 5 }, false],
    [{ room: '!a', limit: {} }, false],
    [{ room: '!a', limit: { percent: 0 } }, true],
    [{ room: '!a', limit: { percent: 100, count: 100_000 } }, true],
    [{ room: '!a', limit: { percent: 101 } }, false],
    [{ room: '!a', limit: { count: 100_001 } }, false],
    [{ room: '!a', limit: { count: 0.5 } }, false],
    [{ room: '!a', limit: { colour: 1 } }, false],
    [{ room: '!a', words: { added: 'Hi', removed: 'Bye' } }, true],
    [{ room: '!a', words: { removed: 'Bye' } }, true],
    [{ room: '!a', words: {} }, false],
    [{ room: '!a', words: 'Hi' }, false],
    [{ room: '!a', words: { added: ' ' } }, false],
    [{ room: '!a', words: { added: 'x'.repeat(1001) } }, false],
    [{ room: '!a', words: { colour: 'red' } }, false],
    [{ admin: true }, true],
    [['#a:x.org', { admin: false }, '#b:x.org'], true],
    [[{ admin: true }, { admin: true }], false],
    [{ admin: 'true' }, false],
    [{ admin: null }, false],
    [{ admin: true, rooms: ['#a:x.org'] }, false],
    [{ room: '#a:x.org', admin: true }, false],
  ];

  it.each(judged)('agrees with the parser on the rooms %j', (rooms, isGood) => {
    expect([isValid(schema, { g: rooms }), accepts({ g: rooms })]).toEqual([isGood, isGood]);
  });

  it.each([
    ['mode', 'granted'],
    ['leave', 'allowed'],
  ] as const)('names the default of %s', (field, usual) => {
    const [target] = targetsOf('{"g": {"room": "#a:x.org"}}');

    expect(schema.definitions.target.properties[field].default).toBe(target?.[field]);
    expect(target?.[field]).toBe(usual);
  });

  it('names the defaults of "create"', () => {
    const [target] = targetsOf('{"g": {"room": "#a:x.org", "create": {}}}');
    const { create } = schema.definitions;
    const usual = (fields: Record<string, { default?: unknown }>) =>
      Object.fromEntries(Object.entries(fields).map(([name, { default: byDefault }]) => [name, byDefault]));

    expect(usual(create.oneOf[1].properties)).toEqual({
      space: target?.create?.isSpace,
      private: target?.create?.isPrivate,
      encrypted: target?.create?.isEncrypted,
    });
  });
});
