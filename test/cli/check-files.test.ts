import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import { startSimulated } from '../support/homeserver/simulated.ts';
import { tempDir } from '../support/temp-dir.ts';
import { usher } from '../support/terminal.ts';
import { envFor } from '../support/usher.ts';

describe('usher check', { timeout: 60_000 }, () => {
  const found = async (prepare: (dataDir: string) => void) => {
    const homeserver = await startSimulated();
    onTestFinished(() => homeserver.close());
    const env = envFor(homeserver, tempDir());
    writeFileSync(String(env.GROUP_MAP_FILE), '{}');
    const dataDir = String(env.DATA_DIR);
    await openStore(dataDir).close();
    prepare(dataDir);
    return (await usher(['check'], env)).stdout.split('\n').filter((line) => line.includes('everybody on'));
  };

  it('says that everybody may read the data, and says nothing where nobody may', async () => {
    const lines = await found((dataDir) => {
      chmodSync(dataDir, 0o755);
      chmodSync(join(dataDir, 'usher.db'), 0o644);
    });
    expect(lines).toEqual([expect.stringMatching(/^warn {2}database: everybody on .* may read .*usher\.db/)]);
    expect(await found(() => {})).toEqual([]);
    expect(await found((dataDir) => chmodSync(dataDir, 0o755))).toEqual([]);
    expect(await found((dataDir) => chmodSync(join(dataDir, 'usher.db'), 0o644))).toEqual([]);
  });

  it('says that everybody may write there, or read a backup', async () => {
    expect(await found((dataDir) => chmodSync(dataDir, 0o777))).toEqual([
      expect.stringMatching(/may write into/),
    ]);
    const lines = await found((dataDir) => {
      mkdirSync(join(dataDir, 'backups'));
      writeFileSync(join(dataDir, 'backups', 'usher-2026-11-22T10-15-03Z.db'), '', { mode: 0o644 });
      chmodSync(join(dataDir, 'backups'), 0o755);
      chmodSync(dataDir, 0o755);
    });
    expect(lines).toEqual([expect.stringMatching(/may read .*backups/)]);
  });
});
