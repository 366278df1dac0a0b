import { createPrivateKey, type KeyObject, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { HomeserverError } from '../matrix/error.ts';
import type { RestCall, RestClient } from '../rest/client.ts';
import { object, text } from '../rest/read.ts';
import { MasTrouble } from './trouble.ts';

/** How we prove to MAS who we are (RFC 6749, 2.3.1, or RFC 7523, 2.2 with a private key in PEM). */
export type ClientCredentials = { readonly id: string } & (
  | { readonly secret: string }
  | { readonly privateKey: string }
);

/** `expiresInMs` counts from when it was asked for. */
export type GrantedToken = { readonly token: string; readonly expiresInMs: number };

const SCOPE = 'urn:mas:admin';

/**
 * Asks for a token of the admin API by client credentials (RFC 6749, 4.4). Rejects with `HomeserverError`, `unauthorised`
 * with what to do if the client is not known or may not.
 */
export async function requestToken(
  client: RestClient,
  endpoint: string,
  credentials: ClientCredentials,
): Promise<GrantedToken> {
  const route = new URL(endpoint).pathname;
  const grant = { grant_type: 'client_credentials', scope: SCOPE };
  try {
    const call = { method: 'POST', route, ...(await authentication(credentials, endpoint, grant)) } as const;
    const answer = object(await client.call(call), 'the token');
    const { access_token: token, expires_in: seconds } = answer;
    if (typeof seconds !== 'number') throw new HomeserverError('protocol', 'a token without an end');
    return { token: text(token, 'access_token'), expiresInMs: seconds * 1000 };
  } catch (error) {
    throw explained(error, credentials);
  }
}

async function authentication(
  credentials: ClientCredentials,
  endpoint: string,
  grant: Readonly<Record<string, string>>,
): Promise<Pick<RestCall, 'form' | 'basic'>> {
  const { id } = credentials;
  if ('secret' in credentials) return { form: grant, basic: { id, secret: credentials.secret } };
  const key = createPrivateKey(credentials.privateKey);
  const assertion = await new SignJWT({})
    .setProtectedHeader({ alg: algorithmOf(key) })
    .setIssuer(id)
    .setSubject(id)
    .setAudience(endpoint)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(key);
  const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
  return { form: { ...grant, client_id: id, client_assertion_type: type, client_assertion: assertion } };
}

/** The algorithm (RFC 7518) that fits the key: the settings took no other kind. */
function algorithmOf(key: KeyObject): string {
  if (key.asymmetricKeyType === 'rsa') return 'RS256';
  return key.asymmetricKeyDetails?.namedCurve === 'secp384r1' ? 'ES384' : 'ES256';
}

/** What the two refusals mean that an admin can cause. */
function explained(error: unknown, credentials: ClientCredentials): unknown {
  if (!(error instanceof HomeserverError)) return error;
  const { id } = credentials;
  const proof = 'secret' in credentials ? 'MAS_CLIENT_SECRET' : 'MAS_CLIENT_KEY_FILE';
  const method = 'secret' in credentials ? 'client_secret_basic' : 'private_key_jwt';
  const troubles: Readonly<Record<string, readonly [found: string, cure: string]>> = {
    invalid_client: [
      `MAS does not know the client ${id}, or ${proof} is not its own (any more)`,
      `compare both with "clients" in its configuration, and run "mas-cli config sync" or restart it after a change`,
    ],
    unauthorized_client: [
      `MAS does not let the client ${id} ask for tokens`,
      `its client_auth_method must be ${method}`,
    ],
    invalid_scope: [
      `MAS does not let the client ${id} administer`,
      'add it to policy.data.admin_clients in its configuration, and restart it',
    ],
  };
  const trouble = troubles[error.errcode ?? ''];
  if (trouble === undefined) return error;
  return new MasTrouble(...trouble, { errcode: error.errcode, cause: error });
}
