import type { IncomingMessage } from 'node:http';
import { ScimError } from '../scim/error.ts';
import { addressOf } from './address.ts';
import type { Handler } from './context.ts';
import type { Refusals } from './refusals.ts';
import type { Throttle } from './throttle.ts';
import type { FindOwner } from './tokens.ts';

type AuthDeps = {
  readonly ownerOf: FindOwner;
  readonly throttle: Throttle;
  readonly refusals: Pick<Refusals, 'note'>;
  readonly isProtected: (path: string) => boolean;
};

/** Lets in who has a token, and notes whose it is. Throws `ScimError` 401. */
export function auth({ ownerOf, throttle, refusals, isProtected }: AuthDeps): Handler {
  return (ctx, next) => {
    if (!isProtected(ctx.path)) return next();
    const owner = ownerOf(ctx.headers.authorization);
    if (typeof owner === 'string') {
      const address = addressOf(ctx.req);
      throttle.failed(address);
      refusals.note('token', address);
      ctx.state.isTold = true;
      ctx.set('WWW-Authenticate', owner === 'none' ? 'Bearer' : 'Bearer error="invalid_token"');
      throw new ScimError(401, undefined, 'A valid bearer token is needed');
    }
    ctx.state.source = owner.source;
    return next();
  };
}

/**
 * Seconds that a request has to wait, if its address sent so many wrong tokens that only a right one is of interest.
 * Made to be cheap: nothing else is done for such a request.
 */
export function throttledFor({ ownerOf, throttle, refusals, isProtected }: AuthDeps) {
  return (request: IncomingMessage): number => {
    const address = addressOf(request);
    const seconds = throttle.wait(address);
    if (seconds === 0 || !isProtected(pathOf(request))) return 0;
    if (typeof ownerOf(request.headers.authorization) !== 'string') return 0;
    refusals.note('throttled', address);
    return seconds;
  };
}

/** As the routes see it: slashes that follow each other are one. */
function pathOf({ url = '' }: IncomingMessage): string {
  return url.replace(/[?#].*/s, '').replace(/\/{2,}/g, '/');
}
