import type { RequestListener } from 'node:http';
import { Router } from '@koa/router';
import Koa from 'koa';
import type { Logger } from 'pino';
import type { Limits } from '../scim/discovery.ts';
import { ScimError } from '../scim/error.ts';
import type { MatrixSide } from '../scim/matrix-resource.ts';
import type { Store } from '../store/store.ts';
import { createAdmission, type PLACES } from './admission.ts';
import { auth, throttledFor } from './auth.ts';
import type { RequestState } from './context.ts';
import { errorHandler } from './error-handler.ts';
import { alive, type Readiness, readiness } from './health.ts';
import { exposeMetrics, type Metrics } from './metrics.ts';
import type { Refusals } from './refusals.ts';
import { requestLog } from './request-log.ts';
import { createScimRouter } from './scim/routes.ts';
import { createThrottle } from './throttle.ts';
import { createTokens, type SourceToken } from './tokens.ts';
import { closeUnread, refuse } from './unread.ts';

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
  readonly refusals: Pick<Refusals, 'note'>;
  /** How many requests are worked on at once, if not as many as ever. */
  readonly places?: typeof PLACES;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

const THROTTLED = new ScimError(429, undefined, 'Too many wrong tokens came from this address');

/** The HTTP side of Usher. No request waits for anything but its turn, and the store. */
export function createApp(deps: AppDeps): RequestListener {
  const { log, isToldElsewhere, metrics, refusals, now } = deps;
  const basePath = withoutSlash(deps.basePath);
  const publicUrl = deps.publicUrl && withoutSlash(deps.publicUrl);
  const isScim = createIsBelow(basePath);
  const admit = createAdmission({ refusals, ...(deps.places && { places: deps.places }) });
  const scim = createScimRouter({ ...deps, basePath, publicUrl, admit });
  const door = {
    ownerOf: createTokens(deps.tokens),
    throttle: createThrottle({ now }),
    refusals,
    isProtected: isScim,
  };
  const app = new Koa<RequestState>();
  // What is left for Koa: the client went away while it was answered.
  app.on('error', (err: unknown) => log.debug({ err }, 'answer not sent'));
  app.use(requestLog({ log, isToldElsewhere, onRequest: metrics.onRequest, now }));
  app.use(closeUnread);
  app.use(errorHandler(isScim));
  app.use((ctx, next) => {
    // A base URL with a slash at its end, as it is easily written in a provider's form.
    ctx.path = ctx.path.replace(/\/{2,}/g, '/');
    return next();
  });
  app.use(createOperationsRouter(deps).routes());
  app.use(auth(door));
  app.use(scim.routes());
  app.use(scim.allowedMethods());
  const secondsOf = throttledFor(door);
  const handle = app.callback();
  return (request, response) => {
    const seconds = secondsOf(request);
    if (seconds > 0) refuse(request, response, THROTTLED, seconds);
    else handle(request, response);
  };
}

/** As the router takes paths: whatever the case of their letters. */
function createIsBelow(base: string): (path: string) => boolean {
  const folded = base.toLowerCase();
  return (path) => `${path.toLowerCase()}/`.startsWith(`${folded}/`);
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
