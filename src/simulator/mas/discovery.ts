import type { JsonObject } from '../api-request.ts';

/** `/.well-known/openid-configuration` for a base that ends with a slash. */
export function discoveryOf(base: string): JsonObject {
  const methods = [
    'client_secret_basic',
    'client_secret_post',
    'client_secret_jwt',
    'private_key_jwt',
    'none',
  ];
  const algorithms = ['HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'].concat(
    ['ES256', 'ES384', 'ES256K'],
  );
  return {
    issuer: base,
    authorization_endpoint: `${base}authorize`,
    token_endpoint: `${base}oauth2/token`,
    jwks_uri: `${base}oauth2/keys.json`,
    registration_endpoint: `${base}oauth2/registration`,
    scopes_supported: ['openid', 'email'],
    response_types_supported: ['code', 'id_token', 'code id_token'],
    response_modes_supported: ['form_post', 'query', 'fragment'],
    grant_types_supported: [
      'authorization_code',
      'refresh_token',
      'client_credentials',
      'urn:ietf:params:oauth:grant-type:device_code',
    ],
    token_endpoint_auth_methods_supported: methods,
    token_endpoint_auth_signing_alg_values_supported: algorithms,
    revocation_endpoint: `${base}oauth2/revoke`,
    introspection_endpoint: `${base}oauth2/introspect`,
    code_challenge_methods_supported: ['plain', 'S256'],
    userinfo_endpoint: `${base}oauth2/userinfo`,
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256'],
    prompt_values_supported: ['login'],
    device_authorization_endpoint: `${base}oauth2/device`,
    'org.matrix.matrix-authentication-service.graphql_endpoint': `${base}graphql`,
    account_management_uri: `${base}account/`,
    account_management_actions_supported: [
      'org.matrix.profile',
      'org.matrix.devices_list',
      'org.matrix.device_view',
      'org.matrix.device_delete',
      'org.matrix.cross_signing_reset',
      'org.matrix.sessions_list',
      'org.matrix.session_view',
      'org.matrix.session_end',
    ],
  };
}
