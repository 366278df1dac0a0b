import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { foldCase } from '../../directory/resource.ts';
import { StoreUnusable } from '../error.ts';
import { assertNothingLost } from './assert-nothing-lost.ts';
import { BACKUPS_KEPT, backUp } from './backup.ts';
import { DATABASE } from './files.ts';
import { asUnusable, cantOpen } from './unusable.ts';

export type Connection = Database.Database;

/** Of pages of the database: a pass over 100,000 people does not read the same page again and again. */
const CACHE_KIB = 32_768;

const LOCK_FILE = 'usher.lock';
const MIGRATIONS = join(import.meta.dirname, 'migrations');

/**
 * Opens `DATA_DIR/usher.db` for the one process that may write to it, and brings its schema up to date; before that, it
 * makes a backup, unless `backupsKept` is 0. Throws `StoreUnusable` if another process has it, or a newer Usher wrote it.
 */
export function openForWriting(
  dataDir: string,
  backupsKept = BACKUPS_KEPT,
): { readonly db: Connection; readonly close: () => void } {
  createFolder(dataDir);
  assertNothingLost(join(dataDir, DATABASE));
  createPrivately(join(dataDir, DATABASE));
  const lock = lockFolder(dataDir);
  try {
    const db = connect(join(dataDir, DATABASE), false);
    try {
      migrate(db, dataDir, backupsKept);
    } catch (error) {
      db.close();
      throw error;
    }
    return {
      db,
      close: () => {
        db.close();
        lock.close();
      },
    };
  } catch (error) {
    lock.close();
    throw asUnusable(dataDir, error);
  }
}

/** Opens an existing database of our schema beside the process it belongs to, which may be writing to it. */
export function openBeside(
  dataDir: string,
  mode: 'read' | 'write',
): { readonly db: Connection; readonly close: () => void } {
  const file = join(dataDir, DATABASE);
  assertNothingLost(file);
  if (!existsSync(file)) {
    throw new StoreUnusable(
      `there is no database in ${dataDir} yet. Start "usher serve" once, or set DATA_DIR to the folder it uses.`,
    );
  }
  const db = connect(file, mode === 'read');
  const newest = newestSchema();
  let version: number;
  try {
    version = schemaVersion(db);
  } catch (error) {
    db.close();
    throw asUnusable(dataDir, error);
  }
  if (version === newest) return { db, close: () => db.close() };
  db.close();
  throw new StoreUnusable(
    version > newest
      ? newerDatabase(dataDir, version, newest)
      : `the database in ${dataDir} has schema ${version}, this Usher needs ${newest}. Start "usher serve": it updates the database.`,
  );
}

/** Names and e-mail addresses will be in it: nobody else gets in. Throws `StoreUnusable` with a sentence for the admin. */
export function createFolder(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StoreUnusable(
      `the folder ${dataDir} can't be created: ${messageOf(error)}. Set DATA_DIR to a folder that Usher may write to.`,
      { cause: error },
    );
  }
}

/** SQLite would let everybody read; what it puts beside a file gets the same mode. */
function createPrivately(file: string): void {
  try {
    closeSync(openSync(file, 'a', 0o600));
  } catch (error) {
    throw cantOpen(file, error);
  }
}

/**
 * A second, empty database that stays exclusively locked while we run: the kernel frees it also after a
 * crash, so there is never a stale lock file to delete by hand.
 */
export function lockFolder(dataDir: string): Connection {
  const file = join(dataDir, LOCK_FILE);
  createPrivately(file); // who may read it could lock it, and keep us from starting
  const lock = connect(file, false);
  try {
    lock.pragma('busy_timeout = 0');
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if (isBusy(error)) {
      throw new StoreUnusable(
        `another Usher is using ${dataDir}. One folder belongs to one process: stop the other one, or give this one a DATA_DIR of its own.`,
        { cause: error },
      );
    }
    throw asUnusable(dataDir, error);
  }
}

function connect(file: string, readonly: boolean): Connection {
  let db: Connection | undefined;
  try {
    db = new Database(file, { readonly, timeout: 5000 });
    if (!readonly && file.endsWith(DATABASE)) {
      db.pragma('journal_mode = WAL');
      db.pragma('synchronous = FULL');
      db.pragma(`cache_size = -${CACHE_KIB}`);
    }
    db.pragma('foreign_keys = ON');
    db.function('fold_case', { deterministic: true }, (text) => foldCase(String(text)));
    return db;
  } catch (error) {
    db?.close();
    throw cantOpen(file, error);
  }
}

function migrate(db: Connection, dataDir: string, backupsKept: number): void {
  const scripts = migrations();
  const version = schemaVersion(db);
  if (version > scripts.length) {
    throw new StoreUnusable(newerDatabase(dataDir, version, scripts.length));
  }
  if (version > 0 && version < scripts.length && backupsKept > 0) {
    backUpBefore(scripts.length, version, db, { dataDir, kept: backupsKept });
  }
  for (const [index, script] of scripts.entries()) {
    if (index < version) continue;
    db.transaction(() => {
      db.exec(readFileSync(join(MIGRATIONS, script), 'utf8'));
      db.pragma(`user_version = ${index + 1}`);
    }).immediate();
  }
}

function backUpBefore(
  schema: number,
  version: number,
  db: Connection,
  options: { readonly dataDir: string; readonly kept: number },
): void {
  try {
    backUp(db, { ...options, reason: `before-schema-${schema}` });
  } catch (error) {
    throw new StoreUnusable(
      `the database has to be brought from schema ${version} to ${schema}, and that is not done without a backup: ${messageOf(error)} Then start again. Nothing was changed.`,
      { cause: error },
    );
  }
}

/** The schema that this version of Usher writes. */
export function newestSchema(): number {
  return migrations().length;
}

/** File names in order; the number each begins with is the schema version it leads to. */
function migrations(): readonly string[] {
  return readdirSync(MIGRATIONS)
    .filter((name) => name.endsWith('.sql'))
    .sort();
}

function schemaVersion(db: Connection): number {
  return Number(db.pragma('user_version', { simple: true }));
}

function newerDatabase(dataDir: string, found: number, known: number): string {
  return `the database in ${dataDir} was written by a newer Usher (schema ${found}, this one knows ${known}). Run the newer version, or restore the backup made before the update.`;
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether some process has the folder, as a running service does. */
export function isInUse(dataDir: string): boolean {
  const file = join(dataDir, LOCK_FILE);
  if (!existsSync(file)) return false;
  const lock = connect(file, true);
  try {
    lock.pragma('busy_timeout = 0');
    lock.prepare('SELECT count(*) FROM sqlite_master').get();
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  } finally {
    lock.close();
  }
}
