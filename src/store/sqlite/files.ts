import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** The name of the database in its folder. */
export const DATABASE = 'usher.db';

/** The content of the file is on disk when this returns. */
export function syncFile(file: string): void {
  sync(file, 'r+');
}

/** A rename in the folder is on disk when this returns. */
export function syncFolder(folder: string): void {
  sync(folder, 'r');
}

/** Puts a finished file in the place of another one, or where none was; all of it or nothing, also after a crash. */
export function moveSafely(from: string, to: string): void {
  syncFile(from);
  renameSync(from, to);
  syncFolder(dirname(to));
}

/** Writes a whole file that only we may read; who reads it sees the old text or the new one. */
export function writeSafely(file: string, text: string): void {
  const part = `${file}.part`;
  try {
    writeFileSync(part, text, { mode: 0o600 });
    moveSafely(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

function sync(path: string, flags: string): void {
  const file = openSync(path, flags);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
