import { createClientAuthentication } from './client-authentication.ts';
import type { Mas } from './mas.ts';
import { type MasAnswer, oauthError } from './refusal.ts';
import type { MasRequest } from './request.ts';
import { MAS_ADMIN, parseScope } from './scope.ts';

/** `experimental.access_token_ttl`. */
const TOKEN_LIFE_S = 300;

/** Scopes that MAS's policy gives a client that acts for itself. */
const FREE: ReadonlySet<string> = new Set(['', 'openid', 'email', 'urn:mas:graphql:*']);

/** `POST /oauth2/token`, for client credentials (RFC 6749 §4.4) only. */
export function createTokenEndpoint(mas: Mas): (request: MasRequest) => Promise<MasAnswer> {
  const authenticate = createClientAuthentication(mas);

  return async (request) => {
    const isForm = /^application\/x-www-form-urlencoded\b/.test(request.contentType ?? '');
    const form = new URLSearchParams(isForm ? request.body : '');
    const client = await authenticate(request, form);
    const grantType = form.get('grant_type');
    if (grantType === null) {
      throw oauthError(400, 'invalid_request', 'Failed to deserialize form body: missing field `grant_type`');
    }
    if (grantType !== 'client_credentials') {
      const description = 'The authorization grant type is not supported by the authorization server.';
      throw oauthError(400, 'unsupported_grant_type', description);
    }
    const asked = form.get('scope') ?? undefined;
    const scope = asked === undefined ? [] : parseScope(asked);
    if (scope === undefined) {
      throw oauthError(
        400,
        'invalid_request',
        'Failed to deserialize form body: scope: Invalid scope format',
      );
    }
    const denied = scope.filter((token) => !FREE.has(token) && !(token === MAS_ADMIN && client.isAdmin));
    if (denied.length > 0) {
      throw oauthError(
        403,
        'invalid_scope',
        denied.map((token) => `scope '${token}' not allowed`).join(', '),
      );
    }
    const session = mas.sessions.startOAuth2({ userId: undefined, clientId: client.id, scope });
    const token = mas.sessions.issue('mat', { kind: 'oauth2', sessionId: session.id }, TOKEN_LIFE_S * 1000);
    const granted = scope.length === 0 ? {} : { scope: scope.join(' ') };
    return {
      status: 200,
      body: { access_token: token, token_type: 'Bearer', expires_in: TOKEN_LIFE_S, ...granted },
    };
  };
}
