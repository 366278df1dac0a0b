import { onTestFinished, vi } from 'vitest';
import type { ResourceId } from '../../src/directory/resource.ts';
import type { RoomId } from '../../src/matrix/ids.ts';
import { IDLE_GUARD } from '../../src/reconcile/guard.ts';
import { createLoop } from '../../src/reconcile/loop.ts';
import type { Pass, PassReport } from '../../src/reconcile/pass.ts';
import type { PersonOutcome, PersonReconciler } from '../../src/reconcile/person-reconciler.ts';
import { createRoomDesk } from '../../src/reconcile/room-desk.ts';
import type { RoomReconciler } from '../../src/reconcile/room-reconciler.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import type { Urgency, WorkStore } from '../../src/store/store.ts';
import { tempDir } from './temp-dir.ts';

export const NOW = Date.UTC(2026, 0, 1);
export const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];

export const idOf = (name: string): ResourceId => name as ResourceId;
export const [ENG, OPS] = ['!eng', '!ops'] as [RoomId, RoomId];
export const DONE: PersonOutcome = { problems: [], wasRead: true, isOutdated: false };
export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
export const taking =
  (ms: number): PersonReconciler =>
  async () => {
    await wait(ms);
    return DONE;
  };
export const reportOf = (change: Partial<PassReport> = {}): PassReport => ({
  ...{ startedAt: Date.now(), finishedAt: Date.now(), marked: 0, drifted: 0, problems: [], warnings: [] },
  ...change,
});

type Settings = {
  readonly concurrency?: number;
  readonly resyncMs?: number;
  readonly faultyWork?: (work: WorkStore) => Partial<WorkStore>;
};

/**
 * A loop over a real store, at a time that passes only when a test says so. How long anything takes, and what comes of
 * it, is as a test says. What was begun is told in lines, each with the seconds since the start.
 */
export function loopDesk({ concurrency = 3, resyncMs = HOUR, faultyWork = () => ({}) }: Settings = {}) {
  vi.useFakeTimers({ now: NOW, toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const store = openStore(tempDir());
  onTestFinished(() => store.close());
  const seconds = (): number => (Date.now() - NOW) / SECOND;
  const state = {
    pass: (async ({ onResolved }) => {
      onResolved();
      return reportOf();
    }) as Pass,
    look: (async () => DONE) as PersonReconciler,
    lookAtRoom: (async () => ({ problems: [], isDone: true })) as RoomReconciler,
    review: async (): Promise<void> => {},
    isReviewDue: false,
    /** Told when it is asked whether a review is due. */
    onAsked: (): void => {},
    clockReads: 0,
  };
  const [passes, looks, reviews, news]: [string[], string[], string[], string[]] = [[], [], [], []];
  const now = (): number => {
    state.clockReads += 1;
    return Date.now();
  };
  const rooms = createRoomDesk({ store, house: {} as never, now: Date.now });
  const loop = createLoop({
    store: { work: { ...store.work, ...faultyWork(store.work) } },
    pass(progress) {
      passes.push(`${seconds()}${progress.isImpatient ? ' impatient' : ''}`);
      return state.pass(progress);
    },
    reconcile(item) {
      looks.push(`${seconds()} ${item.userId}`);
      return state.look(item);
    },
    reconcileRoom(roomId, signal) {
      looks.push(`${seconds()} ${roomId}`);
      return state.lookAtRoom(roomId, signal);
    },
    guard: {
      ...IDLE_GUARD,
      isReviewDue() {
        state.onAsked();
        return state.isReviewDue;
      },
      requestReview() {
        state.isReviewDue = true;
      },
      passed() {
        state.isReviewDue = true;
      },
      // While somebody waits nothing is certain: it is to be reviewed again.
      async review(isQuiet) {
        state.isReviewDue = !isQuiet;
        reviews.push(`${seconds()} ${isQuiet ? 'quiet' : 'busy'}`);
        await state.review();
      },
    },
    listener: {
      paused: ({ kind }) => news.push(`${seconds()} paused: ${kind}`),
      resumed: () => news.push(`${seconds()} resumed`),
      passed: ({ marked }) => news.push(`${seconds()} passed: ${marked}`),
      postponed: (id, message, until) =>
        news.push(`${seconds()} postponed until ${(until - NOW) / SECOND}: ${id}: ${message}`),
      crashed: (error) =>
        news.push(`${seconds()} crashed: ${error instanceof Error ? error.message : error}`),
    },
    ...{ rooms, concurrency, resyncMs, now, random: () => 0 },
  });
  const go = async (ms: number): Promise<void> => {
    await vi.advanceTimersByTimeAsync(ms);
  };
  return {
    ...{ store, loop, rooms, state, passes, looks, reviews, news, go },
    /** Marks people one after the other, the last of them now. */
    async mark(names: string, urgency: Urgency = 'small') {
      const people = names.split(' ').map(idOf);
      for (const [index, id] of people.entries()) {
        await store.work.mark([id], urgency, Date.now() - people.length + 1 + index);
      }
    },
    /** What was told but that passes ended. */
    trouble: () => news.filter((line) => !line.includes('passed')),
    /** Runs for so long. */
    async run(ms = 0) {
      const running = loop.run();
      onTestFinished(async () => {
        const stopped = loop.stop();
        await go(HOUR);
        await Promise.all([stopped, running]);
      });
      await go(ms);
    },
    /** Whether something is over, after so long. */
    async isOver(end: Promise<unknown>, ms = 0): Promise<boolean> {
      let isOver = false;
      void end.then(() => {
        isOver = true;
      });
      await go(ms);
      return isOver;
    },
    /** How often the clock is read meanwhile: more than a few times is work for nothing. */
    async effort(ms: number): Promise<number> {
      const before = state.clockReads;
      await go(ms);
      return state.clockReads - before;
    },
    waiting: (name: string) => store.overview.waiting(idOf(name)),
  };
}
