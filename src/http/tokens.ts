import { timingSafeEqual } from 'node:crypto';
import { networksOf } from '../access/networks.ts';
import { digestOf, type Fault, FIXED_TOKEN, faultOf, type Scope, type TokenId } from '../access/token.ts';
import type { SourceId } from '../directory/resource.ts';
import type { TokenStore } from '../store/token-store.ts';
import type { VerifyJwt } from './jwt.ts';

export type SourceToken = { readonly source: SourceId; readonly secret: string };

/** Whose token came with a request, or whose session it is: then there is no source, and no id of a token. */
export type Holder = {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly source: SourceId | undefined;
  /** Of one of Usher's own. */
  readonly id?: TokenId;
};

/** `none`: no token came. `unknown`: nobody's. The others have a name: the secret was right. */
export type Identified =
  | { readonly holder: Holder }
  | { readonly fault: 'none' | 'unknown' }
  | { readonly fault: Fault; readonly name: string };

/** Whose token a header `Authorization` has (RFC 6750), that came from this address. */
export type Identify = (authorization: string | undefined, address: string) => Promise<Identified>;

type IdentifyDeps = {
  /** Those of the settings, which may do all of SCIM. */
  readonly fixed: readonly SourceToken[];
  readonly store: Pick<TokenStore, 'bySecret' | 'noteUse'>;
  /** Whether it may also come as the password of a header `Basic` (RFC 7617), beside any name. */
  readonly isBasicAllowed: boolean;
  readonly verifyJwt: VerifyJwt | undefined;
  /** Told when it could not be written down that a token was used. */
  readonly onFault: (error: unknown) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

const SCIM: readonly Scope[] = ['scim'];
/** It is enough to know to the minute when a token was used. */
const USE_MS = 60_000;
/** Three parts (RFC 7515 §7.1): no token of ours has a dot. */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * Digests are compared with those of the settings, each with each, so that the time tells nothing about the secrets, not
 * even their length. Those of the store are looked up by digest: nobody can choose a secret for its digest.
 */
export function createIdentify(deps: IdentifyDeps): Identify {
  const { fixed, store, isBasicAllowed, verifyJwt, onFault, now } = deps;
  const known = fixed.map(({ source, secret }) => ({ source, digest: digestOf(secret) }));
  return async (authorization = '', address) => {
    const presented = bearerIn(authorization) ?? (isBasicAllowed ? passwordIn(authorization) : undefined);
    const digest = digestOf(presented ?? '');
    const [own] = known.filter((token) => timingSafeEqual(token.digest, digest));
    if (presented === undefined) return { fault: 'none' };
    if (own !== undefined) return { holder: { name: FIXED_TOKEN, source: own.source, scopes: SCIM } };
    if (verifyJwt !== undefined && JWT.test(presented)) return verifyJwt(presented);
    const found = await store.bySecret(digest);
    if (found === undefined) return { fault: 'unknown' };
    const { token, secret } = found;
    const at = now();
    const isInside = () => networksOf(token.networks)(address);
    const fault = faultOf(token, secret, { now: at, isInside });
    if (fault !== undefined) return { fault, name: token.name };
    if (secret.lastUsed === undefined || Math.abs(at - secret.lastUsed) >= USE_MS) {
      await store.noteUse(digest, { at, from: address }).catch(onFault);
    }
    return { holder: token };
  };
}

function bearerIn(authorization: string): string | undefined {
  return /^Bearer +(\S+)$/i.exec(authorization)?.[1];
}

function passwordIn(authorization: string): string | undefined {
  const encoded = /^Basic +([\w+/]+={0,2})$/i.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const [, password] = /^[^:]*:(\S+)$/.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
  return password;
}
