import { createReadStream, createWriteStream, existsSync, realpathSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import Database from 'better-sqlite3';
import { StoreUnusable } from '../error.ts';
import { newestSchema } from './database.ts';
import { DATABASE } from './files.ts';
import {
  type Contents,
  checkWhole,
  contentsOf,
  isOfUsher,
  isSqlite,
  type Origin,
  originOf,
} from './inspect.ts';
import { openStore } from './open-store.ts';
import { replaceDatabase } from './replace.ts';

type Restored = {
  readonly contents: Contents;
  /** When the backup was made, and why; or when the file was last written, if it does not say. */
  readonly origin: Partial<Origin> & Pick<Origin, 'at'>;
  /** Where the database is that was there before. */
  readonly aside: string | undefined;
};

type Job = {
  readonly dataDir: string;
  readonly kept: number;
  /** A path, or what is read to its end. */
  readonly from: string | NodeJS.ReadableStream;
  /** Why nothing may be taken away, for the hold. */
  readonly reason: (origin: Restored['origin']) => string;
  readonly now: number;
};

/**
 * Puts a backup in the place of the database, brings it up to date, and records in it that nothing is to be taken away
 * before a person has looked. Rejects with `StoreUnusable`, and nothing is changed then.
 */
export async function restoreBackup({ dataDir, kept, from, reason, now }: Job): Promise<Restored> {
  const name = typeof from === 'string' ? basename(from) : 'standard input';
  if (typeof from === 'string') assertOther(from, dataDir);
  const { result, aside } = await replaceDatabase({
    dataDir,
    aside: { reason: 'before-restore', kept, spared: typeof from === 'string' ? [from] : [] },
    async prepare(folder) {
      const copy = join(folder, DATABASE);
      await bring(from, copy).catch((error: unknown) => {
        throw new StoreUnusable(
          `${name} can't be copied into ${dataDir}: ${messageOf(error)}. See that it can be read, and make room on that disk. Nothing was changed.`,
          { cause: error },
        );
      });
      const found = examine(copy, name);
      const origin = found.origin ?? { at: typeof from === 'string' ? statSync(from).mtimeMs : now };
      const store = openStore(folder, { backupsKept: 0 });
      try {
        // What somebody approved then was about the world of then.
        await store.guard.forgetApproved();
        // What was to be said then was said since.
        await store.words.drop();
        await store.guard.openHold({ scope: 'restored', reason: reason(origin), since: now });
      } finally {
        await store.close();
      }
      return { contents: found.contents, origin };
    },
  });
  return { ...result, aside };
}

function assertOther(file: string, dataDir: string): void {
  if (!existsSync(file)) throw new StoreUnusable(`${file} can't be restored: there is no such file.`);
  if (!statSync(file).isFile()) throw new StoreUnusable(`${file} can't be restored: it is no file.`);
  const present = resolve(dataDir, DATABASE);
  if (existsSync(present) && realpathSync(file) === realpathSync(present)) {
    throw new StoreUnusable(`${file} is the database in use. Name a backup of it.`);
  }
}

/** The copy is ours: what is looked for, repaired and brought up to date in it changes nothing in the backup. */
async function bring(from: Job['from'], to: string): Promise<void> {
  if (typeof from !== 'string') return writePrivately(from, to);
  await writePrivately(createReadStream(from), to);
  // Copied by hand, with the newest changes in the file beside it.
  if (existsSync(`${from}-wal`)) await writePrivately(createReadStream(`${from}-wal`), `${to}-wal`);
}

/** A copy by the system would have the mode of the backup first, and what SQLite puts beside it gets the same as it has. */
function writePrivately(from: NodeJS.ReadableStream, to: string): Promise<void> {
  return pipeline(from, createWriteStream(to, { mode: 0o600 }));
}

function examine(
  file: string,
  name: string,
): { readonly contents: Contents; readonly origin: Origin | undefined } {
  const refuse = (why: string): StoreUnusable =>
    new StoreUnusable(`${name} can't be restored: ${why}. Nothing was changed.`);
  if (!isSqlite(file)) throw refuse('it is no SQLite database, or only a part of one');
  let db: Database.Database | undefined;
  try {
    db = new Database(file);
    db.pragma('journal_mode = DELETE');
    const whole = checkWhole(db, 'integrity_check');
    if (whole !== 'ok') throw refuse(`it is broken (${whole})`);
    if (!isOfUsher(db)) throw refuse('it is a database of something else than Usher');
    const schema = Number(db.pragma('user_version', { simple: true }));
    if (schema > newestSchema()) {
      throw refuse(
        `a newer Usher wrote it (schema ${schema}, this one knows ${newestSchema()}); restore it with that one`,
      );
    }
    if (schema < 1) throw refuse('it was never finished');
    return { contents: contentsOf(db), origin: originOf(db) };
  } catch (error) {
    if (error instanceof StoreUnusable) throw error;
    throw refuse(`it is broken (${messageOf(error)})`);
  } finally {
    db?.close();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
