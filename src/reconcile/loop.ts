import type { ResourceId } from '../directory/resource.ts';
import { HomeserverError, stopsEverything } from '../matrix/error.ts';
import type { Store, Urgency, WorkItem } from '../store/store.ts';
import { backoff } from './backoff.ts';
import type { Pass, PassReport } from './pass.ts';
import type { PersonReconciler } from './person-reconciler.ts';
import { createSignal } from './signal.ts';

export type Pause = {
  /** `internal` is trouble of our own, such as a disk that is full. */
  readonly kind: HomeserverError['kind'] | 'internal';
  readonly message: string;
  readonly until: number;
};

type Trouble = Pick<Pause, 'kind' | 'message'> & { readonly retryAfterMs?: number | undefined };

export type LoopStatus = {
  /** Everything waits until then, because of the homeserver as a whole. */
  readonly pause: Pause | undefined;
  readonly lastPass: PassReport | undefined;
};

/** Told of what an admin may want to read in the log. */
export type LoopListener = {
  /** Once for each outage, and when its kind changes. */
  readonly paused: (pause: Pause) => void;
  readonly resumed: () => void;
  readonly passed: (report: PassReport) => void;
  /** Only when the reason is another one than last time. */
  readonly postponed: (userId: ResourceId, message: string, until: number) => void;
  readonly crashed: (error: unknown) => void;
};

type Deps = {
  readonly store: Pick<Store, 'work'>;
  readonly pass: Pass;
  readonly reconcile: PersonReconciler;
  readonly listener: LoopListener;
  /** How many people are dealt with at once: at most so many calls are under way. */
  readonly concurrency: number;
  /** Milliseconds between the starts of two full passes. */
  readonly resyncMs: number;
  readonly now: () => number;
  readonly random: () => number;
};

export type Loop = {
  /** Runs until `stop`. */
  run(): Promise<void>;
  /** Runs a full pass and all that is due, then stops: what remains is failing or waits for the homeserver. */
  runOnce(): Promise<void>;
  /** Resolves once nothing is due and nothing is under way; what fails or waits for the homeserver remains. */
  rest(): Promise<void>;
  /** There is new work. */
  wake(): void;
  /** The map changed: a full pass is due now. */
  requestPass(): void;
  /** Lets the calls under way finish. */
  stop(): Promise<void>;
  status(): LoopStatus;
};

const OUTAGE = { baseMs: 1_000, capMs: 60_000 };
const REFUSAL = { baseMs: 60_000, capMs: 3_600_000 };
const FAILURE = { baseMs: 5_000, capMs: 3_600_000 };
/** Sooner than the next regular pass, since the admin is probably mending the map just now. */
const PROBLEM_RETRY_MS = 300_000;
/** What comes together is looked at together: a user, and her groups a moment later. */
const DEBOUNCE_MS = 100;
const IDLE_MS = 60_000;

/**
 * Deals with people who were marked: what takes away first, then what touches few, then the bulk. The newest
 * and the oldest of each take turns, and one place is kept for what touches few, so that a single change never
 * waits behind ten thousand.
 */
