import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { backUpFolder } from '../../src/store/sqlite/backup.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import type { SealFinding, Store } from '../../src/store/store.ts';
import { folderWith, oldFolder } from '../support/databases.ts';
import { tempDir } from '../support/temp-dir.ts';

async function within<T>(folder: string, use: (store: Store) => Promise<T>): Promise<T> {
  const store = openStore(folder);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/** A start of the service, as far as the seal goes. */
const start = (folder: string): Promise<SealFinding> => within(folder, (store) => store.seal(1));
const copy = (from: string, to: string): void => copyFileSync(join(from, 'usher.db'), join(to, 'usher.db'));
const sealIn = (folder: string) => JSON.parse(readFileSync(join(folder, 'usher.seal'), 'utf8'));

describe('the seal of a database', () => {
  it('is fresh once, and then the same', async () => {
    const folder = tempDir();
    expect([await start(folder), await start(folder), await start(folder)]).toEqual([
      'fresh',
      'same',
      'same',
    ]);
    expect(sealIn(folder)).toEqual({ id: expect.any(String), count: 3, at: 1 });
    expect(await within(folder, (store) => store.facts.get('seal'))).toEqual(sealIn(folder));
  });

  it('is fresh for a database of the version before', async () => {
    expect(await start(oldFolder())).toBe('fresh');
  });

  it('tells an old copy that somebody put there', async () => {
    const [folder, elsewhere] = [tempDir(), tempDir()];
    await start(folder);
    copy(folder, elsewhere);
    await start(folder);
    copy(elsewhere, folder);
    expect([await start(folder), await start(folder)]).toEqual(['older', 'same']);
  });

  it('tells a backup that somebody put there, however new it is', async () => {
    const folder = await folderWith('ann');
    await start(folder);
    const { path } = backUpFolder({ dataDir: folder, kept: 1, reason: undefined });
    copyFileSync(path, join(folder, 'usher.db'));
    expect([await start(folder), await start(folder)]).toEqual(['older', 'same']);
  });

  it('tells a backup even where no seal is', async () => {
    const [folder, fresh] = [await folderWith('ann'), tempDir()];
    const { path } = backUpFolder({ dataDir: folder, kept: 1, reason: undefined });
    copyFileSync(path, join(fresh, 'usher.db'));
    expect([await start(fresh), await start(fresh)]).toEqual(['older', 'same']);
  });

  it('tells another database, and one that is new in a used folder', async () => {
    const [folder, other] = [tempDir(), tempDir()];
    await start(folder);
    await start(other);
    copy(other, folder);
    expect([await start(folder), await start(folder)]).toEqual(['other', 'same']);
    for (const end of ['', '-wal', '-shm']) rmSync(join(folder, `usher.db${end}`), { force: true });
    expect([await start(folder), await start(folder)]).toEqual(['other', 'same']);
  });

  it('takes a backup of the version before for another database', async () => {
    const folder = tempDir();
    await start(folder);
    copy(oldFolder(), folder);
    expect(await start(folder)).toBe('other');
  });

  it('is the same after a crash between both writes', async () => {
    const folder = tempDir();
    await start(folder);
    const before = readFileSync(join(folder, 'usher.seal'));
    await start(folder);
    writeFileSync(join(folder, 'usher.seal'), before);
    expect([await start(folder), await start(folder)]).toEqual(['same', 'same']);
  });

  it.each(['', 'nonsense', '{"id": 1}', '{"id": "x", "count": 1.5, "at": 1}', 'null'])(
    'counts as absent if it is %j, and is written anew',
    async (text) => {
      const folder = tempDir();
      writeFileSync(join(folder, 'usher.seal'), text);
      expect(await start(folder)).toBe('fresh');
      writeFileSync(join(folder, 'usher.seal'), text);
      expect(await start(folder)).toBe('same');
      expect(sealIn(folder).count).toBe(2);
    },
  );

  it('stays as it is until what was found is acted upon', async () => {
    const [folder, elsewhere] = [tempDir(), tempDir()];
    await start(folder);
    copy(folder, elsewhere);
    await start(folder);
    copy(elsewhere, folder);
    const killed = within(folder, (store) =>
      store.seal(1, async () => {
        throw new Error('killed');
      }),
    );
    await expect(killed).rejects.toThrow('killed');
    const told: SealFinding[] = [];
    await within(folder, (store) => store.seal(1, async (finding) => void told.push(finding)));
    expect(told).toEqual(['older']);
  });

  it('that can not be written says what to do', async () => {
    const folder = tempDir();
    await start(folder);
    rmSync(join(folder, 'usher.seal'));
    const store = openStore(folder);
    writeFileSync(join(folder, 'usher.seal.part'), '');
    rmSync(join(folder, 'usher.seal.part'));
    const { mkdirSync } = await import('node:fs');
    mkdirSync(join(folder, 'usher.seal.part'));
    await expect(store.seal(1)).rejects.toThrow(/usher\.seal can't be written: .*Make room/);
    await store.close();
  });
});
