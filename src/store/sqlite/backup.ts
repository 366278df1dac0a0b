import { closeSync, existsSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { BackupFailed, StoreUnusable } from '../error.ts';
import type { MadeBackup } from '../store.ts';
import { assertNothingLost } from './assert-nothing-lost.ts';
import { backupName, backupsFolder, isOurs, partOf, passingFile, prune } from './backup-names.ts';
import { DATABASE, moveSafely } from './files.ts';
import { type Contents, checkWhole, contentsOf, isOfUsher, writeFact } from './inspect.ts';
import { cantOpen } from './unusable.ts';

/** A backup that was read again and found to be whole. */
export type Backup = Contents & {
  readonly path: string;
  readonly bytes: number;
  /** Whether it took the place of one that was made in the same second. */
  readonly hasReplaced: boolean;
};

export type BackupOptions = {
  readonly dataDir: string;
  /** How many stay in the folder of the backups. */
  readonly kept: number;
  /** Goes into the name and into the backup; undefined if a person asked for it. */
  readonly reason: string | undefined;
  /** Instead of a name of ours in the folder of the backups. */
  readonly target?: string | undefined;
};

/** One that the caller sends somewhere and deletes. */
export function backUpInPassing(dataDir: string): Backup {
  return backUpFolder({ dataDir, kept: 0, reason: undefined, target: passingFile(dataDir) });
}

/** Where no setting says it. */
export const BACKUPS_KEPT = 10;

type Job = BackupOptions & { readonly at: number; readonly path: string; readonly part: string };

/** A backup of a moment, while others write to the database. Throws `BackupFailed`, and leaves nothing then. */
export function backUp(db: Database.Database, options: BackupOptions): Backup {
  const job = begin(options);
  try {
    db.prepare('VACUUM INTO ?').run(job.part);
    return finish(job);
  } catch (error) {
    throw failed(job, error);
  }
}

/** The same, some pages at a time: others have their turn in between. */
export async function backUpInTurns(db: Database.Database, options: BackupOptions): Promise<Backup> {
  const job = begin(options);
  try {
    await db.backup(job.part);
    return finish(job);
  } catch (error) {
    throw failed(job, error);
  }
}

/**
 * A backup of the database of a folder, also while a service writes to it, and whatever its schema is. Throws
 * `StoreUnusable` if there is no database.
 */
export function backUpFolder(options: BackupOptions): Backup {
  const { dataDir } = options;
  const file = resolve(dataDir, DATABASE);
  assertNothingLost(file);
  if (!existsSync(file)) {
    throw new StoreUnusable(
      `there is no database in ${dataDir} to back up. Set DATA_DIR to the folder that Usher uses.`,
    );
  }
  const db = openSource(file);
  try {
    return backUp(db, options);
  } finally {
    db.close();
  }
}

function openSource(file: string): Database.Database {
  let db: Database.Database | undefined;
  try {
    db = new Database(file, { readonly: true, timeout: 5000 });
    if (isOfUsher(db)) return db;
  } catch (error) {
    db?.close();
    throw cantOpen(file, error);
  }
  db.close();
  throw new StoreUnusable(
    `${file} is no database of Usher, or was never finished: there is nothing to back up.`,
  );
}

function begin(options: BackupOptions): Job {
  const { dataDir, reason, target } = options;
  const at = Date.now();
  const path = resolve(target ?? join(backupsFolder(dataDir), backupName(at, reason)));
  const job = { ...options, at, path, part: partOf(path) };
  if (existsSync(path) && !isOurs(path, dataDir)) throw taken(path);
  try {
    if (dirname(path) === backupsFolder(dataDir)) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    rmSync(job.part, { force: true });
    // Names and e-mail addresses are in it: SQLite would let everybody read.
    closeSync(openSync(job.part, 'wx', 0o600));
    return job;
  } catch (error) {
    throw failed(job, error);
  }
}

function finish({ dataDir, kept, reason, target, at, path, part }: Job): Backup {
  const contents = complete(part, { at, reason: reason ?? 'by command' });
  if (existsSync(path) && !isOurs(path, dataDir)) throw taken(path);
  const hasReplaced = existsSync(path);
  moveSafely(part, path);
  if (target === undefined) prune(dataDir, kept, [path]);
  return { path, bytes: statSync(path).size, hasReplaced, ...contents };
}

/** One that stays only if something is done; it was made with `kept` so high that none made room for it. */
export function untilDone({ path, hasReplaced }: Backup, dataDir: string, kept: number): MadeBackup {
  const { ino } = statSync(path);
  return {
    path,
    keep: () => prune(dataDir, kept, [path]),
    discard() {
      // Whoever made one in the same second may need it.
      const isOnly = !hasReplaced && statSync(path, { throwIfNoEntry: false })?.ino === ino;
      if (isOnly) rmSync(path, { force: true });
    },
  };
}

/** Writes into the copy what it is, makes one file of it, and reads all of it again. */
function complete(part: string, origin: { readonly at: number; readonly reason: string }): Contents {
  const copy = new Database(part);
  try {
    copy.pragma('journal_mode = DELETE');
    writeFact(copy, 'backup', origin);
    const found = checkWhole(copy, 'quick_check');
    if (found !== 'ok') throw new Error(`what was written is not whole (${found})`);
    return contentsOf(copy);
  } finally {
    copy.close();
  }
}

function failed({ path, part }: Job, cause: unknown): BackupFailed {
  for (const end of ['', '-journal', '-wal', '-shm']) {
    rmSync(`${part}${end}`, { force: true, recursive: true });
  }
  if (cause instanceof BackupFailed) return cause;
  return new BackupFailed(
    `no backup could be made as ${path}: ${messageOf(cause)}. ${adviceFor(cause, path)}`,
    {
      cause,
    },
  );
}

function adviceFor(cause: unknown, path: string): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const folder = dirname(path);
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT') {
    return `Make room on the disk of ${folder}.`;
  }
  if (code === 'SQLITE_CORRUPT' || code === 'SQLITE_NOTADB') {
    return 'The database is broken: stop Usher, and restore the last good backup ("usher restore FILE").';
  }
  return `Check that ${folder} is a folder which the user Usher runs as may write to, and that its disk is not full.`;
}

function taken(path: string): BackupFailed {
  return new BackupFailed(`${path} is there already, and is not written over. Give another name.`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
