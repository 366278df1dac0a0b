import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SourceId } from '../../src/directory/resource.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import { tempDir } from '../support/temp-dir.ts';
import { usher } from '../support/terminal.ts';
import type { Env } from '../support/usher.ts';

const MAP = `// Who is where.
{
  "name:Ops": "#ops:x.org", // on call

  // Everybody.
  "*": ["#lobby:x.org"],
}
`;

/** A map in a folder of its own, and what an admin does with it. */
function mapFile(text: string, env: Env = {}) {
  const folder = tempDir();
  const path = join(folder, 'map.jsonc');
  writeFileSync(path, text);
  return {
    folder,
    path,
    text: () => readFileSync(path, 'utf8'),
    map: (...args: string[]) => usher(['map', ...args], { GROUP_MAP_FILE: path, ...env }),
  };
}

describe('usher map check', () => {
  it('counts what is there, with the file alone or by the setting', async () => {
    const { path, map } = mapFile(MAP);
    const said = { exitCode: 0, stdout: `${path}: 1 group and "*" open 2 rooms\n`, stderr: '' };

    expect(await usher(['map', 'check', path])).toEqual(said);
    expect(await usher(['map', 'check', '--file', path])).toEqual(said);
    expect(await map('check')).toEqual(said);
  });

  it.each([
    ['{}', '0 groups open 0 rooms'],
    ['{"*": "!a"}', '"*" opens 1 room'],
    ['{"g": "!a"}', '1 group opens 1 room'],
    ['{"g": "!a", "h": ["!a", "!b"]}', '2 groups open 2 rooms'],
  ])('says of %s: %s', async (text, sentence) => {
    const { path, map } = mapFile(text);
    expect((await map('check')).stdout).toBe(`${path}: ${sentence}\n`);
  });

  it('names the place of each problem, and ends with 2', async () => {
    const { path, map } = mapFile('{\n  "g": "general",\n  "h": { "room": "#a:x.org", "mod": 1 }\n}');

    const { exitCode, stdout, stderr } = await map('check');
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`\n${path}:2:8: "general" is not a room: write`);
    expect(stderr).toContain(`\n${path}:3:30: "mod" is not a field: did you mean "mode"?\n`);
  });

  it('warns of what is seldom meant, and ends with 0', async () => {
    const { path, map } = mapFile('{\n  "g": "#a:y.org"\n}', { MATRIX_SERVER_NAME: 'x.org' });

    const { exitCode, stdout } = await map('check');
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`\nwarning: ${path}:2:8: #a:y.org has the name of another server, so`);
  });

  it('takes the map out of IDP_GROUP_TO_ROOM too', async () => {
    const check = (text: string) => usher(['map', 'check'], { IDP_GROUP_TO_ROOM: text });

    expect((await check('{"g": "!a"}')).stdout).toBe('IDP_GROUP_TO_ROOM: 1 group opens 1 room\n');
    expect(await check('{"g": 1}')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(
        /^usher: IDP_GROUP_TO_ROOM is no group map: line 1, column 7: 1 is not a room/,
      ),
    });
  });
});

