import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SourceId } from '../../src/directory/resource.ts';
import { openStore, openStoreBeside, openStoreReadOnly } from '../../src/store/sqlite/open-store.ts';
import { tempDir } from '../support/temp-dir.ts';

const IDP = 'idp' as SourceId;

describe('database', () => {
  it('keeps everything over a restart', async () => {
    const folder = tempDir();
    const first = openStore(folder);
    const ann = await first.users.create(IDP, { userName: 'ann' }, 1);
    await first.close();
    const second = openStore(folder);
    onTestFinished(() => second.close());
    expect(await second.users.get(IDP, ann.id)).toEqual(ann);
  });

  it('belongs to one process, and says so to a second', () => {
    const folder = tempDir();
    const store = openStore(folder);
    onTestFinished(() => store.close());
    expect(() => openStore(folder)).toThrow(/another Usher is using .*DATA_DIR of its own/);
  });

  it('is free again after the process that had it was killed', async () => {
    const folder = tempDir();
    const script = `
      import { openStore } from '${join(import.meta.dirname, '../../src/store/sqlite/open-store.ts')}';
      openStore(${JSON.stringify(folder)});
      process.kill(process.pid, 'SIGKILL');`;
    const { signal } = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
    expect(signal).toBe('SIGKILL');
    const store = openStore(folder);
    await store.close();
  });

  it('can be read beside the process that writes, and not written', async () => {
    const folder = tempDir();
    const store = openStore(folder);
    onTestFinished(() => store.close());
    const ann = await store.users.create(IDP, { userName: 'ann' }, 1);
    const reader = openStoreReadOnly(folder);
    onTestFinished(() => reader.close());
    expect(await reader.users.get(IDP, ann.id)).toEqual(ann);
    await expect(reader.users.create(IDP, { userName: 'bob' }, 1)).rejects.toThrow(/readonly/);
  });

  it('can be written by a command beside the process it belongs to, and each tells of the other', async () => {
    const folder = tempDir();
    const store = openStore(folder);
    onTestFinished(() => store.close());
    const beside = openStoreBeside(folder);
    onTestFinished(() => beside.close());
    const changes = async () => [await store.changedElsewhere(), await beside.changedElsewhere()];
    expect(await changes()).toEqual([false, false]);

    await beside.facts.set('approved', true);
    expect(await store.facts.get('approved')).toBe(true);
    expect(await changes()).toEqual([true, false]);
    expect(await changes()).toEqual([false, false]);

    await store.facts.set('approved', undefined);
    expect(await beside.facts.get('approved')).toBeUndefined();
    expect(await changes()).toEqual([false, true]);
    expect(await changes()).toEqual([false, false]);
  });

  it('makes a command beside it wait while the other one writes', async () => {
    const folder = tempDir();
    const store = openStore(folder);
    await store.close();
    const script = `
      import Database from ${JSON.stringify(import.meta.resolve('better-sqlite3'))};
      const db = new Database(${JSON.stringify(join(folder, 'usher.db'))});
      db.exec('BEGIN IMMEDIATE');
      console.log('writing');
      setTimeout(() => db.exec('COMMIT'), 300);`;
    const writer = spawn(process.execPath, ['--input-type=module', '-e', script]);
    const ended = once(writer, 'exit');
    await once(writer.stdout, 'data');
    const beside = openStoreBeside(folder);
    onTestFinished(() => beside.close());
    await beside.facts.set('approved', true);
    expect(await beside.facts.get('approved')).toBe(true);
    expect(await ended).toEqual([0, null]);
  });

  it.each([
    ['read', openStoreReadOnly],
    ['written to by a command', openStoreBeside],
  ])('is missing before the first start, which is said when it is to be %s', (_, open) => {
    const folder = tempDir();
    expect(() => open(folder)).toThrow(/no database in .* yet/);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('of an older Usher is refused by a command beside it, and left as it is', () => {
    const folder = tempDir();
    const old = new Database(join(folder, 'usher.db'));
    old.pragma('user_version = 2');
    expect(() => openStoreBeside(folder)).toThrow(/has schema 2, this Usher needs 12\. Start "usher serve"/);
    expect(old.pragma('user_version', { simple: true })).toBe(2);
    old.close();
  });

  it('of a newer Usher is refused and left as it is', () => {
    const folder = tempDir();
    const newer = new Database(join(folder, 'usher.db'));
    newer.pragma('user_version = 999');
    newer.close();
    for (const open of [openStore, openStoreReadOnly, openStoreBeside]) {
      expect(() => open(folder)).toThrow(/written by a newer Usher \(schema 999/);
    }
  });

  it('that is no database is refused, and says what to look at', () => {
    const folder = tempDir();
    writeFileSync(
      join(folder, 'usher.db'),
      'not a database, but long enough to be taken for the header of one',
    );
    expect(() => openStore(folder)).toThrow(
      /usher\.db is broken \(SQLITE_NOTADB: file is not a database\)\. Stop Usher, and put a backup/,
    );
  });

  it('in a place that can not be made is refused', () => {
    expect(() => openStore('/dev/null/data')).toThrow(/can't be created.*DATA_DIR/);
  });
});
