import { Router } from '@koa/router';
import type { Scope } from '../../access/token.ts';
import type { Session } from '../../store/session-store.ts';
import { networkOf } from '../address.ts';
import type { Admit } from '../admission.ts';
import { ApiProblem } from '../api/problem.ts';
import { API_PATH } from '../api/router.ts';
import { countWrong, TOO_MANY, WHY } from '../auth.ts';
import { readBody } from '../body.ts';
import type { Handler, HttpContext, RequestState } from '../context.ts';
import type { Refusals } from '../refusals.ts';
import type { Throttle } from '../throttle.ts';
import type { Identify } from '../tokens.ts';
import { type Attempt, createOidcClient, type OidcSettings, SignInFailed } from './oidc.ts';
import type { Sessions } from './sessions.ts';

/** Where one signs in: these take no token. */
export const SIGN_IN_PATHS = [`${API_PATH}/sign-in`, `${API_PATH}/session`] as const;
const [WAYS, SESSION] = SIGN_IN_PATHS;
export const CONSOLE_PATH = '/console';
const OIDC_PATH = `${CONSOLE_PATH}/oidc`;
/** Where the provider sends people back to. */
export const OIDC_CALLBACK = `${OIDC_PATH}/callback`;

const MAX_BODY = 10_000;
/** So long she may take at the provider. */
const ATTEMPT_MS = 600_000;
const ATTEMPT_COOKIE = 'usher-attempt';
/** What lets somebody in at the console. */
const SCOPES: readonly Scope[] = ['admin', 'admin:read'];

type Deps = {
  readonly sessions: Sessions;
  readonly identify: Identify;
  readonly throttle: Throttle;
  readonly refusals: Pick<Refusals, 'note'>;
  readonly admit: Admit;
  readonly oidc: OidcSettings | undefined;
  /** Where the console is, as browsers see it: `/console`, or with what a proxy puts before it. */
  readonly consoleUrl: string;
};

/** Signing in and out at the console: by a token, or by OpenID Connect. */
export function createSignInRouter(deps: Deps): Router<RequestState> {
  const router = new Router<RequestState>();
  const { sessions, oidc } = deps;
  router.get(WAYS, (ctx) => {
    answer(ctx, { token: true, oidc: oidc === undefined ? null : { name: oidc.name } });
  });
  router.post(SESSION, ...readBody({ maxBytes: MAX_BODY, admit: deps.admit }), byToken(deps));
  router.get(SESSION, async (ctx) => {
    const session = await sessions.of(ctx);
    if (session === undefined) return notSignedIn(ctx);
    return answer(ctx, shown(session));
  });
  router.delete(SESSION, async (ctx) => {
    // Without a token of the session: whoever makes her sign out does her no harm.
    await sessions.end(ctx);
    ctx.status = 204;
  });
  if (oidc !== undefined) addOidc(router, deps, oidc);
  return router;
}

function byToken({ sessions, identify, throttle, refusals }: Deps): Handler {
  return async (ctx) => {
    const putOff = (seconds: number): void => {
      ctx.set('Retry-After', String(seconds));
      answer(ctx, { status: 429, detail: TOO_MANY }, 429);
    };
    const seconds = throttle.wait(networkOf(ctx.state.address));
    if (seconds > 0) return putOff(seconds);
    const { token } = ctx.state.body as { readonly token?: unknown };
    if (typeof token !== 'string' || token === '') throw new ApiProblem(400, 'token is missing');
    const found = await identify(`Bearer ${token.trim()}`, ctx.state.address);
    if ('holder' in found) {
      const { name, scopes, id } = found.holder;
      const ours = scopes.filter((scope) => SCOPES.includes(scope));
      if (ours.length === 0 || id === undefined) {
        throw new ApiProblem(403, `The token ${name} has neither the scope admin nor admin:read`);
      }
      const session = await sessions.open(ctx, { name, scopes: ours, tokenId: id });
      return answer(ctx, shown(session), 201);
    }
    if ('name' in found) throw new ApiProblem(403, `The token ${found.name} ${WHY[found.fault]}`);
    const more = countWrong(ctx, { throttle, refusals });
    if (more > 0) return putOff(more);
    return answer(ctx, { status: 401, detail: 'That is no token of Usher' }, 401);
  };
}

function addOidc(router: Router<RequestState>, { sessions, consoleUrl }: Deps, settings: OidcSettings): void {
  const client = createOidcClient(settings);
  const isSecure = settings.redirectUri.startsWith('https:');
  // Lax, since she comes back from another site.
  const cookie = { httpOnly: true, sameSite: 'lax', secure: isSecure, path: '/', overwrite: true } as const;
  const back = (ctx: HttpContext, problem?: string): void => {
    ctx.redirect(problem === undefined ? consoleUrl : `${consoleUrl}?problem=${problem}`);
  };
  const guarded =
    (act: (ctx: HttpContext) => Promise<void>): Handler =>
    async (ctx) => {
      ctx.cookies.secure = isSecure;
      try {
        await act(ctx);
      } catch (error) {
        if (!(error instanceof SignInFailed)) throw error;
        ctx.state.log.warn({ err: error, problem: error.problem }, 'somebody could not sign in');
        back(ctx, error.problem);
      }
    };
  router.get(
    `${OIDC_PATH}/start`,
    guarded(async (ctx) => {
      const { url, attempt } = await client.begin();
      const value = Buffer.from(JSON.stringify(attempt)).toString('base64url');
      ctx.cookies.set(ATTEMPT_COOKIE, value, { ...cookie, maxAge: ATTEMPT_MS });
      ctx.redirect(url);
    }),
  );
  router.get(
    OIDC_CALLBACK,
    guarded(async (ctx) => {
      const attempt = attemptIn(ctx.cookies.get(ATTEMPT_COOKIE));
      ctx.cookies.set(ATTEMPT_COOKIE, null, cookie);
      const { name, scopes } = await client.finish(ctx.search, attempt);
      await sessions.open(ctx, { name, scopes, tokenId: undefined });
      ctx.state.log.info({ name, scopes }, 'signed in');
      back(ctx);
    }),
  );
}

function attemptIn(cookie: string | undefined): Attempt {
  if (cookie === undefined) throw new SignInFailed('failed', 'nobody began to sign in, or too long ago');
  try {
    const { state, nonce, verifier } = JSON.parse(Buffer.from(cookie, 'base64url').toString('utf8'));
    return { state: String(state), nonce: String(nonce), verifier: String(verifier) };
  } catch (cause) {
    throw new SignInFailed('failed', 'what her browser remembers was changed', { cause });
  }
}

function notSignedIn(ctx: HttpContext): void {
  answer(ctx, { status: 401, detail: 'Nobody is signed in' }, 401);
}

function shown({ name, scopes, csrf, expires }: Session): object {
  return { name, scopes, csrf, expires: new Date(expires).toISOString() };
}

function answer(ctx: HttpContext, body: object, status = 200): void {
  ctx.status = status;
  ctx.set('Cache-Control', 'no-store');
  ctx.type = status < 400 ? 'application/json' : 'application/problem+json';
  ctx.body = JSON.stringify(body);
}
