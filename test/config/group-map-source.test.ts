import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConfigError } from '../../src/config/error.ts';
import { type GroupMapSource, openGroupMap } from '../../src/config/group-map-source.ts';
import { GroupMapError } from '../../src/plan/group-map.ts';

const mapOf = (...groups: string[]): string =>
  JSON.stringify(Object.fromEntries(groups.map((group) => [group, '#a:x.org'])));

let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'usher-map-'));
  path = join(directory, 'map.jsonc');
});

afterEach(() => rm(directory, { recursive: true }));

/** An open source that looks at its file when told to, and what it said. */
async function open() {
  const told: string[] = [];
  let look: () => Promise<void> = async () => {};
  let running = false;
  let clock = 1000;
  const source = await openGroupMap({
    location: { kind: 'file', path },
    onChange: (map) => told.push(`map of ${map.rules.length}`),
    onProblem: (problem) => told.push(problem),
    now: () => clock,
    every: (task) => {
      look = task;
      running = true;
      return () => {
        running = false;
      };
    },
  });
  return {
    source,
    told,
    isRunning: () => running,
    look: () => look(),
    /** Two looks, after which what is there counts. */
    settle: async () => {
      clock += 1000;
      await look();
      await look();
    },
  };
}

const groupsIn = (source: GroupMapSource): number => source.status().map.rules.length;

describe('group map file', () => {
  it('is read when opened', async () => {
    await writeFile(path, mapOf('a', 'b'));

    const { source, told } = await open();

    expect(source.status()).toMatchObject({ loadedAt: 1000, problem: undefined });
    expect(groupsIn(source)).toBe(2);
    expect(told).toEqual([]);
  });

  it('stops the start when it is missing', async () => {
    const opening = open();

    await expect(opening).rejects.toThrow(ConfigError);
    await expect(opening).rejects.toMatchObject({
      problems: [
        { setting: 'GROUP_MAP_FILE', found: path, message: 'names a file that cannot be read: ENOENT' },
      ],
    });
  });

  it('stops the start when it is broken', async () => {
    await writeFile(path, '{\n"": []}');

    const opening = open();

    await expect(opening).rejects.toThrow(GroupMapError);
    await expect(opening).rejects.toMatchObject({ problems: [{ line: 2, column: 1 }] });
  });

  it.each<[string, () => Promise<void>]>([
    ['written over', () => writeFile(path, mapOf('a', 'b'))],
    [
      'replaced by a rename',
      async () => {
        await writeFile(`${path}~`, mapOf('a', 'b'));
        await rename(`${path}~`, path);
      },
    ],
    [
      'removed and made anew',
      async () => {
        await rm(path);
        await writeFile(path, mapOf('a', 'b'));
      },
    ],
  ])('is in force when %s', async (_, edit) => {
    await writeFile(path, mapOf('a'));
    const { source, told, settle } = await open();

    await edit();
    await settle();

    expect(groupsIn(source)).toBe(2);
    expect(source.status().loadedAt).toBe(2000);
    expect(told).toEqual(['map of 2']);
  });

  it('is in force when the directory behind a symlink is swapped, as Kubernetes does', async () => {
    for (const [version, groups] of [
      ['v1', ['a']],
      ['v2', ['a', 'b']],
    ] as const) {
      await mkdir(join(directory, version));
      await writeFile(join(directory, version, 'map.jsonc'), mapOf(...groups));
    }
    await symlink('v1', join(directory, '..data'));
    await symlink('..data/map.jsonc', path);
    const { source, settle } = await open();

    await symlink('v2', join(directory, '..data_tmp'));
    await rename(join(directory, '..data_tmp'), join(directory, '..data'));
    await settle();

    expect(groupsIn(source)).toBe(2);
  });

  it('does nothing while its content stays the same', async () => {
    await writeFile(path, mapOf('a'));
    const { source, told, settle } = await open();

    await writeFile(path, mapOf('a'));
    await settle();

    expect(source.status().loadedAt).toBe(1000);
    expect(told).toEqual([]);
  });

  it('keeps the last good map while it is broken, says so once, and mends', async () => {
    await writeFile(path, mapOf('a', 'b'));
    const { source, told, settle } = await open();

    await writeFile(path, '{\n  "a": 5 }');
    await settle();
    await settle();

    expect(groupsIn(source)).toBe(2);
    expect(source.status()).toMatchObject({
      loadedAt: 1000,
      problem: expect.stringContaining(`${path}:2:8: 5 is not a room`),
    });
    expect(told).toEqual([source.status().problem]);

    await writeFile(path, mapOf('a', 'b'));
    await settle();

    expect(source.status()).toMatchObject({ loadedAt: 4000, problem: undefined });
    expect(told.at(-1)).toBe('map of 2');
  });

  it('keeps the last good map while it is missing or empty', async () => {
    await writeFile(path, mapOf('a'));
    const { source, told, settle } = await open();

    await rm(path);
    await settle();
    await writeFile(path, '');
    await settle();

    expect(groupsIn(source)).toBe(1);
    expect(told).toEqual([
      `${path} cannot be read: ENOENT`,
      `${path}:1:1: nothing is here: a map without rules is {}`,
    ]);
  });

  it('is left alone in the middle of an edit', async () => {
    await writeFile(path, mapOf('a'));
    const { source, told, look } = await open();

    await rm(path);
    await look();
    await writeFile(path, '{"a": "#a:');
    await look();
    await writeFile(path, mapOf('a', 'b'));
    await look();
    expect(told).toEqual([]);
    await look();

    expect(groupsIn(source)).toBe(2);
    expect(told).toEqual(['map of 2']);
  });

  it('is left alone after closing, even by a look under way', async () => {
    await writeFile(path, mapOf('a'));
    const { source, told, look, isRunning } = await open();
    await writeFile(path, mapOf('a', 'b'));
    await look();

    const underWay = look();
    await source.close();
    await underWay;

    expect(isRunning()).toBe(false);
    expect(groupsIn(source)).toBe(1);
    expect(told).toEqual([]);
  });

  it('is looked at every second by default, until closing', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      await writeFile(path, mapOf('a'));
      const changed = vi.fn();
      const source = await openGroupMap({
        location: { kind: 'file', path },
        onChange: changed,
        onProblem: () => {},
        now: () => 0,
      });
      expect(vi.getTimerCount()).toBe(1);

      await writeFile(path, mapOf('a', 'b'));
      await vi.waitFor(async () => {
        await vi.advanceTimersByTimeAsync(1000);
        expect(changed).toHaveBeenCalledOnce();
      });
      await source.close();

      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('group map in a setting', () => {
  it('stays as it is', async () => {
    const map = { rules: [] };

    const source = await openGroupMap({
      location: { kind: 'inline', map, text: '{}' },
      onChange: () => {},
      onProblem: () => {},
      now: () => 5,
    });
    await source.close();

    expect(source.status()).toEqual({ map, text: '{}', loadedAt: 5, problem: undefined });
  });
});
