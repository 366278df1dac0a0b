import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openStore } from '../../../src/store/sqlite/open-store.ts';
import { startSimulated } from '../homeserver/simulated.ts';
import { createOldDatabase } from '../old-database.ts';
import { tempDir } from '../temp-dir.ts';
import { usher } from '../terminal.ts';
import { type Env, envFor, startUsher } from '../usher.ts';

/** What `usher serve` says that does not start, each time for another reason. */
export async function sayAtStart(): Promise<readonly string[]> {
  const homeserver = await startSimulated({ via: 'port' });
  const folder = tempDir();
  const settings = envFor(homeserver, folder);
  writeFileSync(String(settings.GROUP_MAP_FILE), '{}');
  const file = join(folder, 'file');
  writeFileSync(file, '{ "a": "general" }');
  const serve = async (env: Env): Promise<string> => {
    const { exitCode, stderr } = await usher(['serve'], { ...settings, ...env });
    if (exitCode !== 2) throw new Error(`it ended with ${exitCode}`);
    return stderr;
  };
  const running = await startUsher(homeserver, {}, { folder });

  return [
    startWithOldNode(),
    await serve({ WEBHOOK_SECRET: 'short', MATRIX_URL: 'http://synapse/path', GROUP_MAP_FILE: '' }),
    await serve({ WEBHOOK_SECRET: 'change-me', MATRIX_ADMIN_USER_ID: '@usher:other.org' }),
    await serve({ IDP_NAME: '', MATRIX_TOKEN: 'x' }),
    await serve({ IDP_NAME_FILE: file }),
    await serve({ GROUP_MAP_FILE: '/nowhere/group-map.jsonc', DATA_DIR: tempDir() }),
    await serve({ GROUP_MAP_FILE: file, DATA_DIR: tempDir() }),
    await serve({}),
    await serve({ DATA_DIR: tempDir(), PORT: new URL(running.url).port }),
    await serve({ DATA_DIR: join(file, 'data') }),
    await serve({ DATA_DIR: await newerDatabase() }),
    await serve({ DATA_DIR: olderWithoutBackups() }),
  ];
}

function startWithOldNode(): string {
  const script = join(import.meta.dirname, '../../../src/node-version.js');
  const pretend = `Object.defineProperty(process.versions, 'node', { value: '20.1.0' }); await import('${script}');`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', pretend], { encoding: 'utf8' }).stderr;
}

async function newerDatabase(): Promise<string> {
  const folder = tempDir();
  await openStore(folder).close();
  const db = new Database(join(folder, 'usher.db'));
  db.pragma('user_version = 999');
  db.close();
  return folder;
}

/** A folder stands where the backup is written. */
function olderWithoutBackups(): string {
  const folder = createOldDatabase(3, () => {});
  mkdirSync(join(folder, 'blocked'));
  writeFileSync(join(folder, 'backups'), 'no folder');
  return folder;
}
