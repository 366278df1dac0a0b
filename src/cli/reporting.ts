import type { Config } from '../config/config.ts';
import type { GroupMapSource } from '../config/group-map-source.ts';
import { silentProviders } from '../desk/heard.ts';
import { numbersOf } from '../desk/held.ts';
import type { Log } from '../log.ts';
import type { Homeserver } from '../matrix/homeserver.ts';
import { createSteadyClock } from '../reconcile/clock.ts';
import type { Loop } from '../reconcile/loop.ts';
import type { Channel } from '../reports/channel.ts';
import { createReporter, type Reporter } from '../reports/reporter.ts';
import { createRoomChannel } from '../reports/room-channel.ts';
import { createWatch } from '../reports/watch.ts';
import type { Store } from '../store/store.ts';
import { createPost } from '../webhooks/post.ts';
import { createWebhookChannel } from '../webhooks/report-channel.ts';
import type { StoreHealth } from './store-health.ts';

/** Tells people what needs them, beside all else. */
export type Reporting = {
  /** Why some of it can't be told, and what to do. */
  readonly troubles: () => readonly string[];
  readonly close: () => Promise<void>;
};

type Deps = {
  readonly config: Config;
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly loop: Loop;
  readonly groupMap: GroupMapSource;
  readonly storeHealth: StoreHealth;
  readonly log: Log;
};

/** Between two looks, in milliseconds; longer if a look takes long. */
const LOOK_MS = 1_000;
/** Of the time, a look takes one part in so many. */
const SHARE = 20;
/** A machine that is busy for a moment is no reason to look away for long. */
const LONGEST_LOOK_MS = 30_000;

/** Undefined if nobody is to be told. In a dry run nothing is said on the homeserver. */
export function startReporting(deps: Deps): Reporting | undefined {
  const { store, loop, storeHealth, log } = deps;
  const now = createSteadyClock(Date.now);
  const startedAt = now();
  const stop = new AbortController();
  const onError = storeHealth.report;
  const reporters = channelsFor(deps, now, stop.signal).map(
    (channel): Reporter =>
      createReporter({
        ...{ store, channel, now, random: Math.random, onUnwritten: onError },
        onTrouble: (reason) => {
          if (reason === undefined) log.info({ channel: channel.name }, 'reports can be sent again');
          else log.error({ channel: channel.name, reason }, 'reports can not be sent');
        },
      }),
  );
  if (reporters.length === 0) return undefined;
  const watch = createWatch({
    ...{ store, loop, numbersOf, now, onError },
    silent: () =>
      silentProviders(store, { silenceMs: deps.config.providerSilenceMs, since: startedAt, now: now() }),
    mapProblem: () => deps.groupMap.status().problem,
    databaseTrouble: storeHealth.trouble,
  });
  const underWay = new Map<Reporter, Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();

  const look = async (): Promise<void> => {
    const begin = performance.now();
    const sights = await watch();
    for (const reporter of reporters) {
      // A channel that is slow keeps no other waiting.
      if (underWay.has(reporter)) continue;
      const told = reporter
        .tell(sights)
        .catch(onError)
        .finally(() => underWay.delete(reporter));
      underWay.set(reporter, told);
    }
    if (stop.signal.aborted) return;
    const wait = Math.max(LOOK_MS, (performance.now() - begin) * SHARE);
    timer = setTimeout(again, Math.min(wait, LONGEST_LOOK_MS)).unref();
  };
  const again = (): void => {
    looking = look();
  };
  again();
  return {
    troubles: () => reporters.flatMap((reporter) => reporter.trouble() ?? []),
    async close() {
      stop.abort();
      clearTimeout(timer);
      await looking;
      await Promise.all(underWay.values());
    },
  };
}

function channelsFor(
  { config, homeserver, loop }: Deps,
  now: () => number,
  signal: AbortSignal,
): readonly Channel[] {
  const { room, webhook } = config.reports;
  const isOpen = (): boolean => {
    const { pause } = loop.status();
    return !signal.aborted && (pause === undefined || pause.kind === 'internal');
  };
  const bot = config.matrix.adminUserId;
  return [
    ...(room === undefined || config.dryRun ? [] : [createRoomChannel({ homeserver, bot, room, isOpen })]),
    ...(webhook === undefined
      ? []
      : [createWebhookChannel({ ...webhook, post: createPost({ signal }), now })]),
  ];
}
