import { Router } from '@koa/router';
import Koa from 'koa';
import type { Logger } from 'pino';
import type { Limits } from '../scim/discovery.ts';
import type { MatrixSide } from '../scim/matrix-resource.ts';
import type { Store } from '../store/store.ts';
import { auth, type SourceToken } from './auth.ts';
import type { RequestState } from './context.ts';
import { errorHandler } from './error-handler.ts';
import { alive, type Readiness, readiness } from './health.ts';
import { exposeMetrics, type Metrics } from './metrics.ts';
import { requestLog } from './request-log.ts';
import { createScimRouter } from './scim/routes.ts';

export type AppDeps = {
  readonly store: Store;
  /** Called after each change that was written, to have the homeserver follow. Must not throw. */
  readonly wake: () => void;
  readonly tokens: readonly SourceToken[];
  /** Where SCIM is, such as `/scim/v2`. */
  readonly basePath: string;
  /** What providers know us by; undefined: what the request says. */
  readonly publicUrl: string | undefined;
  readonly limits: Limits;
  readonly matrix: MatrixSide;
  readonly log: Logger;
  /** Whether an error is trouble of the database, of which the log is told once and not for each request. */
  readonly isToldElsewhere: (error: unknown) => boolean;
  readonly health: () => Promise<Readiness>;
  readonly metrics: Metrics;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

/** The HTTP side of Usher. No request waits for anything but the store. */
export function createApp(deps: AppDeps): Koa<RequestState> {
  const { log, isToldElsewhere, metrics, now } = deps;
  const basePath = withoutSlash(deps.basePath);
  const publicUrl = deps.publicUrl && withoutSlash(deps.publicUrl);
  const isScim = (path: string) => path === basePath || path.startsWith(`${basePath}/`);
  const scim = createScimRouter({ ...deps, basePath, publicUrl });
  const app = new Koa<RequestState>();
  // What is left for Koa: the client went away while it was answered.
  app.on('error', (err: unknown) => log.debug({ err }, 'answer not sent'));
  app.use(requestLog({ log, isToldElsewhere, onRequest: metrics.onRequest, now }));
  app.use(errorHandler(isScim));
  app.use((ctx, next) => {
    // A base URL with a slash at its end, as it is easily written in a provider's form.
    ctx.path = ctx.path.replace(/\/{2,}/g, '/');
    return next();
  });
  app.use(createOperationsRouter(deps).routes());
  app.use(auth(deps.tokens, isScim));
  app.use(scim.routes());
  app.use(scim.allowedMethods());
  return app;
}

function withoutSlash(path: string): string {
  return path.replace(/\/+$/, '');
}

/** For those who run Usher: no token, no data about people. */
function createOperationsRouter({ health, metrics }: AppDeps): Router<RequestState> {
  const router = new Router<RequestState>();
  router.get('/health', alive);
  router.get('/healthz', alive);
  router.get('/readyz', readiness(health));
  router.get('/metrics', exposeMetrics(metrics));
  return router;
}
