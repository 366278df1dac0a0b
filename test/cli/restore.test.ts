import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  createReadStream,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { fillStore, folderWith, oldFolder, query } from '../support/databases.ts';
import { startSimulated } from '../support/homeserver/simulated.ts';
import { tempDir } from '../support/temp-dir.ts';
import { usher } from '../support/terminal.ts';
import { startUsher } from '../support/usher.ts';

const USHER = join(import.meta.dirname, '../../src/usher.js');

/** A folder with Ann and Bob, and a backup from when there was only Ann. */
async function withBackup(): Promise<{ readonly folder: string; readonly backup: string }> {
  const folder = await folderWith('ann');
  const backup = join(tempDir(), 'usher-ann.db');
  await usher(['backup', backup], { DATA_DIR: folder });
  await within(folder, (store) => store.users.create('default' as never, { userName: 'bob' }, 2));
  return { folder, backup };
}

async function within<T>(folder: string, use: (store: Store) => Promise<T>): Promise<T> {
  const store = openStore(folder);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

const restore = (folder: string, file: string, more = {}) =>
  usher(['restore', file], { DATA_DIR: folder, ...more });
const usersIn = (folder: string) =>
  query(join(folder, 'usher.db'), 'SELECT user_name_key FROM users ORDER BY 1');
const holdsIn = (folder: string) => within(folder, (store) => store.guard.holds());

describe('usher restore', () => {
  it('puts a backup in the place of the database, which is kept, and holds what it would take away', async () => {
    const { folder, backup } = await withBackup();
    chmodSync(backup, 0o644);
    const { exitCode, stdout, stderr } = await restore(folder, backup);
    expect(statSync(join(folder, 'usher.db')).mode & 0o777).toBe(0o600);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^restored: .*usher-ann\.db \(made \d{4}-\d\d-\d\d \d\d:\d\d UTC\)\.\nIt has 1 user, 1 group/,
    );
    expect(stdout).toMatch(/The database that was there is now .*\/backups\/usher-.*Z-before-restore\.db\./);
    expect(stdout).toMatch(/usher held[\s\S]*usher approve restored/);
    expect(usersIn(folder)).toEqual(['ann']);
    const [aside = ''] = readdirSync(join(folder, 'backups'));
    expect(query(join(folder, 'backups', aside), 'SELECT user_name_key FROM users ORDER BY 1')).toEqual([
      'ann',
      'bob',
    ]);
    expect(await holdsIn(folder)).toMatchObject([
      {
        scope: 'restored',
        reason: expect.stringMatching(
          /^The database was restored from usher-ann\.db \(made .* UTC\)\. Nothing is taken from anybody/,
        ),
      },
    ]);
    expect(readdirSync(folder).filter((name) => !name.startsWith('usher.'))).toEqual(['backups']);
  });

  it('is not taken for an old copy that somebody put there', async () => {
    const { folder, backup } = await withBackup();
    await within(folder, (store) => store.seal(1));
    await within(folder, (store) => store.seal(1));
    await restore(folder, backup);
    expect(await within(folder, (store) => store.seal(1))).toBe('same');
    expect(await within(folder, (store) => store.seal(1))).toBe('same');
  });

  it('can be undone by restoring what was there', async () => {
    const { folder, backup } = await withBackup();
    await restore(folder, backup);
    const [aside = ''] = readdirSync(join(folder, 'backups'));
    const { stdout } = await restore(folder, join(folder, 'backups', aside), { BACKUPS_KEPT: '1' });
    expect(stdout).toContain('It has 2 users');
    expect(usersIn(folder)).toEqual(['ann', 'bob']);
    // The one that was restored is not deleted by that.
    expect(readdirSync(join(folder, 'backups'))).toContain(aside);
  });

  it('brings a backup of an old version up to date', async () => {
    const folder = await folderWith('bob');
    const { exitCode, stdout } = await restore(folder, join(oldFolder(), 'usher.db'));
    expect(exitCode).toBe(0);
    expect(stdout).toContain('(last written ');
    expect(usersIn(folder)).toEqual(['ann']);
    expect(await holdsIn(folder)).toHaveLength(1);
  });

  it('works where there is no database, and where there is a broken one', async () => {
    const { backup } = await withBackup();
    const empty = join(tempDir(), 'data');
    expect(await restore(empty, backup)).toMatchObject({ exitCode: 0 });
    expect(usersIn(empty)).toEqual(['ann']);
    const broken = await folderWith('bob');
    writeFileSync(join(broken, 'usher.db'), 'broken');
    writeFileSync(join(broken, 'usher.db-wal'), 'old changes');
    expect(await restore(broken, backup)).toMatchObject({ exitCode: 0 });
    expect(usersIn(broken)).toEqual(['ann']);
    const [aside = ''] = readdirSync(join(broken, 'backups'));
    expect(readFileSync(join(broken, 'backups', aside), 'utf8')).toBe('broken');
    expect(readFileSync(join(broken, 'backups', `${aside}-wal`), 'utf8')).toBe('old changes');
  });

  it('takes what is in the file beside a copy made by hand', async () => {
    const source = tempDir();
    const store = openStore(source);
    onTestFinished(() => store.close());
    await fillStore(store, 'ann');
    const copy = join(tempDir(), 'copy.db');
    for (const end of ['', '-wal']) copyFileSync(join(source, `usher.db${end}`), `${copy}${end}`);
    const folder = tempDir();
    expect(await restore(folder, copy)).toMatchObject({ exitCode: 0 });
    expect(usersIn(folder)).toEqual(['ann']);
    expect(existsSync(`${copy}-wal`)).toBe(true);
  });

  it('refuses what is no backup, and changes nothing', async () => {
    const { folder, backup } = await withBackup();
    const elsewhere = tempDir();
    const file = (name: string): string => join(elsewhere, name);
    writeFileSync(file('text.db'), 'not a database');
    writeFileSync(file('half.db'), readFileSync(backup).subarray(0, 40_000));
    const foreign = new Database(file('foreign.db'));
    foreign.exec('CREATE TABLE users (id TEXT)');
    foreign.close();
    copyFileSync(backup, file('newer.db'));
    const newer = new Database(file('newer.db'));
    newer.pragma('user_version = 99');
    newer.close();
    const before = readFileSync(join(folder, 'usher.db'));
    for (const [name, why] of [
      [
        'text.db',
        /^usher: text\.db can't be restored: it is no SQLite database, or only a part of one\. Nothing/,
      ],
      ['half.db', /^usher: half\.db can't be restored: it is broken \(.*\)\. Nothing was changed\./],
      ['foreign.db', /^usher: foreign\.db can't be restored: it is a database of something else than Usher/],
      [
        'newer.db',
        /^usher: newer\.db can't be restored: a newer Usher wrote it \(schema 99, this one knows \d+\)/,
      ],
      ['missing.db', /missing\.db can't be restored: there is no such file\./],
      ['', /can't be restored: it is no file\./],
    ] as const) {
      const { exitCode, stderr } = await restore(folder, file(name));
      expect(stderr).toMatch(why);
      expect(exitCode).toBe(2);
    }
    expect((await restore(folder, join(folder, 'usher.db'))).stderr).toMatch(/is the database in use/);
    expect(readFileSync(join(folder, 'usher.db'))).toEqual(before);
    expect(existsSync(join(folder, 'backups'))).toBe(false);
    expect(existsSync(join(folder, 'staging'))).toBe(false);
  });

  it('waits for nobody: a running service has to be stopped', async () => {
    const { folder, backup } = await withBackup();
    const store = openStore(folder);
    onTestFinished(() => store.close());
    const { exitCode, stderr } = await restore(folder, backup);
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringMatching(/^usher: another Usher is using .*stop the other/),
    ]);
    expect(usersIn(folder)).toEqual(['ann', 'bob']);
  });

  it('reads a backup from standard input', async () => {
    const { folder, backup } = await withBackup();
    const child = spawn(process.execPath, [USHER, 'restore', '-'], { env: { DATA_DIR: folder } });
    const [stdout] = await Promise.all([
      text(child.stdout),
      pipeline(createReadStream(backup), child.stdin),
      once(child, 'close'),
    ]);
    expect(stdout).toMatch(/^restored: standard input \(made /);
    expect(usersIn(folder)).toEqual(['ann']);
  });

  it('is asked for a file', async () => {
    expect(await usher(['restore'])).toMatchObject({
      exitCode: 2,
      stderr: 'usher: the command is: usher restore FILE\n',
    });
    expect((await usher(['restore', '-'])).stderr).toMatch(/nothing comes in/);
  });
});

describe('a database that was put there by hand', () => {
  it('is held at the next start, with words for people', async () => {
    const homeserver = await startSimulated();
    onTestFinished(() => homeserver.close());
    const folder = tempDir();
    const first = await startUsher(homeserver, {}, { folder });
    await first.provider.createUser({ userName: 'ann' });
    await first.settle();
    await first.close();
    const dataDir = join(folder, 'data');
    const backup = join(folder, 'backup.db');
    await usher(['backup', backup], { DATA_DIR: dataDir });
    copyFileSync(backup, join(dataDir, 'usher.db'));
    const second = await startUsher(homeserver, {}, { folder });
    await second.settle();
    await second.close();
    expect(await holdsIn(dataDir)).toMatchObject([
      {
        scope: 'restored',
        reason: expect.stringMatching(
          /^The database in .* is an old copy \(a backup made .* UTC\): it lacks what became of people since\. Nothing is taken/,
        ),
      },
    ]);
  });
});
