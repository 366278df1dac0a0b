import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { foldCase } from '../../src/directory/resource.ts';
import { tempDir } from './temp-dir.ts';

const MIGRATIONS = join(import.meta.dirname, '../../src/store/sqlite/migrations');

/** A database as the given version of its schema left it, filled, in a folder of its own; gives the folder. */
export function createOldDatabase(version: number, fill: (db: Database.Database) => void): string {
  const folder = tempDir();
  const db = new Database(join(folder, 'usher.db'));
  db.pragma('foreign_keys = ON');
  db.function('fold_case', { deterministic: true }, (text) => foldCase(String(text)));
  for (const script of readdirSync(MIGRATIONS).toSorted().slice(0, version)) {
    db.exec(readFileSync(join(MIGRATIONS, script), 'utf8'));
  }
  db.pragma(`user_version = ${version}`);
  fill(db);
  db.close();
  return folder;
}
