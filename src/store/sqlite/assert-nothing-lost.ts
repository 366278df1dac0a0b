import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreUnusable } from '../error.ts';
import { cureFor } from './unusable.ts';

/** What the file of the newest changes begins with; it is empty, or zeros after a loss of power, if there are none. */
const BEGINNINGS = [0x377f0682, 0x377f0683, 0];

/**
 * Throws `StoreUnusable` where SQLite would open an older state, or an empty one, and silently throw away the newest
 * changes: they are in `usher.db-wal`, which it deletes if `usher.db` is empty, and ignores if it can't read it.
 */
export function assertNothingLost(file: string): void {
  const wal = `${file}-wal`;
  if (isEmpty(wal)) return;
  if (isEmpty(file)) {
    throw new StoreUnusable(
      `${file} is ${existsSync(file) ? 'empty' : 'gone'}, and the newest changes to it are in ${wal}: something replaced it, or its disk lost it. ${cureFor(dirname(file))} To start with an empty one, move ${wal} away, too.`,
    );
  }
  if (!BEGINNINGS.includes(beginningOf(wal))) {
    throw new StoreUnusable(
      `${wal} is broken (it does not begin as SQLite's files of changes do), and the newest changes were in it. ${cureFor(dirname(file))} To go on without them, move ${wal} away.`,
    );
  }
}

function isEmpty(file: string): boolean {
  return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0;
}

function beginningOf(file: string): number {
  const buffer = Buffer.alloc(4);
  const opened = openSync(file, 'r');
  try {
    readSync(opened, buffer, 0, buffer.length, 0);
  } finally {
    closeSync(opened);
  }
  return buffer.readUInt32BE();
}
