import { existsSync, readdirSync, statfsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type StoreTrouble, StoreUnusable, troubleOf } from '../error.ts';
import { backupsFolder, timeOfBackup } from './backup-names.ts';
import { DATABASE } from './files.ts';

/** Bytes; SQLite asks for about so much to begin with. */
const NOTHING_FREE = 65_536;

/** For the admin: what keeps the database of a folder from being used, and what to do. */
export function describeTrouble(dataDir: string, trouble: StoreTrouble, found: string): string {
  const folder = resolve(dataDir);
  const file = join(folder, DATABASE);
  const isFull = trouble === 'full' || (trouble === 'failing' && isDiskFull(folder));
  if (isFull)
    return `the disk of ${folder} is full (${found}). Make room on it, e.g. by moving old backups elsewhere.`;
  switch (trouble) {
    case 'read-only':
      return `${file} may not be written to (${found}). Mount the disk for writing (one that became read-only by itself may be failing: see the log of the kernel), give the folder to the user Usher runs as, or set DATA_DIR to another one.`;
    case 'broken':
      return `${file} is broken (${found}). ${cureFor(folder)}`;
    case 'busy':
      return `${file} is kept busy by another process (${found}). Find out which one has it open, and stop that.`;
    default:
      return `${file} can't be read or written (${found}). The disk may be failing: see the log of the kernel. Check that the folder belongs to the user Usher runs as, and that the disk is not full.`;
  }
}

/** For a database that is broken: which backup there is, and how it is put in its place. */
export function cureFor(dataDir: string): string {
  const newest = newestBackup(dataDir);
  const command = newest === undefined ? 'usher restore FILE' : `usher restore ${newest}`;
  const which =
    newest === undefined
      ? ` There is none in ${backupsFolder(dataDir)}: take one that you keep elsewhere; without any, docs/operations.md says how to start anew.`
      : ' (the newest there is).';
  return `Stop Usher, and put a backup in its place: ${command}${which} What is there now is kept beside it.`;
}

/** That a file of the folder can't be opened. */
export function cantOpen(file: string, error: unknown): StoreUnusable {
  const trouble = troubleOf(new StoreUnusable('', { cause: error }));
  const isFolder = statSync(file, { throwIfNoEntry: false })?.isDirectory() === true;
  const text = isFolder
    ? `${file} is a folder, and has to be a file. Move it away, and start again; if it took the place of the database, restore a backup first (usher restore FILE).`
    : trouble === undefined
      ? `${file} can't be opened: ${foundIn(error)}. Check that the folder belongs to the user Usher runs as, that the disk is not full, and that the file is an SQLite database.`
      : describeTrouble(dirname(file), trouble, foundIn(error));
  return new StoreUnusable(text, { cause: error });
}

/** `error`, as a sentence for the admin if it is trouble of the database of that folder. */
export function asUnusable(dataDir: string, error: unknown): unknown {
  const trouble = error instanceof StoreUnusable ? undefined : troubleOf(error);
  if (trouble === undefined) return error;
  return new StoreUnusable(describeTrouble(dataDir, trouble, foundIn(error)), { cause: error });
}

/** What SQLite or the kernel says. */
export function foundIn(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  return code.startsWith('SQLITE_') ? `${code}: ${error.message}` : error.message;
}

function newestBackup(dataDir: string): string | undefined {
  const folder = backupsFolder(dataDir);
  try {
    const names = readdirSync(folder).filter((name) => timeOfBackup(name) !== undefined);
    const newest = names.toSorted().at(-1);
    return newest && join(folder, newest);
  } catch {
    return undefined; // no folder, or none that can be read
  }
}

function isDiskFull(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(existsSync(folder) ? folder : dirname(folder));
    return bavail * bsize < NOTHING_FREE;
  } catch {
    return false;
  }
}
