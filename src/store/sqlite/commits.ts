import { AsyncLocalStorage } from 'node:async_hooks';
import type { Connection } from './database.ts';

/** Writes of several requests in one transaction: they wait for the disk together, and not one after the other. */
export type Commits = {
  /**
   * Runs `work` soon, and resolves with what it returned once that is on disk. What it throws rejects, and undoes what it
   * alone did, if it is a transaction itself (a savepoint then). Whoever comes later sees what it wrote.
   */
  readonly write: <T>(work: () => T) => Promise<T>;
  /** Commits what waits. */
  readonly flush: () => void;
};

type Waiting = {
  readonly run: () => void;
  readonly settle: () => void;
  readonly fail: (error: unknown) => void;
};

/** Milliseconds after which the others are left for the next transaction, since nobody else has a turn meanwhile. */
const LONGEST_MS = 15;

export function createCommits(db: Connection): Commits {
  let waiting: Waiting[] = [];

  /** Resolves with how many of them were run. */
  const runSome = db.transaction((all: readonly Waiting[]): number => {
    const begin = performance.now();
    for (const [index, { run }] of all.entries()) {
      run();
      if (performance.now() - begin > LONGEST_MS) return index + 1;
    }
    return all.length;
  });

  const commitSome = (): void => {
    const all = waiting;
    waiting = [];
    let count = all.length;
    try {
      count = runSome.immediate(all);
      for (const { settle } of all.slice(0, count)) settle();
    } catch (error) {
      for (const { fail } of all) fail(error);
    }
    waiting = [...all.slice(count), ...waiting];
  };

  const commit = (): void => {
    if (waiting.length > 0) commitSome();
    if (waiting.length > 0) setImmediate(commit);
  };

  return {
    write<T>(work: () => T): Promise<T> {
      return new Promise((resolve, reject) => {
        let settle = (): void => {};
        // Who waits first commits for all; each write is still that of its own request.
        const run = AsyncLocalStorage.bind((): void => {
          try {
            const value = work();
            settle = () => resolve(value);
          } catch (error) {
            // The disk is full, or fails: SQLite has undone all of it.
            if (!db.inTransaction) throw error;
            settle = () => reject(error);
          }
        });
        if (waiting.length === 0) setImmediate(commit);
        waiting.push({ run, settle: () => settle(), fail: reject });
      });
    },
    flush() {
      while (waiting.length > 0) commitSome();
    },
  };
}