describe('usher map add', () => {
  it('says when no pushed group has that key, and which one is meant', async () => {
    const { folder, map } = mapFile(MAP, { DATA_DIR: tempDir() });
    const dataDir = join(folder, 'data');
    const store = openStore(dataDir);
    const attributes = { displayName: 'Engineering', externalId: 'ext-eng' };
    await store.groups.create('idp' as SourceId, { attributes, members: [] }, Date.now());
    await store.close();
    const file = join(folder, 'map.jsonc');
    const add = (group: string) =>
      usher(['map', 'add', group, '#e:x.org'], { GROUP_MAP_FILE: file, DATA_DIR: dataDir });
    expect((await add('Engineering')).stdout).toContain('Did you mean "name:Engineering"?');
    expect((await add('ext-eng')).stdout).not.toContain('warning');
    expect((await map('add', 'unheard-of', '#e:x.org')).stdout).not.toContain('warning');
  });

  it('writes a room, and shows the lines', async () => {
    const { path, map, text } = mapFile(MAP);

    expect(await map('add', 'name:ops', '#b:x.org', '--mode', 'additive', '--power-level', '50')).toEqual({
      exitCode: 0,
      stdout: [
        `${path}:3`,
        '-  "name:Ops": "#ops:x.org", // on call',
        '+  "name:Ops": ["#ops:x.org", { "room": "#b:x.org", "mode": "additive", "powerLevel": 50 }], // on call',
        '',
      ].join('\n'),
      stderr: '',
    });
    expect(await map('add', 'ext-1', '%23c:x.org')).toMatchObject({
      stdout: `${path}:7\n+  "ext-1": "#c:x.org",\n`,
    });
    expect(text()).toBe(`// Who is where.
{
  "name:Ops": ["#ops:x.org", { "room": "#b:x.org", "mode": "additive", "powerLevel": 50 }], // on call

  // Everybody.
  "*": ["#lobby:x.org"],
  "ext-1": "#c:x.org",
}
`);
  });

  it('leaves the file alone when it is so already', async () => {
    const { path, map, text } = mapFile(MAP);
    const before = statSync(path);

    expect(await map('add', '*', '#lobby:x.org')).toEqual({
      exitCode: 0,
      stdout: '"*" has #lobby:x.org already, in line 6. Nothing to do.\n',
      stderr: '',
    });
    expect(text()).toBe(MAP);
    expect(statSync(path).ino).toBe(before.ino);
  });

  it.each([
    ['CRLF, tabs and a mark', '\uFEFF{\r\n\t"a": []\r\n}', '\uFEFF{\r\n\t"a": [],\r\n\t"g": "#b:x.org"\r\n}'],
    ['no line break at the end', '{\n    "a": []\n}', '{\n    "a": [],\n    "g": "#b:x.org"\n}'],
  ])('keeps %s', async (_, before, after) => {
    const { path, map, text } = mapFile(before);

    const { stdout } = await map('add', 'g', '#b:x.org');
    expect(text()).toBe(after);
    const indent = /\t| {4}/.exec(before)?.[0];
    expect(stdout).toBe(`${path}:2\n-${indent}"a": []\n+${indent}"a": [],\n+${indent}"g": "#b:x.org"\n`);
  });

  it('warns of what is new and seldom meant', async () => {
    const { path, map } = mapFile('{"a": "#a:y.org"}', { MATRIX_SERVER_NAME: 'x.org' });

    const { stdout } = await map('add', 'a', '#b:y.org');
    expect(stdout.match(/warning: .*/g)).toEqual([
      expect.stringContaining(`warning: ${path}:1:20: #b:y.org has the name of another server`),
    ]);
  });

  it.each([
    [['g', 'general'], /^usher: "general" is not a room: write an alias .*\nNothing was written\.\n$/],
    [
      ['g', '#a:x.org', '--mode', 'all'],
      /^usher: "mode" must be "granted", "additive" or "exclusive", not "all"/,
    ],
    [['g', '#a:x.org', '--leave', 'no'], /^usher: "leave" must be "allowed" or "undone"/],
    [['g', '#a:x.org', '--power-level', '101'], /^usher: "powerLevel" must be .* not 101/],
    [
      ['*', '#lobby:x.org', '--mode', 'additive'],
      /^usher: "\*" has #lobby:x\.org already, in line 6, with another "mode"/,
    ],
    [
      ['g', '#lobby:x.org', '--mode', 'additive'],
      /^usher: this would not be a valid map any more; nothing was written:\n.*:7:8: #lobby:x\.org has the mode "additive" here and "granted" in line 6: choose one\n$/,
    ],
    [['g'], /^usher: the command is: usher map add GROUP ROOM \[--mode/],
  ])('refuses %j, and writes nothing', async (args, message) => {
    const { map, text, folder } = mapFile(MAP);

    expect(await map('add', ...args)).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringMatching(message),
    });
    expect(text()).toBe(MAP);
    expect(readdirSync(folder)).toEqual(['map.jsonc']);
  });

  it('does not touch a file that is no map', async () => {
    const { path, map, text } = mapFile('{"g": }');

    expect(await map('add', 'g', '#b:x.org')).toMatchObject({
      exitCode: 2,
      stderr: `usher: not a valid group map\n${path}:1:7: a value is expected here\n`,
    });
    expect(text()).toBe('{"g": }');
  });

  it('keeps the mode of the file, and writes what a link leads to', async () => {
    const { folder, path, text } = mapFile('{}');
    chmodSync(path, 0o640);
    mkdirSync(join(folder, 'etc'));
    const link = join(folder, 'etc', 'map.jsonc');
    symlinkSync('../map.jsonc', link);

    expect((await usher(['map', 'add', 'g', '!b', '--file', link])).exitCode).toBe(0);
    expect(text()).toBe('{\n  "g": "!b"\n}');
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect([readdirSync(folder), readdirSync(join(folder, 'etc'))]).toEqual([
      ['etc', 'map.jsonc'],
      ['map.jsonc'],
    ]);
  });

  it.each([
    [
      'there is no file',
      { GROUP_MAP_FILE: '/nowhere/map.jsonc' },
      "/nowhere/map.jsonc can't be read: ENOENT",
    ],
    ['nothing says which', {}, 'which group map? Name the file, or set GROUP_MAP_FILE'],
    [
      'the map is a setting',
      { IDP_GROUP_TO_ROOM: '{}' },
      'the group map is in the setting IDP_GROUP_TO_ROOM, which no command edits: edit it by hand, or write it into a file and set GROUP_MAP_FILE instead',
    ],
  ])('says so when %s', async (_, env, sentence) => {
    for (const args of [
      ['add', 'g', '!b'],
      ['remove', 'g'],
    ])
      expect(await usher(['map', ...args], env)).toEqual({
        exitCode: 2,
        stdout: '',
        stderr: `usher: ${sentence}\n`,
      });
  });
});

