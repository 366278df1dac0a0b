import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '../../../src/store/sqlite/open-store.ts';
import { describeTrouble } from '../../../src/store/sqlite/unusable.ts';
import { startSimulated } from '../homeserver/simulated.ts';
import { tempDir } from '../temp-dir.ts';
import { usher } from '../terminal.ts';
import { type Env, envFor } from '../usher.ts';

/** What is said of a database or disk that can't be used. `test/crash` has disks that really are full or read-only. */
export async function sayOfDatabase(): Promise<readonly string[]> {
  const homeserver = await startSimulated({ via: 'port' });
  const settings = envFor(homeserver, tempDir(), { GROUP_MAP_FILE: '', IDP_GROUP_TO_ROOM: '{}' });
  const say = async (command: readonly string[], DATA_DIR: string, env: Env = {}): Promise<string> =>
    (await usher(command, { ...settings, DATA_DIR, ...env })).stderr;
  const folder = tempDir();
  await openStore(folder).close();
  const noBackup = join(folder, 'file');
  writeFileSync(noBackup, '');

  return [
    describeTrouble(folder, 'full', 'SQLITE_FULL: database or disk is full'),
    describeTrouble(folder, 'read-only', 'SQLITE_READONLY: attempt to write a readonly database'),
    describeTrouble(folder, 'failing', 'SQLITE_IOERR_READ: disk I/O error'),
    describeTrouble(folder, 'busy', 'SQLITE_BUSY: database is locked'),
    await say(['serve'], folderWith('usher.db', 'no database at all')),
    await say(['serve'], folderWith('usher.db-wal', 'changes')),
    await say(['serve'], folderWith('usher.db', '', 'usher.db-wal')),
    await say(['serve'], folderWith('usher.db')),
    await say(['plan'], tempDir()),
    await say(['backup', join(noBackup, 'usher.db')], folder),
    await say(['restore', noBackup], folder),
  ];
}

/** A folder with files of that text; without a text, it is a folder. */
function folderWith(name: string, text?: string, ...more: readonly string[]): string {
  const folder = tempDir();
  if (text === undefined) mkdirSync(join(folder, name));
  else writeFileSync(join(folder, name), text);
  for (const each of more) writeFileSync(join(folder, each), 'changes');
  return folder;
}
