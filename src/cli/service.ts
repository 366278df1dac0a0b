import type { Registry } from 'prom-client';
import packageJson from '../../package.json' with { type: 'json' };
import { DEFAULT_SOURCE } from '../access/token.ts';
import type { Config } from '../config/config.ts';
import { openGroupMap } from '../config/group-map-source.ts';
import { heardProviders } from '../desk/heard.ts';
import { createMapDesk } from '../desk/map.ts';
import { planWhole } from '../desk/whole-plan.ts';
import { createApp } from '../http/app.ts';
import { createListener } from '../http/listener.ts';
import { createMetrics } from '../http/metrics.ts';
import { createRefusals } from '../http/refusals.ts';
import { OIDC_CALLBACK } from '../http/sign-in/routes.ts';
import type { Log } from '../log.ts';
import { CHANGE_KINDS } from '../plan/change.ts';
import { parseGroupMap } from '../plan/group-map-parse.ts';
import type { Loop } from '../reconcile/loop.ts';
import { THE_FILE } from '../store/map-store.ts';
import { openStore } from '../store/sqlite/open-store.ts';
import { asUnusable } from '../store/sqlite/unusable.ts';
import type { Store } from '../store/store.ts';
import { readOnly } from '../synapse/read-only.ts';
import type { Tracing } from '../tracing.ts';
import { connect } from './connection.ts';
import { createEngine } from './engine.ts';
import { startEventFeed } from './event-feed.ts';
import { createMatrixSide } from './matrix-side.ts';
import { createOpenDesk } from './open-desk.ts';
import { createReadiness } from './readiness.ts';
import { startReporting } from './reporting.ts';
import { sealAtStart } from './seal-at-start.ts';
import {
  executorListener,
  guardListener,
  loopListener,
  warnOfUnmatched,
  warnOfUnusual,
} from './service-log.ts';
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
    // That the database is broken may be found before there is a loop.
    let stopLoop: (() => Promise<void>) | undefined;
    let isBroken = false;
    const storeHealth = createStoreHealth({
      ...{ store, dataDir: config.dataDir, log },
      onBroken: () => {
        isBroken = true;
        stopLoop?.().catch((err: unknown) => log.error({ err }, 'error inside Usher'));
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
      store.maps.add({ at: Date.now(), who: THE_FILE, text }).catch(storeHealth.report);
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
    const { homeserver } = connect(config, {
      onCall: ({ method, route, status = 'none', seconds }) =>
        metrics.onCall({ route: `${method} ${route}`, status, durationMs: seconds * 1000 }),
      tracing,
      makesTokens: true,
      onToken(unkept) {
        log.info('got a token for Synapse from the authentication service');
        if (unkept !== undefined) storeHealth.report(unkept);
      },
    });
    const loop = await createEngine({
      ...{ config, store, homeserver, tracing },
      map: () => groupMap.status().map,
      listener: {
        ...executorListener(log, metrics),
        ...loopListener(config, log, metrics, storeHealth),
        ...guardListener(log),
      },
    });
    stopLoop = loop.stop;
    if (isBroken) await loop.stop();
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
        onUnwritten: storeHealth.report,
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
    const watching = setInterval(() => lookElsewhere(store, storeHealth, loop), LOOK_ELSEWHERE_MS);
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
function lookElsewhere(store: Store, storeHealth: StoreHealth, loop: Loop): void {
  const look = async (): Promise<void> => {
    if (await store.changedElsewhere()) loop.requestReview();
    await storeHealth.ask();
  };
  look().catch(storeHealth.report);
}
