import { forEach } from '../pieces.ts';
import { backoff } from '../reconcile/backoff.ts';
import type { EventStore, StoredEvent } from '../store/event-store.ts';

/** What came of sending one event. `refused`: this one is not taken; `failed`: none is at present. */
export type Sent =
  | { readonly kind: 'taken' }
  | {
      readonly kind: 'refused' | 'failed';
      readonly reason: string;
      readonly retryAfterMs?: number | undefined;
    };

export type Feed = {
  /** Sends what waits, as far as it is taken now. Rejects if the store does. */
  flush(): Promise<void>;
  /** Why events are not taken. */
  trouble(): string | undefined;
};

type Deps = {
  readonly events: EventStore;
  readonly send: (event: StoredEvent) => Promise<Sent>;
  readonly now: () => number;
  readonly random: () => number;
  /** Told when events are not taken any more, or for another reason, and when they are again. */
  readonly onTrouble: (reason: string | undefined) => void;
  readonly onDropped: (count: number) => void;
};

/** What is kept for a receiver that is away: so many events, not older than a week. */
const MOST_EVENTS = 100_000;
export const LONGEST_MS = 7 * 24 * 3_600_000;
/** How often that is looked after, in milliseconds. */
const TRIM_MS = 60_000;
/** What is sent before it is forgotten: after a crash, so many at most come twice. */
const ROUND = 100;
/** Resources of which events are under way at once; of each, one event. */
const AT_ONCE = 4;
/** So many refusals without one event that was taken are about all of them. */
const MOST_REFUSED = 5;
const RETRY = { baseMs: 5_000, capMs: 600_000 };

type Delay = { readonly attempts: number; readonly until: number };

/** Tells a receiver of each change, in order for each resource, at least once. */
export function createFeed({ events, send, now, random, onTrouble, onDropped }: Deps): Feed {
  /** Resources with an event that is refused: what follows it waits. */
  const refused = new Map<string, Delay>();
  let refusedInARow = 0;
  let pause: Delay = { attempts: 0, until: 0 };
  let trimmedAt = Number.NEGATIVE_INFINITY;
  let trouble: string | undefined;
  /** Taken, and not forgotten yet: while nothing can be written, they are not sent again. */
  const taken = new Set<number>();

  const later = (attempts: number, retryAfterMs = 0): Delay => ({
    attempts: attempts + 1,
    until: now() + Math.max(retryAfterMs, backoff(attempts, RETRY, random)),
  });

  const setTrouble = (next: string | undefined): void => {
    if (next === trouble) return;
    trouble = next;
    onTrouble(next);
  };

  const trim = async (): Promise<void> => {
    if (now() - trimmedAt < TRIM_MS && now() >= trimmedAt) return;
    trimmedAt = now();
    const dropped = await events.trim(now() - LONGEST_MS, MOST_EVENTS);
    if (dropped > 0) onDropped(dropped);
  };

  const isPaused = (): boolean => pause.until > now();

  const take = (resource: string): void => {
    refused.delete(resource);
    refusedInARow = 0;
    pause = { attempts: 0, until: 0 };
    if (refused.size === 0) setTrouble(undefined);
  };

  const stop = (reason: string, retryAfterMs?: number): void => {
    if (!isPaused()) pause = later(pause.attempts, retryAfterMs);
    setTrouble(reason);
  };

  /** Events of one resource; up to the first that is not taken. */
  const sendInOrder = async (some: readonly StoredEvent[]): Promise<void> => {
    for (const event of some) {
      if (isPaused()) break;
      const sent = await send(event);
      if (sent.kind === 'taken') {
        taken.add(event.seq);
        take(event.resource);
        continue;
      }
      if (sent.kind === 'failed') stop(sent.reason, sent.retryAfterMs);
      else {
        refused.set(event.resource, later(refused.get(event.resource)?.attempts ?? 0));
        refusedInARow += 1;
        if (refusedInARow >= MOST_REFUSED) stop(sent.reason);
        else setTrouble(sent.reason);
      }
      break;
    }
  };

  /** Rejects while nothing can be written, and asks the database more and more seldom then. */
  const forgetTaken = async (): Promise<void> => {
    if (taken.size === 0) return;
    try {
      await events.remove([...taken]);
      taken.clear();
    } catch (error) {
      pause = later(pause.attempts);
      throw error;
    }
  };

  const round = async (): Promise<boolean> => {
    const waiting = [...refused].filter(([, { until }]) => until > now()).map(([resource]) => resource);
    const next = await events.next(ROUND, waiting);
    if (next.length === 0) {
      // What was refused is gone by now, too old.
      if (waiting.length > 0 && (await events.next(1, [])).length === 0) {
        refused.clear();
        setTrouble(undefined);
      }
      return false;
    }
    try {
      await forEach(Map.groupBy(next, ({ resource }) => resource).values(), AT_ONCE, sendInOrder);
      return taken.size > 0;
    } finally {
      await forgetTaken();
    }
  };

  return {
    async flush() {
      if (isPaused()) return;
      await forgetTaken();
      await trim();
      while (!isPaused() && (await round())) await trim();
    },
    trouble: () => trouble,
  };
}
