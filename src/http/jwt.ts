import got from 'got';
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import type { JwtTrust } from '../access/identity-provider.ts';
import { ScimError } from '../scim/error.ts';
import type { Holder, Identified } from './tokens.ts';

/** Rejects with `ScimError` 503 if it can't be known now. */
export type VerifyJwt = (token: string) => Promise<Identified>;

/** Signatures by public keys. An issuer that shares a secret with us would let us make tokens ourselves. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const TIMEOUT_MS = 5_000;
/** Seconds by which the clocks of two machines may differ. */
const TOLERANCE = 30;
/** How long keys are taken without being asked for again, and how soon an unknown one has them asked for. */
const KEYS_MS = 600_000;
const COOLDOWN_MS = 30_000;

type Keys = ReturnType<typeof createRemoteJWKSet>;

export function createVerifyJwt(trust: JwtTrust): VerifyJwt {
  let keys: Promise<Keys> | undefined;
  const findKeys = (): Promise<Keys> => {
    keys ??= (trust.keysUrl === undefined ? discover(trust.issuer) : Promise.resolve(trust.keysUrl)).then(
      (url) =>
        createRemoteJWKSet(new URL(url), {
          ...{ timeoutDuration: TIMEOUT_MS, cacheMaxAge: KEYS_MS, cooldownDuration: COOLDOWN_MS },
        }),
    );
    return keys;
  };
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, await findKeys(), {
        ...{ issuer: trust.issuer, audience: trust.audience, algorithms: ALGORITHMS },
        ...{ clockTolerance: TOLERANCE, requiredClaims: ['exp'] },
      });
      return { holder: holderOf(payload, trust) };
    } catch (error) {
      if (error instanceof errors.JWTExpired) return { fault: 'expired', name: nameOf(error.payload) };
      if (!isUnavailable(error)) return { fault: 'unknown' };
      // The next token has it tried again, one of those that wait for each other.
      keys = undefined;
      throw unavailable(trust.issuer, error);
    }
  };
}

async function discover(issuer: string): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const found = await got(url, { timeout: { request: TIMEOUT_MS }, retry: { limit: 0 } }).json<{
    readonly issuer?: unknown;
    readonly jwks_uri?: unknown;
  }>();
  if (found.issuer !== issuer) throw new TypeError(`${url} is about another issuer: ${String(found.issuer)}`);
  if (typeof found.jwks_uri !== 'string') throw new TypeError(`${url} has no jwks_uri`);
  return found.jwks_uri;
}

/** Errors of jose are about the token, but for those about the keys; all others are of the network. */
function isUnavailable(error: unknown): boolean {
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return false;
  const isOfKeys = error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid;
  return isOfKeys || !(error instanceof errors.JOSEError) || error.code === 'ERR_JOSE_GENERIC';
}

function unavailable(issuer: string, cause: unknown): ScimError {
  return new ScimError(503, undefined, `The keys of ${issuer} can't be read now`, cause);
}

function holderOf(payload: JWTPayload, { scope, source }: JwtTrust): Holder {
  const isGranted = scope === undefined || scopesIn(payload).includes(scope);
  return { name: nameOf(payload), source, scopes: isGranted ? ['scim'] : [] };
}

/** RFC 8693 §4.2 has one text with blanks; Entra and Okta call it `scp`, and may send a list. */
function scopesIn({ scope, scp }: JWTPayload): readonly string[] {
  return [scope, scp].flatMap((each) =>
    typeof each === 'string' ? each.split(' ') : Array.isArray(each) ? each.map(String) : [],
  );
}

/** For the log: the client it was given to (RFC 9068), or the subject. */
function nameOf({ client_id: client, azp, sub }: JWTPayload): string {
  const [name] = [client, azp, sub].filter((each) => typeof each === 'string' && each !== '');
  return `JWT of ${name ?? 'nobody'}`;
}
