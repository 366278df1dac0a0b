import { onTestFinished } from 'vitest';
import { silentProviders } from '../../src/desk/heard.ts';
import { numbersOf } from '../../src/desk/held.ts';
import type { Homeserver } from '../../src/matrix/homeserver.ts';
import type { RoomAlias, RoomId } from '../../src/matrix/ids.ts';
import type { PassReport } from '../../src/reconcile/pass.ts';
import type { Pause } from '../../src/reconcile/pauses.ts';
import type { Problem } from '../../src/reconcile/problem.ts';
import { createReporter } from '../../src/reports/reporter.ts';
import { createRoomChannel } from '../../src/reports/room-channel.ts';
import { createWatch } from '../../src/reports/watch.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { startSimulated } from './homeserver/simulated.ts';
import { tempDir } from './temp-dir.ts';

export const NOW = Date.UTC(2026, 10, 22, 12, 0);
export const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];
const PASSED: PassReport = {
  ...{ startedAt: NOW, finishedAt: NOW, marked: 0, drifted: 0, problems: [], warnings: [] },
};

/** A room of reports on a simulated homeserver; what is wrong, and what time it is, is as a test says. */
export async function reportDesk({ isUnnamed = false } = {}) {
  const server = await startSimulated({ via: 'port' });
  onTestFinished(() => server.close());
  const owner = await server.person('owner');
  const room = await owner.createRoom(isUnnamed ? {} : { alias: 'reports' });
  const store = openStore(tempDir());
  onTestFinished(() => store.close());
  const state = {
    at: NOW,
    pause: undefined as Pause | undefined,
    lastPass: PASSED as PassReport | undefined,
    problems: [] as readonly Problem[],
    silenceMs: undefined as number | undefined,
    startedAt: NOW,
    mapProblem: undefined as string | undefined,
    databaseTrouble: undefined as string | undefined,
    target: '#reports:usher.test' as RoomAlias | RoomId,
    faults: {} as Partial<Homeserver>,
    storeFaults: {} as Partial<Store>,
    unwritten: [] as unknown[],
    errors: [] as unknown[],
  };
  const now = (): number => state.at;
  const loop = {
    status: () => ({ pause: state.pause, lastPass: state.lastPass }),
    problems: () => state.problems,
  };
  /** As a service that is started anew. */
  const start = () => {
    const homeserver = new Proxy(server.homeserver, {
      get: (real, name: keyof Homeserver) => state.faults[name] ?? real[name],
    });
    const faulty: Store = new Proxy(store, {
      get: (real, name: keyof Store) => state.storeFaults[name] ?? real[name],
    });
    const watch = createWatch({
      ...{ store, loop, numbersOf, now },
      silent: () =>
        silentProviders(store, { silenceMs: state.silenceMs, since: state.startedAt, now: now() }),
      mapProblem: () => state.mapProblem,
      databaseTrouble: () => state.databaseTrouble,
      onError: (error) => state.errors.push(error),
    });
    const troubles: (string | undefined)[] = [];
    const reporter = createReporter({
      store: faulty,
      channel: createRoomChannel({
        ...{ homeserver, bot: server.bot, room: state.target },
        isOpen: () => state.pause === undefined,
      }),
      ...{ now, random: () => 0 },
      onTrouble: (trouble) => troubles.push(trouble),
      onUnwritten: (error) => state.unwritten.push(error),
    });
    return { troubles, trouble: reporter.trouble, look: async () => reporter.tell(await watch()) };
  };
  let running = start();
  const desk = {
    ...{ server, owner, room, store, state },
    restart() {
      running = start();
    },
    /** Why nothing can be sent. */
    trouble: () => running.trouble(),
    troubles: () => running.troubles,
    look: () => running.look(),
    /** Lets time pass, with a look now and then. */
    async pass(ms: number, step = 10 * SECOND) {
      for (const end = state.at + ms; state.at < end; ) {
        state.at = Math.min(end, state.at + step);
        await running.look();
      }
    },
    said: async () => (await owner.messages(room)).map(({ content }) => String(content.body)),
  };
  return desk;
}
