import type { ResourceId } from '../directory/resource.ts';
import { HomeserverError, stopsEverything } from '../matrix/error.ts';
import type { RoomId } from '../matrix/ids.ts';
import type { Store, Urgency, WorkItem } from '../store/store.ts';
import { backoff } from './backoff.ts';
import type { Guard } from './guard.ts';
import type { Pass, PassReport } from './pass.ts';
import { createPauses, OUTAGE, type Pause } from './pauses.ts';
import type { PersonReconciler } from './person-reconciler.ts';
import type { Problem } from './problem.ts';
import type { RoomDesk } from './room-desk.ts';
import type { RoomReconciler } from './room-reconciler.ts';
import { createRoomTurn, limitsFor } from './room-turn.ts';
import { createSignal } from './signal.ts';

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
  readonly rooms: RoomDesk;
  readonly reconcileRoom: RoomReconciler;
  readonly guard: Guard;
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
  /** Another process may have decided something. */
  requestReview(): void;
  /** Lets the calls under way finish. */
  stop(): Promise<void>;
  status(): LoopStatus;
  /** What the last pass and the last looks at single rooms could not do. */
  problems(): readonly Problem[];
};

/** Sooner than the next regular pass, since the admin is probably mending the map just now. */
const PROBLEM_RETRY_MS = 300_000;
/** What comes together is looked at together: a user, and her groups a moment later. */
const DEBOUNCE_MS = 100;
const IDLE_MS = 60_000;
const REVIEW_MS = 5_000;

/**
 * Deals with people who were marked: what takes away first, then what touches few, then the bulk. The newest
 * and the oldest of each take turns, and one place is kept for what touches few, so that a single change never
 * waits behind ten thousand.
 */
