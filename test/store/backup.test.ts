import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { BackupFailed } from '../../src/store/error.ts';
import { backUpFolder } from '../../src/store/sqlite/backup.ts';
import { openStore, openStoreBeside } from '../../src/store/sqlite/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { fillStore, folderWith, IDP, oldFolder, query } from '../support/databases.ts';
import { tempDir } from '../support/temp-dir.ts';

const OPEN_STORE = join(import.meta.dirname, '../../src/store/sqlite/open-store.ts');

const backupsIn = (folder: string): readonly string[] => readdirSync(join(folder, 'backups')).sort();

/** A process that has the database, and writes one user after the other until it is killed. */
async function startWriter(folder: string): Promise<ChildProcess> {
  const script = `
    import { openStore } from ${JSON.stringify(OPEN_STORE)};
    const store = openStore(${JSON.stringify(folder)});
    for (let n = 0; ; n += 1) {
      const { id } = await store.users.create('default', { userName: 'user' + n }, 1);
      await store.groups.create('default', { attributes: { displayName: 'group' + n }, members: [id] }, 1);
      if (n === 20) process.stdout.write('writing');
      if (n % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await once(child.stdout, 'data');
  return child;
}

function atTime(time: string): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(time) });
  onTestFinished(() => {
    vi.useRealTimers();
  });
}

/** Users who take much room. */
async function fillMany(store: Store, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    await store.users.create(IDP, { userName: `user${n}`, displayName: 'x'.repeat(8000) }, 1);
  }
}

describe('a backup', () => {
  it('of a running store has everything, is one private file, and says what it is', async () => {
    atTime('2026-11-22T10:15:03Z');
    const folder = tempDir();
    const store = openStore(folder);
    onTestFinished(() => store.close());
    await fillStore(store, 'ann', 'bob');
    const { path } = await store.backup('before-approve');
    expect(path).toBe(join(folder, 'backups/usher-2026-11-22T10-15-03Z-before-approve.db'));
    expect(backupsIn(folder)).toEqual(['usher-2026-11-22T10-15-03Z-before-approve.db']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(query(path, 'SELECT user_name_key FROM users ORDER BY 1')).toEqual(['ann', 'bob']);
    expect(query(path, "SELECT value FROM facts WHERE name = 'backup'")).toEqual([
      JSON.stringify({ at: Date.parse('2026-11-22T10:15:03Z'), reason: 'before-approve' }),
    ]);
    expect(await store.facts.get('backup')).toBeUndefined();
  });

  it('is whole and of one moment while another process writes', async () => {
    const folder = tempDir();
    const writer = await startWriter(folder);
    let before = 0;
    for (const round of [1, 2, 3, 4, 5]) {
      const target = join(folder, `backup-${round}.db`);
      const { users, groups } = backUpFolder({ dataDir: folder, kept: 10, reason: undefined, target });
      expect(query(target, 'PRAGMA integrity_check')).toEqual(['ok']);
      // A group follows its user: at any moment there is at most one user without one.
      expect(users - groups).toBeOneOf([0, 1]);
      expect(users).toBeGreaterThan(before);
      before = users;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const beside = openStoreBeside(folder);
    onTestFinished(() => beside.close());
    const { path } = await beside.backup('before-approve');
    expect(query(path, 'PRAGMA integrity_check')).toEqual(['ok']);
    expect(writer.exitCode).toBeNull();
  });

  it('takes its turns with what the same process writes', async () => {
    const folder = tempDir();
    const store = openStore(folder);
    onTestFinished(() => store.close());
    await fillMany(store, 200);
    let isDone = false;
    let written = 0;
    const backup = store.backup('before-approve').finally(() => {
      isDone = true;
    });
    while (!isDone) {
      await store.users.create(IDP, { userName: `later${written}` }, 1);
      written += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { path } = await backup;
    expect(written).toBeGreaterThan(1);
    expect(query(path, 'PRAGMA integrity_check')).toEqual(['ok']);
    expect(query(path, 'SELECT count(*) >= 200 FROM users')).toEqual([1]);
  });

  it('is kept until so many newer ones are there; what others put there stays', async () => {
    const folder = await folderWith('ann');
    mkdirSync(join(folder, 'backups'));
    for (const name of ['notes.txt', 'usher-mine.db', '.usher.db.7.part']) {
      writeFileSync(join(folder, 'backups', name), 'x');
    }
    utimesSync(join(folder, 'backups/.usher.db.7.part'), 1, 1);
    for (const minute of ['01', '02', '03', '04']) {
      atTime(`2026-11-22T10:${minute}:00Z`);
      backUpFolder({ dataDir: folder, kept: 2, reason: minute === '03' ? 'before-approve' : undefined });
    }
    expect(backupsIn(folder)).toEqual([
      'notes.txt',
      'usher-2026-11-22T10-03-00Z-before-approve.db',
      'usher-2026-11-22T10-04-00Z.db',
      'usher-mine.db',
    ]);
  });

  it('is not taken for a surplus one when the clock was set back', async () => {
    const folder = await folderWith('ann');
    for (const year of ['2031', '2032', '2026']) {
      atTime(`${year}-01-01T00:00:00Z`);
      backUpFolder({ dataDir: folder, kept: 2, reason: undefined });
    }
    expect(backupsIn(folder)).toEqual(['usher-2026-01-01T00-00-00Z.db', 'usher-2032-01-01T00-00-00Z.db']);
  });

  it('that can not be written says so, and leaves nothing', async () => {
    const folder = await folderWith('ann');
    writeFileSync(join(folder, 'backups'), 'in the way');
    const fail = (target?: string) => () =>
      backUpFolder({ dataDir: folder, kept: 1, reason: undefined, target });
    expect(fail()).toThrow(BackupFailed);
    expect(fail()).toThrow(/^no backup could be made as .*backups\/usher-.*Check that .*backups is a folder/);
    expect(fail(join(folder, 'nowhere/b.db'))).toThrow(/nowhere/);
    expect(readdirSync(folder).filter((name) => !name.startsWith('usher.'))).toEqual(['backups']);
  });

  it('is not made when the disk is full, which is said', async () => {
    const folder = tempDir();
    const store = openStore(folder);
    await fillMany(store, 20);
    await store.close();
    const script = `
      import { backUpFolder } from ${JSON.stringify(OPEN_STORE.replace('open-store', 'backup'))};
      import { openStore } from ${JSON.stringify(OPEN_STORE)};
      const tell = (error) => console.log(error.name + ': ' + error.message);
      try { backUpFolder({ dataDir: ${JSON.stringify(folder)}, kept: 1, reason: undefined }); } catch (error) { tell(error); }
      await openStore(${JSON.stringify(folder)}).backup('before-approve').catch(tell);`;
    // No file may grow beyond 64 KiB: what a disk without room does to a write.
    const child = spawn('bash', [
      '-c',
      'ulimit -f 64; exec "$0" --input-type=module -e "$1"',
      process.execPath,
      script,
    ]);
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    await once(child, 'close');
    expect(output.split('\n')).toEqual([
      expect.stringMatching(
        /^BackupFailed: no backup could be made as .*: (disk I\/O error|database or disk is full)\. .*disk/,
      ),
      expect.stringMatching(/^BackupFailed: no backup could be made as .*-before-approve\.db: .*disk/),
      '',
    ]);
    expect(backupsIn(folder)).toEqual([]);
  });
});

describe('a database of an old version', () => {
  it('is backed up before it is changed', async () => {
    const folder = oldFolder();
    const before = readFileSync(join(folder, 'usher.db'));
    atTime('2026-11-22T10:15:03Z');
    const store = openStore(folder);
    await store.close();
    const file = join(folder, 'backups/usher-2026-11-22T10-15-03Z-before-schema-12.db');
    expect(query(file, 'PRAGMA user_version')).toEqual([1]);
    expect(query(file, 'SELECT id FROM users')).toEqual(['ann']);
    expect(before.length).toBeGreaterThan(0);
    const again = openStore(folder);
    await again.close();
    expect(backupsIn(folder)).toHaveLength(1);
  });

  it('is not changed if there can be no backup, and Usher does not start', () => {
    const folder = oldFolder();
    writeFileSync(join(folder, 'backups'), 'in the way');
    expect(() => openStore(folder)).toThrow(
      /^the database has to be brought from schema 1 to 12, and that is not done without a backup: .*Then start again\. Nothing was changed\.$/,
    );
    expect(query(join(folder, 'usher.db'), 'PRAGMA user_version')).toEqual([1]);
  });

  it('can be backed up before it is brought up to date', () => {
    const folder = oldFolder();
    const { users, path } = backUpFolder({ dataDir: folder, kept: 10, reason: undefined });
    expect(users).toBe(1);
    expect(query(path, 'PRAGMA user_version')).toEqual([1]);
  });

  it('is not backed up when it is new', async () => {
    const folder = tempDir();
    await openStore(folder).close();
    expect(readdirSync(folder)).not.toContain('backups');
  });
});

describe('a broken database', () => {
  it('gives no backup', async () => {
    const folder = tempDir();
    const store = openStore(folder);
    await fillMany(store, 50);
    await store.close();
    const file = join(folder, 'usher.db');
    const bytes = readFileSync(file);
    bytes.fill(0xff, 8192, bytes.length - 4096);
    writeFileSync(file, bytes);
    expect(() => backUpFolder({ dataDir: folder, kept: 10, reason: undefined })).toThrow(
      /malformed|can't be read/,
    );
    expect(() => new Database(file, { readonly: true }).close()).not.toThrow();
  });
});
