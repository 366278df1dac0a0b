import type { Registry } from 'prom-client';
import packageJson from '../../package.json' with { type: 'json' };
import { DEFAULT_SOURCE } from '../access/token.ts';
import type { Config } from '../config/config.ts';
import { mapName, openGroupMap } from '../config/group-map-source.ts';
import { heardProviders } from '../desk/heard.ts';
import { createMapDesk } from '../desk/map.ts';
import { planWhole } from '../desk/whole-plan.ts';
import { createApp } from '../http/app.ts';
import { createListener } from '../http/listener.ts';
import { createMetrics, type Metrics } from '../http/metrics.ts';
import { createRefusals } from '../http/refusals.ts';
import { OIDC_CALLBACK } from '../http/sign-in/routes.ts';
import type { Log } from '../log.ts';
import { CHANGE_KINDS } from '../plan/change.ts';
import type { GroupMap } from '../plan/group-map.ts';
import { parseGroupMap } from '../plan/group-map-parse.ts';
import { type GroupMapWarning, warningsOf } from '../plan/group-map-warnings.ts';
import { unmatchedRules } from '../plan/openings.ts';
import { describeChange } from '../plan/render.ts';
import type { GuardListener } from '../reconcile/guard.ts';
import type { Loop, LoopListener } from '../reconcile/loop.ts';
import type { ExecutorListener } from '../reconcile/maker.ts';
import { THE_FILE } from '../store/map-store.ts';
import { openStore } from '../store/sqlite/open-store.ts';
import { asUnusable } from '../store/sqlite/unusable.ts';
import type { Store } from '../store/store.ts';
import { readOnly } from '../synapse/read-only.ts';
import type { Tracing } from '../tracing.ts';
import { connect, createEngine } from './engine.ts';
import { startEventFeed } from './event-feed.ts';
import { createMatrixSide } from './matrix-side.ts';
import { createOpenDesk } from './open-desk.ts';
import { createReadiness } from './readiness.ts';
import { startReporting } from './reporting.ts';
import { sealAtStart } from './seal-at-start.ts';
import { createStoreHealth, type StoreHealth } from './store-health.ts';
import { startWordTelling } from './word-telling.ts';

export type Service = {
  /** Where it listens, e.g. `http://127.0.0.1:5000`. */
  readonly url: string;
  readonly loop: Loop;
  /** Answers what is under way, finishes the calls to the homeserver, and lets go of the database. */
  readonly close: () => Promise<void>;
};

const LOOK_ELSEWHERE_MS = 1_000;

/**
 * Starts the whole of Usher. Rejects with what an admin can mend, and leaves nothing open then. `registry` may have
 * metrics already: those of the process. Without `tracing` there are no traces.
 */
export async function startService(
  config: Config,
  log: Log,
  { registry, tracing }: { readonly registry?: Registry; readonly tracing?: Tracing | undefined } = {},
): Promise<Service> {
  const opened: (() => Promise<void>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of opened.splice(0).reverse()) await close();
  };
  try {
    const store = openStore(config.dataDir, { backupsKept: config.backupsKept, onMarked: tracing?.mark });
    opened.push(() => store.close());
    const storeHealth = createStoreHealth({
      ...{ store, dataDir: config.dataDir, log },
      onBroken: () => {
        loop.stop().catch((err: unknown) => log.error({ err }, 'error inside Usher'));
      },
    });
    await sealAtStart(store, config.dataDir, (reason) => log.warn({ reason }, 'needs a person'));
    const eventFeed = await startEventFeed({ config, store, storeHealth, log });
    if (eventFeed !== undefined) opened.push(eventFeed.close);
    const metrics = createMetrics(
      async () => ({
        ...(await store.work.summary(Date.now())),
        held: await store.guard.countHeld(),
        heard: await heardProviders(store),
        events: await eventFeed?.backlog(),
        isPaused: loop.status().pause !== undefined,
      }),
      CHANGE_KINDS,
      registry,
    );
    const rememberMap = (text: string): void => {
      const edition = { at: Date.now(), who: THE_FILE, text };
      store.maps.add(edition).catch((err: unknown) => {
        if (!storeHealth.notice(err)) log.error({ err }, 'error inside Usher');
      });
    };
    const groupMap = await openGroupMap({
      location: config.groupMap,
      onChange: (map, text) => {
        rememberMap(text);
        log.info({ rules: map.rules.length }, 'group map changed');
        warnOfUnmatched(log, store, map);
        warnOfUnusual(log, config, map);
        loop.requestPass();
      },
      onProblem: (problem) => log.error({ problem }, 'group map not taken over, the last good one stays'),
      now: Date.now,
    });
    opened.push(groupMap.close);
    rememberMap(groupMap.status().text);
    warnOfUnusual(log, config, groupMap.status().map);
    const homeserver = connect(
      config,
      ({ method, route, status = 'none', seconds }) =>
        metrics.onCall({ route: `${method} ${route}`, status, durationMs: seconds * 1000 }),
      tracing,
    );
    const loop = await createEngine({
      ...{ config, store, homeserver, tracing },
      map: () => groupMap.status().map,
      listener: {
        ...executorListener(log, metrics),
        ...loopListener(config, log, metrics, storeHealth),
        ...guardListener(log),
      },
    });
    const reporting = startReporting({ config, store, homeserver, loop, groupMap, storeHealth, log });
    if (reporting !== undefined) opened.push(reporting.close);
    opened.push(startWordTelling({ config, store, homeserver, loop, storeHealth, log }).close);
    const desk = createOpenDesk({ config, store, homeserver, groupMap, loop });
    const refusals = createRefusals({ log, count: metrics.onRefusal });
    const app = createApp({
      version: packageJson.version,
      store,
      wake: loop.wake,
      tokens: [{ source: DEFAULT_SOURCE, secret: config.http.webhookSecret }],
      basePath: config.http.basePath,
      publicUrl: config.http.publicUrl,
      isProxy: config.http.isProxy,
      isBasicAllowed: config.http.isBasicAllowed,
      jwt: config.http.jwt,
      oidc: config.http.oidc && {
        ...config.http.oidc,
        redirectUri: `${config.http.publicUrl}${OIDC_CALLBACK}`,
      },
      areMetricsProtected: config.http.areMetricsProtected,
      limits: config.http.limits,
      eventUris: eventFeed?.uris,
      mapDesk: createMapDesk({
        ...{ location: config.groupMap, serverName: config.matrix.serverName, store, now: Date.now },
      }),
      planMap: (text) => planWhole({ config, store, homeserver: readOnly(homeserver) }, parseGroupMap(text)),
      matrix: createMatrixSide({
        store,
        map: () => groupMap.status().map,
        problems: () => loop.problems(),
      }),
      desk,
      log,
      isToldElsewhere: storeHealth.notice,
      health: createReadiness({
        ...{ isDryRun: config.dryRun, store, storeHealth, loop, groupMap },
        reportTroubles: reporting?.troubles,
        eventTrouble: eventFeed?.trouble,
      }),
      metrics,
      refusals,
      tracing,
      now: Date.now,
    });
    const listener = createListener({ handle: app, refusals });
    const url = await listener.listen(config.http);
    const running = loop.run();
    const watching = setInterval(() => lookElsewhere(store, storeHealth, loop, log), LOOK_ELSEWHERE_MS);
    opened.push(async () => {
      clearInterval(watching);
      desk.close();
      await Promise.all([listener.close(), loop.stop(), running]);
      refusals.close();
    });
    return { url, loop, close: closeAll };
  } catch (error) {
    await closeAll();
    throw asUnusable(config.dataDir, error);
  }
}

