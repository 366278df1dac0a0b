import type { RequestListener } from 'node:http';
import { Router } from '@koa/router';
import Koa from 'koa';
import type { Logger } from 'pino';
import type { JwtTrust } from '../access/identity-provider.ts';
import type { Networks } from '../access/networks.ts';
import { allows } from '../access/token.ts';
import type { OpenDesk } from '../desk/desk.ts';
import { createHearing } from '../desk/heard.ts';
import type { MapDesk } from '../desk/map.ts';
import type { Names, WholePlan } from '../desk/whole-plan.ts';
import type { Limits } from '../scim/discovery.ts';
import { ScimError } from '../scim/error.ts';
import type { MatrixSide } from '../scim/matrix-resource.ts';
import { scimDescription } from '../scim/openapi.ts';
import type { Store } from '../store/store.ts';
import type { Tracing } from '../tracing.ts';
import { createAddressOf } from './address.ts';
import { createAdmission, type PLACES } from './admission.ts';
import { apiEndpoints } from './api/endpoints.ts';
import { openApi } from './api/openapi.ts';
import { API_PATH, createApiRouter } from './api/router.ts';
import { API_DOCS, createViewerRouter } from './api/viewer.ts';
import { auth, type Door, READS, type ScopeFor, TOO_MANY, throttledFor } from './auth.ts';
import { createConsoleRouter } from './console.ts';
import type { RequestState } from './context.ts';
import { errorHandler } from './error-handler.ts';
import { alive, type Readiness, readiness } from './health.ts';
import { createVerifyJwt } from './jwt.ts';
import { exposeMetrics, type Metrics } from './metrics.ts';
import { asRouted, withSingleSlashes } from './path.ts';
import { prefixOf, withoutPrefix } from './prefix.ts';
import type { Refusals } from './refusals.ts';
import { requestLog } from './request-log.ts';
import { requestSpan } from './request-span.ts';
import { createScimRouter } from './scim/routes.ts';
import type { OidcSettings } from './sign-in/oidc.ts';
import { CONSOLE_PATH, createSignInRouter, SIGN_IN_PATHS } from './sign-in/routes.ts';
import { createSessions } from './sign-in/sessions.ts';
import { createThrottle } from './throttle.ts';
import { createIdentify, type SourceToken } from './tokens.ts';
import { closeUnread, refuse } from './unread.ts';