describe('usher map remove', () => {
  it('takes a room out, and the group with its last room', async () => {
    const { path, map, text } = mapFile(
      '{\n  "g": [\n    "#a:x.org",\n    "#b:x.org" // b\n  ],\n  "h": []\n}\n',
    );

    expect((await map('remove', 'g', '#b:x.org')).stdout).toBe(
      `${path}:3\n-    "#a:x.org",\n-    "#b:x.org" // b\n+    "#a:x.org"\n`,
    );
    expect((await map('remove', 'g', '#a:x.org')).stdout).toBe(
      `${path}:2\n-  "g": [\n-    "#a:x.org"\n-  ],\n`,
    );
    expect((await map('remove', 'h')).exitCode).toBe(0);
    expect(text()).toBe('{\n}\n');
  });

  it.each([
    [['name:Opps'], 'the map has no group "name:Opps": did you mean "name:Ops"?'],
    [['name:Ops', '#lobby:x.org'], '"name:Ops" has no room #lobby:x.org: there is "#ops:x.org"'],
  ])('refuses %j, and writes nothing', async (args, sentence) => {
    const { map, text } = mapFile(MAP);

    expect(await map('remove', ...args)).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `usher: ${sentence}\nNothing was written.\n`,
    });
    expect(text()).toBe(MAP);
  });
});

describe('usher map', () => {
  it.each([
    [[], 'the command is: usher map check|add|remove|dump [GROUP] [ROOM]'],
    [['ad', 'g', '!b'], '"map" has no "ad". It has: check, add, remove, dump'],
    [['toString'], '"map" has no "toString". It has: check, add, remove, dump'],
    [['check', 'a', 'b'], 'the command is: usher map check [FILE]'],
    [['remove', 'g', '--mode', 'granted'], 'the command is: usher map remove GROUP [ROOM] [--file FILE]'],
    [['dump', 'g'], 'the command is: usher map dump'],
  ])('explains itself for %j', async (args, sentence) => {
    expect(await usher(['map', ...args])).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `usher: ${sentence}\n`,
    });
  });
});
