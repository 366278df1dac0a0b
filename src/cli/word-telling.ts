import type { Config } from '../config/config.ts';
import type { Log } from '../log.ts';
import type { Homeserver } from '../matrix/homeserver.ts';
import { createSteadyClock } from '../reconcile/clock.ts';
import type { Loop } from '../reconcile/loop.ts';
import { createWordTeller } from '../reports/word-teller.ts';
import type { Store } from '../store/store.ts';
import type { StoreHealth } from './store-health.ts';

type Deps = {
  readonly config: Config;
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly loop: Loop;
  readonly storeHealth: StoreHealth;
  readonly log: Log;
};

/** Between two looks at what waits, in milliseconds. */
const LOOK_MS = 1_000;

/** Beside the loop, which never waits for it. In a dry run nobody was let in, and so nobody is told. */
export function startWordTelling(deps: Deps): { readonly close: () => Promise<void> } {
  const { config, store, homeserver, loop, storeHealth, log } = deps;
  let isStopped = false;
  const teller = createWordTeller({
    ...{ store, homeserver, now: createSteadyClock(Date.now), random: Math.random },
    isOpen: () => {
      const { pause } = loop.status();
      return !isStopped && !config.dryRun && (pause === undefined || pause.kind === 'internal');
    },
    onTrouble: (reason) => {
      if (reason === undefined) log.info('words can be said again');
      else log.error({ reason }, 'words can not be said');
    },
  });
  let timer: NodeJS.Timeout | undefined;
  let telling: Promise<void> = Promise.resolve();
  const again = (): void => {
    telling = teller
      .tell()
      .catch(storeHealth.report)
      .then(() => {
        if (!isStopped) timer = setTimeout(again, LOOK_MS).unref();
      });
  };
  again();
  return {
    async close() {
      isStopped = true;
      clearTimeout(timer);
      await telling;
    },
  };
}
