import { hash, timingSafeEqual } from 'node:crypto';
import type { SourceId } from '../directory/resource.ts';
import { ScimError } from '../scim/error.ts';
import type { Handler } from './context.ts';

export type SourceToken = { readonly source: SourceId; readonly secret: string };

/**
 * Lets in who has a bearer token (RFC 6750), and notes whose it is. Digests are compared, each with each, so that
 * the time tells nothing about the secrets, not even their length. Throws `ScimError` 401.
 */
export function auth(tokens: readonly SourceToken[], isProtected: (path: string) => boolean): Handler {
  const known = tokens.map(({ source, secret }) => ({ source, digest: digestOf(secret) }));
  return (ctx, next) => {
    if (!isProtected(ctx.path)) return next();
    const presented = /^Bearer +(\S+)$/i.exec(ctx.get('Authorization'))?.[1];
    const digest = digestOf(presented ?? '');
    const [owner] = known.filter((token) => timingSafeEqual(token.digest, digest));
    if (presented === undefined || owner === undefined) {
      ctx.set('WWW-Authenticate', presented === undefined ? 'Bearer' : 'Bearer error="invalid_token"');
      throw new ScimError(401, undefined, 'A valid bearer token is needed');
    }
    ctx.state.source = owner.source;
    return next();
  };
}

function digestOf(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}
