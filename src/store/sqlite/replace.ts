import { copyFileSync, existsSync, linkSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { backupName, backupsFolder, prune } from './backup-names.ts';
import { createFolder, lockFolder } from './database.ts';
import { DATABASE, moveSafely, syncFile, syncFolder } from './files.ts';
import { isSqlite, writeFact } from './inspect.ts';
import { readSeal } from './seal.ts';

const BESIDE = ['-wal', '-shm', '-journal'];

export type Replacement<T> = {
  readonly dataDir: string;
  /** The database that is there is kept as a backup with this reason in its name; undefined: it is not worth it. */
  readonly aside:
    | { readonly reason: string; readonly kept: number; readonly spared: readonly string[] }
    | undefined;
  /** Whether it may be: throws what speaks against it. Nobody else has the folder then. */
  readonly check?: () => void;
  /** Makes `usher.db` in a folder of its own, and closes it. If this rejects, all stays as it was. */
  readonly prepare: (folder: string) => Promise<T>;
};

/**
 * Puts a finished database in the place of the one that is there: the old one or the new one, also after a crash.
 * Rejects with `StoreUnusable` while another process has the folder.
 */
export async function replaceDatabase<T>(
  replacement: Replacement<T>,
): Promise<{ readonly result: T; readonly aside: string | undefined }> {
  const dataDir = resolve(replacement.dataDir);
  createFolder(dataDir);
  const lock = lockFolder(dataDir);
  const folder = join(dataDir, 'staging');
  try {
    replacement.check?.();
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { mode: 0o700 });
    const result = await replacement.prepare(folder);
    const finished = join(folder, DATABASE);
    takeOver(finished, dataDir);
    const file = join(dataDir, DATABASE);
    const aside = replacement.aside && keep(file, replacement.aside.reason);
    for (const end of BESIDE) rmSync(`${file}${end}`, { force: true });
    moveSafely(finished, file);
    if (replacement.aside !== undefined) {
      const { kept, spared } = replacement.aside;
      prune(dataDir, kept, aside === undefined ? spared : [...spared, aside]);
    }
    return { result, aside };
  } finally {
    rmSync(folder, { recursive: true, force: true });
    lock.close();
  }
}

/** The folder is to take it for its own: nobody put an old copy there behind our back. */
function takeOver(file: string, dataDir: string): void {
  const db = new Database(file);
  try {
    db.pragma('journal_mode = DELETE');
    const seal = readSeal(dataDir);
    if (seal !== undefined) writeFact(db, 'seal', { ...seal, count: seal.count + 1 });
    writeFact(db, 'backup', undefined);
  } finally {
    db.close();
  }
}

/** A second name for the present database. It also works for one that is broken, which may be why it is replaced. */
function keep(file: string, reason: string): string | undefined {
  if (!existsSync(file)) return undefined;
  makeOneFile(file);
  const aside = freeName(dirname(file), reason);
  mkdirSync(dirname(aside), { recursive: true, mode: 0o700 });
  double(file, aside);
  for (const end of ['-wal', '-journal']) {
    if (existsSync(`${file}${end}`)) double(`${file}${end}`, `${aside}${end}`);
  }
  syncFolder(dirname(aside));
  return aside;
}

/** The newest changes may be in the file beside it. */
function makeOneFile(file: string): void {
  try {
    if (!isSqlite(file)) return;
    const db = new Database(file);
    try {
      db.pragma('journal_mode = DELETE');
    } finally {
      db.close();
    }
  } catch {
    // Broken: then it is kept as it is, with the file beside it.
  }
}

function double(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to); // a file system without hard links
    syncFile(to);
  }
}

function freeName(dataDir: string, reason: string): string {
  for (let at = Date.now(); ; at += 1000) {
    const name = join(backupsFolder(dataDir), backupName(at, reason));
    if (!existsSync(name)) return name;
  }
}
