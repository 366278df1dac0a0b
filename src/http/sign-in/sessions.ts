import { randomBytes, timingSafeEqual } from 'node:crypto';
import { digestOf, faultOf, type Scope, type TokenId } from '../../access/token.ts';
import { ScimError } from '../../scim/error.ts';
import type { Session, SessionStore } from '../../store/session-store.ts';
import type { HttpContext } from '../context.ts';

export type SignedIn = {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** The token that she signed in with, if she did by one: the session ends with it. */
  readonly tokenId: TokenId | undefined;
};

/** The sessions of the console, by a cookie that scripts can't read and other sites don't send. */
export type Sessions = {
  /** Sets the cookie. */
  readonly open: (ctx: HttpContext, who: SignedIn) => Promise<Session>;
  /** The session of a request; undefined if it has none that goes on. */
  readonly of: (ctx: HttpContext) => Promise<Session | undefined>;
  /** Takes the cookie away. */
  readonly end: (ctx: HttpContext) => Promise<void>;
};

type SessionsDeps = {
  readonly store: SessionStore;
  /** Whether Usher is reached by TLS. */
  readonly isSecure: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

/** A working day. */
const LIFETIME_MS = 12 * 3_600_000;
const SECRET_BYTES = 32;
/** With TLS, browsers let nobody set a cookie of this name for another host or path. */
const NAMES = { secure: '__Host-usher', plain: 'usher' } as const;

export function createSessions({ store, isSecure, now }: SessionsDeps): Sessions {
  const cookie = isSecure ? NAMES.secure : NAMES.plain;
  const options = {
    httpOnly: true,
    sameSite: 'strict',
    secure: isSecure,
    path: '/',
    overwrite: true,
  } as const;
  const secretIn = (ctx: HttpContext): string | undefined => ctx.cookies.get(cookie);
  return {
    async open(ctx, { name, scopes, tokenId }) {
      const secret = randomBytes(SECRET_BYTES).toString('base64url');
      const created = now();
      const session: Session = {
        ...{ name, scopes, tokenId, csrf: randomBytes(SECRET_BYTES).toString('base64url') },
        ...{ created, expires: created + LIFETIME_MS },
      };
      await store.create(session, digestOf(secret));
      // Koa would refuse to set a secure cookie where TLS ends at a proxy.
      ctx.cookies.secure = isSecure;
      ctx.cookies.set(cookie, secret, { ...options, maxAge: LIFETIME_MS });
      return session;
    },
    async of(ctx) {
      const secret = secretIn(ctx);
      const found = secret === undefined ? undefined : await store.bySecret(digestOf(secret));
      if (found === undefined || found.session.expires <= now()) return undefined;
      const { session, token } = found;
      if (session.tokenId === undefined) return session;
      // A token that was rotated is still good; one that is disabled or has expired ends what it opened.
      const isInside = () => true;
      const isOver = token === undefined || faultOf(token, undefined, { now: now(), isInside }) !== undefined;
      return isOver ? undefined : session;
    },
    async end(ctx) {
      const secret = secretIn(ctx);
      if (secret !== undefined) await store.remove(digestOf(secret));
      ctx.cookies.secure = isSecure;
      ctx.cookies.set(cookie, null, options);
    },
  };
}

/** Her browser sends the cookie, whoever had it do so: only the console knows what stands in the header. */
export function assertOwnRequest(ctx: HttpContext, { csrf }: Session): void {
  const sent = digestOf(ctx.get('X-CSRF-Token'));
  if (timingSafeEqual(sent, digestOf(csrf))) return;
  throw new ScimError(403, undefined, 'The header X-CSRF-Token is missing, or not that of this session');
}
