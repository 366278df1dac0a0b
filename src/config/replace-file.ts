import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { FileNotWritten } from './error.ts';
import { reasonOf } from './values.ts';

/**
 * Gives a file another content, such that whoever reads it meanwhile sees the old one or the new one. Its mode, and
 * its owner as far as we may, stay; what a symlink leads to is written, and the link stays. Throws `FileNotWritten`.
 */
export function replaceFile(path: string, content: string): void {
  try {
    replace(realpathSync(path), content);
  } catch (error) {
    throw new FileNotWritten(`${path} can't be written: ${explain(reasonOf(error))}`, { cause: error });
  }
}

function replace(path: string, content: string): void {
  const { mode, uid, gid } = statSync(path);
  const draft = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  const file = openSync(draft, 'wx', 0o600);
  try {
    try {
      writeFileSync(file, content);
      keepOwner(file, uid, gid);
      fchmodSync(file, mode & 0o7777);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** A service that runs as somebody else must still be able to read it. Only root may give a file away. */
function keepOwner(file: number, uid: number, gid: number): void {
  try {
    fchownSync(file, uid, gid);
  } catch {
    // Then it is ours, as with any editor.
  }
}

function explain(code: string): string {
  if (code === 'EBUSY') return 'EBUSY. It is mounted alone: mount its folder instead';
  if (code === 'EROFS') return 'EROFS, it is mounted read-only. Edit it where it comes from, with --file';
  return code;
}
