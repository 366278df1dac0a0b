import { createLocalJWKSet, decodeJwt, errors, jwtVerify } from 'jose';
import type { ClientSecret, MasClient } from './clients.ts';
import type { Mas } from './mas.ts';
import { oauthError } from './refusal.ts';
import type { MasRequest } from './request.ts';

/** What a request says of its client; `clientId` is not yet believed. */
type Credentials =
  | { readonly method: 'client_secret_basic' | 'client_secret_post'; clientId: string; secret: string }
  | { readonly method: 'private_key_jwt'; clientId: string; assertion: string }
  | { readonly method: 'none'; clientId: string };

const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export type ClientAuthentication = (
  request: Pick<MasRequest, 'authorization'>,
  form: URLSearchParams,
) => Promise<MasClient>;

/** Which client sends a request to the token endpoint (RFC 6749 §2.3, RFC 7523 §2.2), or a refusal as MAS sends it. */
export function createClientAuthentication(mas: Mas): ClientAuthentication {
  const used = new Set<string>();

  /**
   * MAS 1.22 looks at the signature and `sub` and no more. The rest is what RFC 7523 §3 and OpenID Connect Core §9 ask of
   * a client, and what another version may check.
   */
  async function isOurs(clientId: string, assertion: string, client: ClientSecret): Promise<boolean> {
    if (client.method !== 'private_key_jwt') return false;
    try {
      const { payload } = await jwtVerify(assertion, createLocalJWKSet(client.jwks), {
        issuer: clientId,
        subject: clientId,
        audience: [mas.publicBase, `${mas.publicBase}oauth2/token`],
        requiredClaims: ['exp', 'jti'],
        currentDate: new Date(mas.now()),
      });
      if (payload.jti === undefined || used.has(payload.jti)) return false;
      used.add(payload.jti);
      return true;
    } catch (error) {
      if (error instanceof errors.JOSEError) return false;
      throw error;
    }
  }

  async function isProven(credentials: Credentials, { authentication }: MasClient): Promise<boolean> {
    if (credentials.method === 'private_key_jwt') {
      return isOurs(credentials.clientId, credentials.assertion, authentication);
    }
    if (credentials.method === 'none' || authentication.method !== credentials.method) return false;
    return authentication.secret === credentials.secret;
  }

  return async ({ authorization }, form) => {
    const credentials = credentialsIn(authorization, form);
    const client = mas.clients.get(credentials.clientId);
    if (client !== undefined && (await isProven(credentials, client))) return client;
    throw oauthError(401, 'invalid_client', 'Client authentication failed.');
  };
}

function credentialsIn(authorization: string | undefined, form: URLSearchParams): Credentials {
  const [formId, secret] = [form.get('client_id'), form.get('client_secret')];
  const [type, assertion] = [form.get('client_assertion_type'), form.get('client_assertion')];
  if (authorization !== undefined) {
    const basic = basicIn(authorization);
    if (basic === undefined) throw badRequest('Invalid Authorization header');
    if (secret !== null || type !== null || assertion !== null) throw badRequest(MALFORMED);
    return named(formId, { method: 'client_secret_basic', ...basic });
  }
  if (assertion !== null && secret === null) {
    if (type !== JWT_BEARER) throw badRequest(`Unsupported client_assertion_type: ${type}`);
    return named(formId, { method: 'private_key_jwt', clientId: subjectOf(assertion), assertion });
  }
  if (formId === null && secret === null) throw badRequest('No credentials were presented');
  if (formId === null || type !== null) throw badRequest(MALFORMED);
  if (secret === null) return { method: 'none', clientId: formId };
  return { method: 'client_secret_post', clientId: formId, secret };
}

/** A client that is named twice has to be the same. */
function named(formId: string | null, credentials: Credentials): Credentials {
  const { clientId } = credentials;
  if (formId === null || formId === clientId) return credentials;
  const what = `client_id in form ("${formId}") does not match credential ("${clientId}")`;
  throw oauthError(400, 'invalid_grant', what);
}

/** Nothing in it is percent-encoded for MAS, whatever RFC 6749 §2.3.1 says. */
function basicIn(authorization: string): { clientId: string; secret: string } | undefined {
  const [, encoded] = /^basic ([A-Za-z0-9+/=]+)$/i.exec(authorization) ?? [];
  if (encoded === undefined) return undefined;
  const [, clientId, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? [];
  return clientId === undefined || secret === undefined ? undefined : { clientId, secret };
}

function subjectOf(assertion: string): string {
  try {
    const { sub } = decodeJwt(assertion);
    if (sub !== undefined) return sub;
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
  }
  throw badRequest('Invalid client_assertion');
}

const badRequest = (description: string) => oauthError(400, 'invalid_request', description);

const MALFORMED =
  'The request is missing a required parameter, includes an invalid parameter value, includes a parameter more than ' +
  'once, or is otherwise malformed.';
