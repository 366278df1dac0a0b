import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SourceId } from '../../src/directory/resource.ts';
import { openStore, openStoreReadOnly } from '../../src/store/sqlite/open-store.ts';
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

  it('is missing before the first start, which is said', () => {
    expect(() => openStoreReadOnly(tempDir())).toThrow(/no database in .* yet/);
  });

  it('of a newer Usher is refused and left as it is', () => {
    const folder = tempDir();
    const newer = new Database(join(folder, 'usher.db'));
    newer.pragma('user_version = 999');
    newer.close();
    for (const open of [openStore, openStoreReadOnly]) {
      expect(() => open(folder)).toThrow(/written by a newer Usher \(schema 999/);
    }
  });

  it('that is no database is refused, and says what to look at', () => {
    const folder = tempDir();
    writeFileSync(
      join(folder, 'usher.db'),
      'not a database, but long enough to be taken for the header of one',
    );
    expect(() => openStore(folder)).toThrow(/can't be opened: file is not a database/);
  });

  it('in a place that can not be made is refused', () => {
    expect(() => openStore('/dev/null/data')).toThrow(/can't be created.*DATA_DIR/);
  });
});
