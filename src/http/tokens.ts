import { hash, timingSafeEqual } from 'node:crypto';
import type { SourceId } from '../directory/resource.ts';

export type SourceToken = { readonly source: SourceId; readonly secret: string };

/** Whose bearer token (RFC 6750) a header `Authorization` has; `none` if it has no token, `unknown` if nobody's. */
export type Owner = { readonly source: SourceId } | 'none' | 'unknown';
export type FindOwner = (authorization: string | undefined) => Owner;

/** Digests are compared, each with each, so that the time tells nothing about the secrets, not even their length. */
export function createTokens(tokens: readonly SourceToken[]): FindOwner {
  const known = tokens.map(({ source, secret }) => ({ source, digest: digestOf(secret) }));
  return (authorization = '') => {
    const presented = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    const digest = digestOf(presented ?? '');
    const [owner] = known.filter((token) => timingSafeEqual(token.digest, digest));
    if (presented === undefined) return 'none';
    return owner ?? 'unknown';
  };
}

function digestOf(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}
