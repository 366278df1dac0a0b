import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Handler } from './context.ts';
import { REFUSALS, type Refusal } from './refusals.ts';
import type { RequestReport } from './request-log.ts';

/** A call to the homeserver. `status` is the HTTP status, or the kind of failure if there was no answer. */
export type CallReport = {
  readonly route: string;
  readonly status: number | string;
  readonly durationMs: number;
};

/** What became of one change on the homeserver, such as `join` and `done`. */
export type ChangeReport = { readonly kind: string; readonly outcome: string };

/** `at` is when the pass ended: milliseconds since 1970; `drifted` is how many others had changed by hand. */
export type PassReport = { readonly at: number; readonly durationMs: number; readonly drifted: number };

/** What is asked anew at each scrape. `lagMs` is how long the oldest due item has waited. */
export type QueueReport = {
  readonly total: number;
  readonly due: number;
  readonly failing: number;
  readonly lagMs: number;
  /** When each provider was last heard, in milliseconds since 1970. */
  readonly heard: ReadonlyMap<string, number>;
  /** How many changes wait until a person decides. */
  readonly held: number;
  /** How many events wait for the receiver of the change feed, and how long the oldest has; undefined without a feed. */
  readonly events: { readonly waiting: number; readonly lagMs: number } | undefined;
  /** Whether everything waits because of the homeserver as a whole. */
  readonly isPaused: boolean;
};

export type Metrics = {
  readonly onRequest: (report: RequestReport) => void;
  readonly onRefusal: (reason: Refusal) => void;
  readonly onCall: (report: CallReport) => void;
  readonly onChange: (report: ChangeReport) => void;
  readonly onPass: (report: PassReport) => void;
  /** The text of all metrics, and its media type. Rejects if the queue can't be read. */
  readonly scrape: () => Promise<{ readonly contentType: string; readonly text: string }>;
};

/** Seconds: an answer to a provider takes milliseconds, a busy homeserver takes a minute to join somebody. */
const REQUEST_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const CALL_BUCKETS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/**
 * Metrics in a registry of their own, or one that has those of the process. Names and labels are documented for the
 * people who write the alerts. Each of `changeKinds` is there from the start, so that the first change is an increase.
 */
export function createMetrics(
  queue: () => Promise<QueueReport>,
  changeKinds: readonly string[],
  registry = new Registry(),
): Metrics {
  const registers = [registry];
  const requests = new Histogram({
    name: 'usher_http_request_duration_seconds',
    help: 'Requests by method, route and status',
    labelNames: ['method', 'route', 'status'],
    buckets: REQUEST_BUCKETS,
    registers,
  });
  const refusals = new Counter({
    name: 'usher_http_refused_total',
    help: 'Requests and connections that were refused, by reason',
    labelNames: ['reason'],
    registers,
  });
  for (const reason of REFUSALS) refusals.inc({ reason }, 0);
  const calls = new Histogram({
    name: 'usher_homeserver_call_duration_seconds',
    help: 'Calls to the homeserver by route and status',
    labelNames: ['route', 'status'],
    buckets: CALL_BUCKETS,
    registers,
  });
  const changes = new Counter({
    name: 'usher_changes_total',
    help: 'Changes on the homeserver by kind and outcome',
    labelNames: ['kind', 'outcome'],
    registers,
  });
  for (const kind of changeKinds) {
    for (const outcome of ['done', 'failed']) changes.inc({ kind, outcome }, 0);
  }
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const passEnd = gauge('usher_last_pass_timestamp_seconds', 'When the last pass ended');
  const passDuration = gauge('usher_last_pass_duration_seconds', 'How long the last pass took');
  const drifted = gauge('usher_last_pass_drifted', 'People whom the last pass found changed by hand');
  const held = gauge('usher_held_changes', 'Changes that wait until a person decides');
  const heard = new Gauge({
    name: 'usher_provider_heard_timestamp_seconds',
    help: 'When a provider last sent a request',
    labelNames: ['source'],
    registers,
  });
  const total = gauge('usher_work_items', 'People to look at');
  const due = gauge('usher_work_items_due', 'People to look at now');
  const failing = gauge('usher_work_items_failing', 'People who are not as they should be');
  const lag = gauge('usher_work_lag_seconds', 'How long the oldest due item has waited');
  const events = gauge('usher_events_waiting', 'Events that wait for the receiver of the change feed');
  const eventsLag = gauge('usher_events_lag_seconds', 'How long the oldest of them has waited');
  const paused = gauge('usher_homeserver_paused', '1 while everything waits for the homeserver');

  return {
    onRequest({ method, route, status, durationMs }) {
      requests.observe({ method, route, status }, durationMs / 1000);
    },
    onRefusal: (reason) => refusals.inc({ reason }),
    onCall({ route, status, durationMs }) {
      calls.observe({ route, status }, durationMs / 1000);
    },
    onChange: (report) => changes.inc(report),
    onPass({ at, durationMs, drifted: found }) {
      drifted.set(found);
      passEnd.set(at / 1000);
      passDuration.set(durationMs / 1000);
    },
    async scrape() {
      const report = await queue();
      total.set(report.total);
      due.set(report.due);
      failing.set(report.failing);
      held.set(report.held);
      heard.reset();
      for (const [source, at] of report.heard) heard.set({ source }, at / 1000);
      lag.set(report.lagMs / 1000);
      events.set(report.events?.waiting ?? 0);
      eventsLag.set((report.events?.lagMs ?? 0) / 1000);
      paused.set(report.isPaused ? 1 : 0);
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

export function exposeMetrics({ scrape }: Metrics): Handler {
  return async (ctx) => {
    const { contentType, text } = await scrape();
    ctx.set('Content-Type', contentType);
    ctx.body = text;
  };
}