/** What another process decided, such as `usher approve`, is acted on at once. */
function lookElsewhere(store: Store, storeHealth: StoreHealth, loop: Loop, log: Log): void {
  const look = async (): Promise<void> => {
    if (await store.changedElsewhere()) loop.requestReview();
    await storeHealth.ask();
  };
  look().catch((err: unknown) => {
    if (!storeHealth.notice(err)) log.error({ err }, 'error inside Usher');
  });
}

/** Groups of the map that nobody pushed: perhaps misspelt. */
function warnOfUnmatched(log: Log, store: Store, map: GroupMap): void {
  const tell = async (): Promise<void> => {
    for (const reason of unmatchedRules(map, await store.groups.names()))
      log.warn({ reason }, 'needs a person');
  };
  tell().catch((err: unknown) => log.error({ err }, 'error inside Usher'));
}

/** What is valid in the map and seldom meant. */
function warnOfUnusual(log: Log, { groupMap, matrix }: Config, map: GroupMap): void {
  for (const { line, column, message } of warningsOf(map, matrix))
    log.warn(
      { place: `${mapName(groupMap)}:${line}:${column}`, reason: message },
      'group map may not say what is meant',
    );
}

function executorListener(log: Log, metrics: Metrics): ExecutorListener {
  return {
    changed(change, outcome) {
      metrics.onChange({ kind: change.kind, outcome });
      const fields = {
        kind: change.kind,
        ...('account' in change && { account: change.account }),
        ...('roomId' in change && { roomId: change.roomId }),
        what: describeChange(change),
      };
      if (outcome === 'done') log.info(fields, 'changed');
      if (outcome === 'dry-run') log.info(fields, 'would change');
    },
    found: ({ code, message, blocking }) => {
      if (!blocking) log.info({ code, reason: message }, 'found and left as it is');
    },
  };
}

function guardListener(log: Log): GuardListener {
  return {
    held: (scope, reason) =>
      log.error({ scope, reason }, 'held until a person decides: usher held, usher approve'),
  };
}

function loopListener(
  { groupMap }: Config,
  log: Log,
  metrics: Metrics,
  storeHealth: StoreHealth,
): LoopListener {
  let told: ReadonlySet<string> = new Set();
  /** Those of the last pass were said already. */
  const warn = (warnings: readonly GroupMapWarning[]): void => {
    const lines = warnings.map((warning) => ({
      place: `${mapName(groupMap)}:${warning.line}:${warning.column}`,
      reason: warning.message,
    }));
    for (const line of lines) if (!told.has(line.reason)) log.warn(line, 'needs a person');
    told = new Set(lines.map(({ reason }) => reason));
  };
  return {
    paused: ({ kind, message, until }) => {
      const fields = { kind, reason: message, until: new Date(until).toISOString() };
      if (kind === 'internal') return;
      if (kind === 'unauthorised') log.error(fields, 'homeserver refuses the token, everything waits');
      else log.warn(fields, 'homeserver does not answer, everything waits');
    },
    resumed: () => log.info('homeserver answers again'),
    passed: ({ startedAt, finishedAt, marked, drifted, problems, warnings }) => {
      metrics.onPass({ at: finishedAt, durationMs: finishedAt - startedAt, drifted });
      for (const problem of problems) log.warn(problem, 'needs a person');
      warn(warnings);
      log.info({ ms: finishedAt - startedAt, people: marked, drifted }, 'full pass done');
    },
    postponed: (userId, message, until) =>
      log.warn(
        { userId, reason: message, until: new Date(until).toISOString() },
        'person not as she should be',
      ),
    crashed: (err) => {
      if (!storeHealth.notice(err)) log.error({ err }, 'error inside Usher');
    },
  };
}
