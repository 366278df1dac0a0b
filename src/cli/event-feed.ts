import type { Config } from '../config/config.ts';
import { createFeed } from '../events/feed.ts';
import { eventUris, securityEventOf } from '../events/security-event.ts';
import type { Log } from '../log.ts';
import { CHANGE_KINDS } from '../plan/change.ts';
import { createSteadyClock } from '../reconcile/clock.ts';
import type { Store } from '../store/store.ts';
import { createPost } from '../webhooks/post.ts';
import { createEventPush } from '../webhooks/push-event.ts';
import type { StoreHealth } from './store-health.ts';

export type EventFeed = {
  /** What is told of, as the ServiceProviderConfig announces it. */
  readonly uris: readonly string[];
  /** What waits for the receiver; `lagMs` is how long the oldest has. */
  readonly backlog: () => Promise<{ readonly waiting: number; readonly lagMs: number }>;
  readonly trouble: () => string | undefined;
  readonly close: () => Promise<void>;
};

type Deps = {
  readonly config: Config;
  readonly store: Pick<Store, 'events'>;
  readonly storeHealth: StoreHealth;
  readonly log: Log;
};

/** Between two looks at what waits, in milliseconds. */
const LOOK_MS = 1_000;
/** What the journal says was done on the homeserver. */
const KINDS: readonly string[] = [...CHANGE_KINDS, 'create-room', 'add-child'];

/** To be started before anything is written. Undefined if nobody is to be told: then nothing is recorded. */
export async function startEventFeed({
  config,
  store,
  storeHealth,
  log,
}: Deps): Promise<EventFeed | undefined> {
  if (config.events === undefined) {
    await store.events.clear();
    return undefined;
  }
  const { url, secret, issuer } = config.events;
  const now = createSteadyClock(Date.now);
  const stop = new AbortController();
  store.events.record(KINDS, now);
  const push = createEventPush({ url, secret, post: createPost({ signal: stop.signal }) });
  const feed = createFeed({
    ...{ events: store.events, now, random: Math.random },
    send: (event) => push(securityEventOf(event, { issuer, audience: url })),
    onTrouble: (reason) => {
      if (stop.signal.aborted) return;
      if (reason === undefined) log.info('events are taken again');
      else log.warn({ reason }, 'events are not taken, they are kept');
    },
    onDropped: (count) => log.error({ count }, 'events were dropped, the receiver was away for too long'),
  });
  let timer: NodeJS.Timeout | undefined;
  let flushing: Promise<void> = Promise.resolve();
  const again = (): void => {
    flushing = feed
      .flush()
      .catch(storeHealth.report)
      .then(() => {
        if (!stop.signal.aborted) timer = setTimeout(again, LOOK_MS).unref();
      });
  };
  again();
  return {
    uris: eventUris(KINDS),
    async backlog() {
      const { waiting, oldestAt } = await store.events.backlog();
      return { waiting, lagMs: oldestAt === undefined ? 0 : Math.max(0, now() - oldestAt) };
    },
    trouble: feed.trouble,
    async close() {
      stop.abort();
      clearTimeout(timer);
      await flushing;
    },
  };
}
