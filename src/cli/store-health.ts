import type { Log } from '../log.ts';
import { type StoreTrouble, troubleOf } from '../store/error.ts';
import { describeTrouble, foundIn } from '../store/sqlite/unusable.ts';
import type { Store } from '../store/store.ts';

/** What is known of the database while we run. */
export type StoreHealth = {
  /** Whether an error is trouble of the database. It is logged when it begins, and when it becomes another one. */
  readonly notice: (error: unknown) => boolean;
  /** Notices an error; what is no trouble of the database is logged as one of ours. */
  readonly report: (error: unknown) => void;
  /** What is wrong now, and what to do. */
  readonly trouble: () => string | undefined;
  /** Asks the database whether the trouble is over. What is broken stays so until somebody restores it. */
  readonly ask: () => Promise<void>;
};

type Deps = {
  readonly store: Pick<Store, 'probe'>;
  readonly dataDir: string;
  readonly log: Log;
  /** What the database says can't be believed any more. */
  readonly onBroken: () => void;
};

/** A small write may fit where a large one did not: so long nothing may fail, in milliseconds. */
const QUIET_MS = 5_000;

export function createStoreHealth({ store, dataDir, log, onBroken }: Deps): StoreHealth {
  let current: { readonly kind: StoreTrouble; readonly text: string } | undefined;
  let failedAt = 0;
  const notice = (error: unknown): boolean => {
    const kind = troubleOf(error);
    if (kind === undefined) return false;
    failedAt = performance.now();
    if (current?.kind === kind || current?.kind === 'broken') return true;
    current = { kind, text: describeTrouble(dataDir, kind, foundIn(error)) };
    log.error({ kind, reason: current.text }, 'database can not be used');
    if (kind === 'broken') onBroken();
    return true;
  };
  return {
    notice,
    report(err) {
      if (!notice(err)) log.error({ err }, 'error inside Usher');
    },
    trouble: () => current?.text,
    async ask() {
      if (current === undefined || current.kind === 'broken') return;
      if (performance.now() - failedAt < QUIET_MS) return;
      try {
        await store.probe();
      } catch (error) {
        if (!notice(error)) throw error;
        return;
      }
      log.info({ kind: current.kind }, 'database can be used again');
      current = undefined;
    },
  };
}
