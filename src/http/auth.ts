import type { IncomingMessage } from 'node:http';
import { allows, type Fault, type Scope } from '../access/token.ts';
import { ScimError } from '../scim/error.ts';
import { type AddressOf, networkOf } from './address.ts';
import type { Handler, HttpContext } from './context.ts';
import type { Refusals } from './refusals.ts';
import { assertOwnRequest, type Sessions } from './sign-in/sessions.ts';
import type { Throttle } from './throttle.ts';
import type { Identified, Identify } from './tokens.ts';

/** What a request needs; undefined if anybody may send it. */
export type ScopeFor = (request: { readonly method: string; readonly path: string }) => Scope | undefined;

export type Door = {
  readonly identify: Identify;
  readonly scopeFor: ScopeFor;
  readonly addressOf: AddressOf;
  readonly throttle: Throttle;
  readonly refusals: Pick<Refusals, 'note'>;
  /** Whether a header `Basic` is taken, too. */
  readonly isBasicAllowed: boolean;
  /** Of the console: good for what admins do, and for nothing else. */
  readonly sessions: Pick<Sessions, 'of'>;
};

/** Methods that change nothing. */
export const READS: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

/** What to say of a token whose secret is right. */
export const WHY: Readonly<Record<Fault, string>> = {
  disabled: 'is disabled',
  expired: 'has expired',
  elsewhere: 'may not be used from this address',
};

/** What is said to who has to wait. */
export const TOO_MANY = 'Too many wrong tokens came from this address';

/** Lets in who has a token that is good for it, and notes whose it is. Throws `ScimError` 401, 403 or 429. */
export function auth(door: Door): Handler {
  const { identify, scopeFor, isBasicAllowed, sessions } = door;
  const challenge = (ctx: HttpContext, details = ''): void => {
    ctx.append('WWW-Authenticate', `Bearer${details}`);
    if (isBasicAllowed) ctx.append('WWW-Authenticate', 'Basic realm="usher", charset="UTF-8"');
  };
  const refusalOf = (ctx: HttpContext, found: Exclude<Identified, { holder: unknown }>): ScimError => {
    if ('name' in found) {
      challenge(ctx, ' error="invalid_token"');
      const status = found.fault === 'elsewhere' ? 403 : 401;
      return new ScimError(status, undefined, `The token ${found.name} ${WHY[found.fault]}`);
    }
    const seconds = countWrong(ctx, door);
    if (seconds > 0) {
      ctx.set('Retry-After', String(seconds));
      return new ScimError(429, undefined, TOO_MANY);
    }
    challenge(ctx, found.fault === 'none' ? '' : ' error="invalid_token"');
    return new ScimError(401, undefined, 'A valid bearer token is needed');
  };
  const identified = async (ctx: HttpContext, scope: Scope): Promise<Identified> => {
    const { authorization } = ctx.headers;
    const isOfAdmin = scope === 'admin' || scope === 'admin:read';
    const session = isOfAdmin && authorization === undefined ? await sessions.of(ctx) : undefined;
    if (session === undefined) return identify(authorization, ctx.state.address);
    if (!READS.includes(ctx.method)) assertOwnRequest(ctx, session);
    const { name, scopes } = session;
    return { holder: { name, scopes, source: undefined } };
  };
  return async (ctx, next) => {
    const scope = scopeFor(ctx);
    if (scope === undefined) return next();
    const found = await identified(ctx, scope);
    const isKnown = 'holder' in found;
    const name = isKnown ? found.holder.name : 'name' in found ? found.name : undefined;
    if (name !== undefined) ctx.state.log = ctx.state.log.child({ tokenName: name });
    if (!isKnown) throw refusalOf(ctx, found);
    if (!allows(found.holder.scopes, scope)) {
      challenge(ctx, ` error="insufficient_scope", scope="${scope}"`);
      throw new ScimError(403, undefined, `The token ${name} has not the scope ${scope}`);
    }
    ctx.state.holder = found.holder;
    return next();
  };
}

/**
 * Counts a wrong token. Seconds that its address has to wait, since it sent too many; of those that came at once, before any
 * was counted, too. 0 if this one was looked at.
 */
export function countWrong(
  ctx: HttpContext,
  { throttle, refusals }: Pick<Door, 'throttle' | 'refusals'>,
): number {
  const network = networkOf(ctx.state.address);
  const seconds = throttle.failed(network);
  refusals.note(seconds > 0 ? 'throttled' : 'token', network);
  ctx.state.isTold = true;
  return seconds;
}

/**
 * Seconds that a request has to wait, if its address sent so many wrong tokens that only a right one is of interest; 0
 * if it has not to. Made to be cheap: nothing else is done for such a request.
 */
export function throttledFor({ identify, scopeFor, addressOf, throttle, refusals }: Door) {
  return (request: IncomingMessage): 0 | Promise<number> => {
    const address = addressOf(request);
    const network = networkOf(address);
    const seconds = throttle.wait(network);
    if (seconds === 0 || scopeFor({ method: request.method ?? '', path: pathOf(request) }) === undefined) {
      return 0;
    }
    return identify(request.headers.authorization, address).then((found) => {
      if (!('fault' in found) || 'name' in found) return 0;
      refusals.note('throttled', network);
      return seconds;
    });
  };
}

function pathOf({ url = '' }: IncomingMessage): string {
  return url.replace(/[?#].*/s, '');
}
