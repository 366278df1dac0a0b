import type { Logger } from 'pino';

/** Why a client was not served, or not to the end. */
export const REFUSALS = ['token', 'throttled', 'busy', 'stopping', 'slow', 'connections'] as const;
export type Refusal = (typeof REFUSALS)[number];

export type Refusals = {
  readonly note: (reason: Refusal, address: string) => void;
  /** Tells what was not told yet. */
  readonly close: () => void;
};

type RefusalsDeps = {
  readonly log: Logger;
  readonly count: (reason: Refusal) => void;
  /** Milliseconds between two lines about the same. */
  readonly intervalMs?: number;
};

/** Different things that are told one by one in an interval; the others together. */
const MOST_TOLD = 1_000;
const OTHERS = 'others';

/**
 * Counts each refusal, and logs of one reason and address the first at once, and of those that follow one line a minute.
 * So a flood fills neither the disk nor the time.
 */
export function createRefusals({ log, count, intervalMs = 60_000 }: RefusalsDeps): Refusals {
  const untold = new Map<string, { readonly reason: Refusal; readonly address: string; times: number }>();
  let timer: NodeJS.Timeout | undefined;
  const tell = (reason: Refusal, address: string, times: number): void =>
    log.warn({ reason, address, times }, 'requests refused');
  const tellAll = (): void => {
    for (const [key, each] of untold) {
      if (each.times === 0) untold.delete(key);
      else tell(each.reason, each.address, each.times);
      each.times = 0;
    }
    timer = untold.size === 0 ? undefined : setTimeout(tellAll, intervalMs).unref();
  };
  return {
    note(reason, from) {
      count(reason);
      const isNew = !untold.has(`${reason} ${from}`);
      const address = isNew && untold.size >= MOST_TOLD ? OTHERS : from;
      const key = `${reason} ${address}`;
      const found = untold.get(key);
      if (found !== undefined) {
        found.times += 1;
        return;
      }
      untold.set(key, { reason, address, times: 0 });
      tell(reason, address, 1);
      timer ??= setTimeout(tellAll, intervalMs).unref();
    },
    close() {
      tellAll();
      clearTimeout(timer);
    },
  };
}