export function createLoop(deps: Deps): Loop {
  const { store, listener, now } = deps;
  const signal = createSignal();
  const running = new Map<ResourceId, { readonly urgency: Urgency; readonly done: Promise<void> }>();
  let passing: Promise<void> | undefined;
  let passDueAt = 0;
  /** The first pass, and one after an edit of the map, have everything tried at once. */
  let isPassRequested = true;
  let hasSurveyed = false;
  let lastPass: PassReport | undefined;
  let pause: Pause | undefined;
  let outages = 0;
  let turn: 'newest' | 'oldest' = 'oldest';
  const stop = new AbortController();
  let resting: (() => void)[] = [];

  const isPaused = (): boolean => pause !== undefined && pause.until > now();

  const pauseFor = (trouble: Trouble): void => {
    if (isPaused()) return;
    const wait = Math.max(trouble.retryAfterMs ?? 0, backoff(outages, OUTAGE, deps.random));
    const isNews = outages === 0 || pause?.kind !== trouble.kind;
    outages += 1;
    pause = { kind: trouble.kind, message: trouble.message, until: now() + wait };
    if (isNews) listener.paused(pause);
  };

  /** Nothing that we foresaw: it is logged, and not tried again at once. */
  const crash = (error: unknown): void => {
    listener.crashed(error);
    pauseFor({ kind: 'internal', message: 'an error inside Usher; see the log' });
  };

  const resume = (): void => {
    if (outages > 0) listener.resumed();
    outages = 0;
    pause = undefined;
  };

  const postpone = async (item: WorkItem, kind: string, message: string): Promise<void> => {
    const limits = kind === 'failed' ? FAILURE : REFUSAL;
    const until = now() + backoff(item.attempts, limits, deps.random);
    await store.work.postpone(item, until, { kind, message });
    if (message !== item.lastError?.message) listener.postponed(item.userId, message, until);
  };

  const handle = async (item: WorkItem): Promise<void> => {
    try {
      const { problems, wasRead } = await deps.reconcile(item);
      if (wasRead) resume();
      const [first] = problems;
      if (first === undefined) return await store.work.done(item);
      await postpone(item, first.kind, problems.map(({ message }) => message).join('\n'));
    } catch (error) {
      if (!(error instanceof HomeserverError)) {
        listener.crashed(error);
        return await postpone(item, 'internal', 'an error inside Usher; see the log');
      }
      if (error.kind === 'throttled') {
        const wait = Math.max(error.retryAfterMs ?? 0, backoff(item.attempts, OUTAGE, deps.random));
        const until = now() + wait;
        return await store.work.postpone(item, until, { kind: error.kind, message: error.message });
      }
      if (stopsEverything(error)) return pauseFor(error);
      await postpone(item, error.kind, error.message);
    }
    return undefined;
  };

  const runPass = async (isImpatient: boolean): Promise<void> => {
    try {
      const report = await deps.pass({
        isImpatient,
        signal: stop.signal,
        onResolved: () => {
          hasSurveyed = true;
          signal.raise();
        },
        onMarked: () => signal.raise(),
      });
      lastPass = report;
      const wait = report.problems.length > 0 ? Math.min(deps.resyncMs, PROBLEM_RETRY_MS) : deps.resyncMs;
      passDueAt = isPassRequested ? 0 : report.startedAt + wait;
      resume();
      listener.passed(report);
    } catch (error) {
      passDueAt = 0;
      if (stop.signal.aborted) return;
      isPassRequested ||= isImpatient;
      if (error instanceof HomeserverError) pauseFor(error);
      else crash(error);
    }
  };

  const startPassIfDue = (): void => {
    if (passing !== undefined || passDueAt > now()) return;
    const isImpatient = isPassRequested;
    passDueAt = Number.MAX_SAFE_INTEGER;
    isPassRequested = false;
    passing = runPass(isImpatient).finally(() => {
      passing = undefined;
      signal.raise();
    });
  };

  const takeNext = async (): Promise<WorkItem | undefined> => {
    if (!hasSurveyed || running.size >= deps.concurrency) return undefined;
    const others = [...running.values()].filter(({ urgency }) => urgency !== 'small').length;
    const isOpenToAll = others < Math.max(1, deps.concurrency - 1);
    const urgencies: readonly Urgency[] = isOpenToAll ? ['removal', 'small', 'bulk'] : ['small'];
    const query = { now: now(), order: turn, urgencies, except: [...running.keys()] };
    const item = await store.work.next(query);
    if (item !== undefined) turn = turn === 'newest' ? 'oldest' : 'newest';
    return item;
  };

  /** Starts what there is a place for; resolves with whether it started anything. */
  const startNext = async (): Promise<boolean> => {
    const item = await takeNext();
    if (item === undefined) return false;
    const done = handle(item)
      .catch(crash)
      .finally(() => {
        running.delete(item.userId);
        signal.raise();
      });
    running.set(item.userId, { urgency: item.urgency, done });
    return true;
  };

  const timeToWait = async (): Promise<number> => {
    if (pause !== undefined && isPaused()) return pause.until - now();
    const nextDue = hasSurveyed ? await store.work.nextDue() : undefined;
    const moments = [
      passing === undefined ? passDueAt : now() + IDLE_MS,
      ...(nextDue !== undefined && nextDue > now() ? [nextDue] : []),
    ];
    return Math.min(IDLE_MS, Math.max(0, Math.min(...moments) - now()));
  };

  const isIdle = (): boolean => running.size === 0 && passing === undefined;

  const rest = (): void => {
    for (const resolve of resting) resolve();
    resting = [];
  };

  const cycle = async ({ once }: { readonly once: boolean }): Promise<void> => {
    while (!stop.signal.aborted) {
      if (!isPaused()) startPassIfDue();
      // Asked before the queue is: what ends meanwhile may leave new work.
      const wasIdle = isIdle();
      if (!isPaused() && (await startNext().catch(crash))) continue;
      if (wasIdle && (isPaused() || passDueAt > now())) {
        rest();
        if (once) return;
      }
      await signal.wait(await timeToWait().catch(() => OUTAGE.baseMs));
    }
  };

  return {
    run: () => cycle({ once: false }),
    runOnce: () => cycle({ once: true }),
    rest: () =>
      new Promise((resolve) => {
        resting.push(resolve);
        signal.raise();
      }),
    wake: () => signal.raiseIn(DEBOUNCE_MS),
    requestPass() {
      isPassRequested = true;
      passDueAt = 0;
      signal.raise();
    },
    async stop() {
      stop.abort();
      signal.raise();
      await Promise.all([passing, ...[...running.values()].map(({ done }) => done)]);
    },
    status: () => ({ pause, lastPass }),
  };
}