export type AppDeps = {
  /** Of Usher, for the description of the API. */
  readonly version: string;
  readonly store: Store;
  /** Called after each change that was written, to have the homeserver follow. Must not throw. */
  readonly wake: () => void;
  /** Tokens of the settings; there are others in the store. */
  readonly tokens: readonly SourceToken[];
  /** What may stand between clients and us, and is believed in what it says of them; undefined: nothing. */
  readonly isProxy: Networks | undefined;
  readonly isBasicAllowed: boolean;
  readonly jwt: JwtTrust | undefined;
  /** By which provider admins sign in at the console. */
  readonly oidc: OidcSettings | undefined;
  /** Whether it takes a token to see the metrics. */
  readonly areMetricsProtected: boolean;
  /** Where SCIM is, such as `/scim/v2`. */
  readonly basePath: string;
  /** What people and providers know us by, possibly with a path; undefined: what the request says. */
  readonly publicUrl: string | undefined;
  readonly limits: Limits;
  /** What the change feed tells of; undefined without one. */
  readonly eventUris?: readonly string[] | undefined;
  readonly matrix: MatrixSide;
  readonly mapDesk: MapDesk;
  /** What would be done by a map that is given as text: see `desk/whole-plan.ts`. */
  readonly planMap: (text: string) => Promise<{ readonly plan: WholePlan; readonly names: Names }>;
  /** What admins look at and decide by. */
  readonly desk: OpenDesk;
  readonly log: Logger;
  /** Whether an error is trouble of the database, of which the log is told once and not for each request. */
  readonly isToldElsewhere: (error: unknown) => boolean;
  readonly health: () => Promise<Readiness>;
  readonly metrics: Metrics;
  readonly refusals: Pick<Refusals, 'note'>;
  /** Undefined if nobody asked for traces. */
  readonly tracing?: Tracing | undefined;
  /** How many requests are worked on at once, if not as many as ever. */
  readonly places?: typeof PLACES;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

const THROTTLED = new ScimError(429, undefined, TOO_MANY);

/** The HTTP side of Usher. No request waits for anything but its turn, and the store. */
export function createApp(deps: AppDeps): RequestListener {
  const { log, isToldElsewhere, metrics, refusals, now } = deps;
  const basePath = withoutSlash(deps.basePath);
  const publicUrl = deps.publicUrl && withoutSlash(deps.publicUrl);
  const base = `${basePath.toLowerCase()}/`;
  const isScim = (path: string) => `${path.toLowerCase()}/`.startsWith(base);
  const prefix = prefixOf(publicUrl);
  const isOurs = (path: string) => (basePath !== '' && isScim(path)) || isOfAdmins(asRouted(path));
  const admit = createAdmission({ refusals, ...(deps.places && { places: deps.places }) });
  const scim = createScimRouter({ ...deps, basePath, publicUrl, admit });
  const addressOf = createAddressOf(deps.isProxy);
  const { isBasicAllowed } = deps;
  const onFault = (err: unknown): void => {
    if (!isToldElsewhere(err)) log.error({ err }, 'the use of a token, or of a provider, was not noted');
  };
  const isSecure = publicUrl?.startsWith('https:') === true;
  const sessions = createSessions({ store: deps.store.sessions, isSecure, now });
  const door: Door = {
    identify: createIdentify({
      ...{ fixed: deps.tokens, store: deps.store.tokens, isBasicAllowed, onFault, now },
      verifyJwt: deps.jwt && createVerifyJwt(deps.jwt),
    }),
    scopeFor: createScopeFor(isScim, deps),
    ...{ addressOf, isBasicAllowed, refusals, sessions, throttle: createThrottle({ now }) },
  };
  const app = new Koa<RequestState>();
  // What is left for Koa: the client went away while it was answered.
  app.on('error', (err: unknown) => log.debug({ err }, 'answer not sent'));
  if (deps.tracing !== undefined) app.use(requestSpan({ tracing: deps.tracing, isProbe }));
  app.use(requestLog({ log, addressOf, isToldElsewhere, onRequest: metrics.onRequest, now }));
  app.use(closeUnread);
  app.use(errorHandler(isScim));
  app.use((ctx, next) => {
    ctx.path = withSingleSlashes(ctx.path);
    return next();
  });
  app.use(auth(door));
  const hear = createHearing({ facts: deps.store.facts, onFault, now });
  app.use((ctx, next) => {
    const source = isScim(ctx.path) ? ctx.state.holder?.source : undefined;
    if (source !== undefined) hear(source);
    return next();
  });
  const consoleUrl = `${prefix}${CONSOLE_PATH}`;
  app.use(createSignInRouter({ ...door, sessions, admit, oidc: deps.oidc, consoleUrl }).routes());
  const isOpen = async () => deps.oidc !== undefined || (await hasAdminToken(deps.store));
  app.use(createConsoleRouter({ isOpen, consoleUrl }).routes());
  app.use(createOperationsRouter(deps).routes());
  const endpoints = apiEndpoints(deps);
  const api = createApiRouter(endpoints, admit);
  app.use(
    createViewerRouter(
      openApi({ version: deps.version, prefix, endpoints, scim: scimDescription(basePath) }),
    ).routes(),
  );
  app.use(api.routes());
  app.use(api.allowedMethods());
  app.use(scim.routes());
  app.use(scim.allowedMethods());
  const secondsOf = throttledFor(door);
  const handle = app.callback();
  return (request, response) => {
    request.url = withoutPrefix(request.url ?? '', { prefix, isOurs });
    const waits = secondsOf(request);
    if (waits === 0) return handle(request, response);
    const answer = (seconds: number) => {
      if (seconds > 0) refuse(request, response, THROTTLED, seconds);
      else handle(request, response);
    };
    // What fails here fails there again, and is answered.
    return waits.then(answer, () => answer(0));
  };
}

const HEALTH: readonly string[] = ['/health', '/healthz', '/readyz'];
const METRICS = '/metrics';

const ADMIN_PATHS: readonly string[] = [CONSOLE_PATH, API_PATH, API_DOCS, METRICS, ...HEALTH];

function isOfAdmins(path: string): boolean {
  return ADMIN_PATHS.some((each) => path === each || path.startsWith(`${each}/`));
}

function isProbe(path: string): boolean {
  const routed = asRouted(path);
  return routed === METRICS || HEALTH.includes(routed);
}

function createScopeFor(
  isScim: (path: string) => boolean,
  { areMetricsProtected }: Pick<AppDeps, 'areMetricsProtected'>,
): ScopeFor {
  return (request) => {
    const path = asRouted(request.path);
    if (HEALTH.includes(path)) return undefined;
    if (path === METRICS) return areMetricsProtected ? 'metrics' : undefined;
    if (SIGN_IN_PATHS.some((each) => each === path)) return undefined;
    if (path === CONSOLE_PATH || path.startsWith(`${CONSOLE_PATH}/`)) return undefined;
    if (path === API_DOCS || path.startsWith(`${API_DOCS}/`)) return undefined;
    // The least of it; what changes something asks for more.
    if (path === API_PATH || path.startsWith(`${API_PATH}/`)) return 'admin:read';
    if (!isScim(path)) return undefined;
    return READS.includes(request.method) || path.endsWith('/.search') ? 'scim:read' : 'scim';
  };
}

/** Whether somebody could sign in to the console by a token. */
async function hasAdminToken({ tokens }: Pick<Store, 'tokens'>): Promise<boolean> {
  return (await tokens.list()).some(({ scopes }) => allows(scopes, 'admin:read'));
}

function withoutSlash(path: string): string {
  return path.replace(/\/+$/, '');
}

/** For those who run Usher: no token, no data about people. */
function createOperationsRouter({ health, metrics }: AppDeps): Router<RequestState> {
  const router = new Router<RequestState>();
  router.get(['/health', '/healthz'], alive);
  router.get('/readyz', readiness(health));
  router.get(METRICS, exposeMetrics(metrics));
  return router;
}
