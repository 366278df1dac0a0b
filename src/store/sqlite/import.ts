import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import Database from 'better-sqlite3';
import { StoreUnusable } from '../error.ts';
import type { Store } from '../store.ts';
import { DATABASE } from './files.ts';
import { contentsOf, isOfUsher } from './inspect.ts';
import { openStore } from './open-store.ts';
import { replaceDatabase } from './replace.ts';

/**
 * Fills the database of a folder that has none, or an empty one: all of it or, if `fill` rejects, nothing. Rejects with
 * `StoreUnusable` if there is anything in it, or another process has it.
 */
export async function fillEmptyDatabase(
  dataDir: string,
  fill: (store: Store) => Promise<void>,
): Promise<void> {
  await replaceDatabase({
    dataDir,
    aside: undefined,
    check: () => assertEmpty(dataDir),
    async prepare(folder) {
      const store = openStore(folder);
      try {
        await fill(store);
      } finally {
        await store.close();
      }
    },
  });
}

function assertEmpty(dataDir: string): void {
  const file = resolve(dataDir, DATABASE);
  if (!existsSync(file)) return;
  let db: Database.Database | undefined;
  try {
    db = new Database(file, { readonly: true });
    const isEmpty = !isOfUsher(db) || Object.values(contentsOf(db)).every((count) => count === 0);
    if (isEmpty) return;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StoreUnusable(`${file} can't be read: ${reason}. Set DATA_DIR to an empty folder.`, { cause });
  } finally {
    db?.close();
  }
  throw new StoreUnusable(
    `${file} has users or groups already, and an import needs an empty database. Set DATA_DIR to an empty folder, or move that file away. Nothing was changed.`,
  );
}
