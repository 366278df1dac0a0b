import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { foldName, GroupMapError, renderProblems } from '../../src/plan/group-map.ts';
import { parseGroupMap } from '../../src/plan/group-map-parse.ts';

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

  it('takes a room as an object with a mode', () => {
    const text = '{"g": {"room": "#a:x.org", "mode": "additive", "leave": "allowed"}}';

    expect(parseGroupMap(text).rules[0]?.targets).toEqual([
      { room: '#a:x.org', mode: 'additive', leave: 'allowed' },
    ]);
  });

  it.each([
    ['%23a:x.org', '#a:x.org'],
    ['%23a%3Ax.org', '#a:x.org'],
    ['%21a:x.org', '!a:x.org'],
    ['#100%25:x.org', '#100%25:x.org'],
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

    expect(rulesOf(text)).toHaveLength(5);
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
  ])('refuses %s', (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  it.each(['"general"', '"@ann:x.org"', '"#general"', '"%23%ZZ:x.org"', '""', '5', 'null', '["#a:x.org"]'])(
    'says what a room looks like in the place of %s',
    (room) => {
      expect(problemsOf(`{"g": [${room}]}`)).toEqual([`1:8 ${room} is not a room: write ${goodRoom}`]);
    },
  );

  it('quotes the beginning of something long', () => {
    const [problem] = problemsOf(`{"g": "${'x'.repeat(300)}"}`);

    expect(problem).toBe(`1:7 "${'x'.repeat(59)}… is not a room: write ${goodRoom}`);
  });

  it.each([
    ['{"mode": "granted"}', `1:7 "room" is missing: ${goodRoom}`],
    ['{"room": "a"}', `1:16 "a" is not a room: write ${goodRoom}`],
    ['{"room": "#a:x.org", "romm": 1}', '1:28 "romm" is not a field: did you mean "room"?'],
    ['{"room": "#a:x.org", "powerlevel": 1}', '1:28 "powerlevel" is not a field: did you mean "powerLevel"?'],
    [
      '{"room": "#a:x.org", "colour": 1}',
      '1:28 "colour" is not a field: a room has "room", "mode" and "leave"',
    ],
    ['{"room": "#a:x.org", "room": "#a:x.org"}', '1:28 "room" is there already, in line 1'],
    ['{"room": "#a:x.org", "mode": "grant"}', '1:36 "mode" must be "granted" or "additive", not "grant"'],
    ['{"room": "#a:x.org", "mode": null}', '1:36 "mode" must be "granted" or "additive", not null'],
    [
      '{"room": "#a:x.org", "mode": "exclusive"}',
      '1:36 this version of Usher does not act on "mode": "exclusive" yet: write "mode": "granted", which removes those whom a group let in',
    ],
    ['{"room": "#a:x.org", "leave": true}', '1:37 "leave" must be "allowed", not true'],
    [
      '{"room": "#a:x.org", "leave": "undone"}',
      '1:37 this version of Usher does not act on "leave": "undone" yet: write "leave": "allowed", or leave it out',
    ],
    ...['101', '-1', '0.5', '"50"', 'null'].map((level) => [
      `{"room": "#a:x.org", "powerLevel": ${level}}`,
      `1:42 "powerLevel" must be a whole number from 0 to 100, not ${level}`,
    ]),
    [
      '{"room": "#a:x.org", "powerLevel": 50}',
      '1:42 this version of Usher does not act on "powerLevel" yet: leave it out, and set the power level in the room itself',
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

  it.each([
    ['mode', ['granted', 'additive', 'exclusive']],
    ['leave', ['allowed', 'undone']],
  ])('agrees with the parser on %s', (field, values) => {
    const known: string[] = schema.definitions.target.properties[field].enum;

    expect(values.filter((value) => accepts({ g: { room: '#a:x.org', [field]: value } }))).toEqual(known);
    expect(schema.definitions.target.properties[field].default).toBe(known[0]);
  });
});
