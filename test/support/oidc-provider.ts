import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { onTestFinished } from 'vitest';

type Claims = Readonly<Record<string, unknown>>;

/**
 * A provider of OpenID Connect, as far as the code flow with PKCE goes: it lets in whoever comes, says `claims` of her in
 * the ID token and `userInfo` beside it, and checks what a provider has to.
 */
export async function startOidcProvider({ claims = {} as Claims, userInfo = {} as Claims } = {}) {
  const keys = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
  const codes = new Map<string, URLSearchParams>();
  const state = {
    claims,
    userInfo,
    refuses: undefined as string | undefined,
    nonce: undefined as string | undefined,
  };
  let issuer = '';
  const idToken = (sent: URLSearchParams) =>
    new SignJWT({ sub: 'ann', ...state.claims, nonce: state.nonce ?? sent.get('nonce') ?? '' })
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .setIssuer(issuer)
      .setAudience(sent.get('client_id') ?? '')
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(keys.privateKey);
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', issuer);
    const json = (body: object, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (url.pathname === '/.well-known/openid-configuration') {
      return json({
        ...{ issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token` },
        ...{ jwks_uri: `${issuer}/keys`, userinfo_endpoint: `${issuer}/userinfo` },
        ...{ response_types_supported: ['code'], subject_types_supported: ['public'] },
        id_token_signing_alg_values_supported: ['RS256'],
      });
    }
    if (url.pathname === '/keys') return json({ keys: [jwk] });
    if (url.pathname === '/userinfo') return json({ sub: 'ann', ...state.userInfo });
    if (url.pathname === '/authorize') {
      const back = new URL(url.searchParams.get('redirect_uri') ?? '');
      back.searchParams.set('state', url.searchParams.get('state') ?? '');
      if (state.refuses !== undefined) back.searchParams.set('error', state.refuses);
      else {
        const code = crypto.randomUUID();
        codes.set(code, url.searchParams);
        back.searchParams.set('code', code);
      }
      return response.writeHead(302, { location: back.href }).end();
    }
    let text = '';
    for await (const chunk of request) text += chunk;
    const form = new URLSearchParams(text);
    const sent = codes.get(form.get('code') ?? '');
    codes.delete(form.get('code') ?? '');
    const verifier = new TextEncoder().encode(form.get('code_verifier') ?? '');
    const digest = Buffer.from(await crypto.subtle.digest('SHA-256', verifier)).toString('base64url');
    const isRight =
      sent?.get('code_challenge') === digest &&
      sent.get('redirect_uri') === form.get('redirect_uri') &&
      form.get('client_secret') === 'hush';
    if (!isRight || sent === undefined) return json({ error: 'invalid_grant' }, 400);
    return json({ access_token: 'access', token_type: 'Bearer', id_token: await idToken(sent) });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { issuer, state };
}