export function createLoop(deps: Deps): Loop {
  const { store, rooms, listener, now } = deps;
  const signal = createSignal();
  const pauses = createPauses(deps);
  const lookAt = createRoomTurn({ ...deps, pauses, crashed: listener.crashed });
  const running = new Map<ResourceId, { readonly urgency: Urgency; readonly done: Promise<void> }>();
  const looking = new Map<RoomId, Promise<void>>();
  let reviewedAt = 0;
  let passing: Promise<void> | undefined;
  let passDueAt = 0;
  /** The first pass, and one after an edit of the map, have everything tried at once. */
  let isPassRequested = true;
  let hasSurveyed = false;
  let lastPass: PassReport | undefined;
  let turn: 'newest' | 'oldest' = 'oldest';
  const stop = new AbortController();
  let resting: (() => void)[] = [];

  /** Nothing that we foresaw: it is logged, and not tried again at once. */
  const crash = (error: unknown): void => {
    listener.crashed(error);
    pauses.begin({ kind: 'internal', message: 'an error inside Usher; see the log' });
  };

  const postpone = async (item: WorkItem, kind: string, message: string): Promise<void> => {
    const until = now() + backoff(item.attempts, limitsFor(kind), deps.random);
    await store.work.postpone(item, until, { kind, message });
    if (message !== item.lastError?.message) listener.postponed(item.userId, message, until);
  };

  const handle = async (item: WorkItem): Promise<void> => {
    try {
      const { problems, wasRead, isOutdated } = await deps.reconcile(item);
      if (wasRead) pauses.end();
      if (isOutdated) return await store.work.mark([item.userId], item.urgency, now());
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
      if (stopsEverything(error)) return pauses.begin(error);
      pauses.end();
      await postpone(item, error.kind, error.message);
    }
    return undefined;
  };

  const runPass = async (isImpatient: boolean): Promise<void> => {
    if (isImpatient) rooms.hurry();
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
      rooms.recheck();
      deps.guard.passed();
      const wait = report.problems.length > 0 ? Math.min(deps.resyncMs, PROBLEM_RETRY_MS) : deps.resyncMs;
      passDueAt = isPassRequested ? 0 : report.startedAt + wait;
      pauses.end();
      listener.passed(report);
    } catch (error) {
      passDueAt = 0;
      if (stop.signal.aborted) return;
      isPassRequested ||= isImpatient;
      if (error instanceof HomeserverError) pauses.begin(error);
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

  const hasPlace = (): boolean => hasSurveyed && running.size + looking.size < deps.concurrency;

  /** One place is kept for what touches few. */
  const isOpenToAll = (): boolean => {
    const others = [...running.values()].filter(({ urgency }) => urgency !== 'small').length;
    return others + looking.size < Math.max(1, deps.concurrency - 1);
  };

  const takeNext = async (): Promise<WorkItem | undefined> => {
    if (!hasPlace()) return undefined;
    const urgencies: readonly Urgency[] = isOpenToAll() ? ['removal', 'small', 'bulk'] : ['small'];
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

  /** A room's turn comes when no person's is due, or after a while. */
  const startRoom = (isQuiet: boolean): boolean => {
    if (!hasPlace() || !isOpenToAll()) return false;
    const roomId = rooms.next(now(), isQuiet && running.size === 0 && passing === undefined);
    if (roomId === undefined) return false;
    const done = lookAt(roomId, stop.signal)
      .catch(crash)
      .finally(() => {
        looking.delete(roomId);
        signal.raise();
      });
    looking.set(roomId, done);
    return true;
  };

  /** When nothing else is due, and at least every few seconds while there is. */
  const review = async (isQuiet: boolean): Promise<boolean> => {
    if (!hasSurveyed || !deps.guard.isReviewDue()) return false;
    if (!isQuiet && now() - reviewedAt < REVIEW_MS) return false;
    reviewedAt = now();
    await deps.guard.review(isQuiet);
    return true;
  };

  /** `lookedAt` is when the last look began: what came due after that was perhaps not seen, and nobody signals it. */
  const timeToWait = async (lookedAt: number): Promise<number> => {
    const pause = pauses.current();
    if (pause !== undefined && pause.until > lookedAt) return Math.max(0, pause.until - now());
    const nextDue = hasSurveyed ? await store.work.nextDue(lookedAt) : undefined;
    const moments = [
      passing === undefined ? passDueAt : now() + IDLE_MS,
      ...[nextDue, rooms.nextDue()].filter((moment) => moment !== undefined && moment > lookedAt),
    ].filter((moment) => moment !== undefined);
    return Math.min(IDLE_MS, Math.max(0, Math.min(...moments) - now()));
  };

  const isIdle = (): boolean => running.size + looking.size === 0 && passing === undefined;

  const rest = (): void => {
    for (const resolve of resting) resolve();
    resting = [];
  };

  const startSomething = async (): Promise<boolean> => {
    if (startRoom(false) || (await review(false))) return true;
    // Else who ends meanwhile makes a place for which nobody was looked for: it is not quiet then.
    const hadPlace = hasPlace();
    if (await startNext()) return true;
    return hadPlace && (startRoom(true) || (isIdle() && (await review(true))));
  };

  let couldNotPick = false;
  const pick = async (): Promise<boolean> => {
    try {
      const hasStarted = await startSomething();
      if (couldNotPick) pauses.end();
      couldNotPick = false;
      return hasStarted;
    } catch (error) {
      couldNotPick = true;
      crash(error);
      return false;
    }
  };

  const cycle = async ({ once }: { readonly once: boolean }): Promise<void> => {
    while (!stop.signal.aborted) {
      const lookedAt = now();
      if (!pauses.isPaused()) startPassIfDue();
      // Asked before the queue is: what ends meanwhile may leave new work.
      const wasIdle = isIdle();
      if (!pauses.isPaused() && (await pick())) continue;
      if (wasIdle && (pauses.isPaused() || passDueAt > now())) {
        rest();
        if (once) return;
      }
      await signal.wait(await timeToWait(lookedAt).catch(() => OUTAGE.baseMs));
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
    requestReview() {
      deps.guard.requestReview();
      signal.raise();
    },
    async stop() {
      stop.abort();
      signal.raise();
      await Promise.all([passing, ...looking.values(), ...[...running.values()].map(({ done }) => done)]);
    },
    status: () => ({ pause: pauses.current(), lastPass }),
    problems: () => [...(lastPass?.problems ?? []), ...rooms.problems()],
  };
}
