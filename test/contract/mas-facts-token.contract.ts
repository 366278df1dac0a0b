import { describe, expect, it } from 'vitest';
import { type Calls, errors, type MasFacts } from './mas-facts.ts';

const GRANT = { grant_type: 'client_credentials', scope: 'urn:mas:admin' };

export function describeTokenFacts(facts: MasFacts, calls: Calls): void {
  const { askToken, basic, raw, send, admin } = calls;

  describe('the token endpoint', () => {
    it('gives a client a token of 300 s, and no refresh token', async () => {
      const answer = await askToken(GRANT, basic());
      expect(answer).toMatchObject({
        status: 200,
        body: { token_type: 'Bearer', expires_in: 300, scope: 'urn:mas:admin' },
      });
      expect(answer.body.access_token).toMatch(/^mat_[0-9A-Za-z]{30}_[0-9A-Za-z]{6}$/);
      expect(answer.body).not.toHaveProperty('refresh_token');
    });

    it('is the one that discovery names', async () => {
      const { body } = await send('GET', `${facts.server.issuer}.well-known/openid-configuration`);
      expect(body).toMatchObject({
        issuer: facts.server.issuer,
        token_endpoint: `${facts.server.issuer}oauth2/token`,
      });
    });

    it.each([
      ['a wrong secret', () => basic(undefined, 'wrong')],
      ['a client that there is not', () => basic('01ARZ3NDEKTSV4RRFFQ69G5FAV')],
      [
        'a secret that was percent-encoded',
        () => basic(undefined, `%61${facts.server.clientSecret.slice(1)}`),
      ],
    ])('refuses %s with 401 invalid_client', async (_, headers) => {
      expect(await askToken(GRANT, headers())).toMatchObject({
        status: 401,
        body: { error: 'invalid_client', error_description: 'Client authentication failed.' },
      });
    });

    it('refuses a client that proves itself by another way than the configured one', async () => {
      const { clientId: client_id, clientSecret: client_secret } = facts.server;
      expect(await askToken({ ...GRANT, client_id, client_secret })).toMatchObject({
        status: 401,
        body: { error: 'invalid_client' },
      });
    });

    it('refuses who does not say who it is with 400 invalid_request', async () => {
      expect(await askToken(GRANT)).toMatchObject({
        status: 400,
        body: { error: 'invalid_request', error_description: 'No credentials were presented' },
      });
    });

    it('refuses a scope that the policy does not give with 403 invalid_scope, and names it', async () => {
      const scope = 'urn:synapse:admin:*';
      expect(await askToken({ ...GRANT, scope }, basic())).toMatchObject({
        status: 403,
        body: { error: 'invalid_scope', error_description: `scope '${scope}' not allowed` },
      });
    });

    it('refuses another grant with 400', async () => {
      expect(await askToken({ ...GRANT, grant_type: 'password' }, basic())).toMatchObject({
        status: 400,
        body: { error: 'unsupported_grant_type' },
      });
    });
  });

  describe('the admin API', () => {
    it('answers 400 to who sends no token, or nothing like one', async () => {
      expect(await raw('GET', '/api/admin/v1/users')).toMatchObject({
        status: 400,
        body: errors('Missing authorization header'),
      });
      expect(await raw('GET', '/api/admin/v1/users', { headers: basic() })).toMatchObject({
        status: 400,
        body: errors('Invalid authorization header'),
      });
    });

    it('answers 401 to a token that it does not know', async () => {
      const headers = { authorization: 'Bearer nonsense' };
      expect((await raw('GET', '/api/admin/v1/users', { headers })).status).toBe(401);
    });

    it('answers 401 to a token without its scope', async () => {
      const { body } = await askToken({ grant_type: 'client_credentials' }, basic());
      expect(body).not.toHaveProperty('scope');
      const headers = { authorization: `Bearer ${body.access_token}` };
      expect(await raw('GET', '/api/admin/v1/users', { headers })).toMatchObject({
        status: 401,
        body: errors('Missing urn:mas:admin scope'),
      });
    });

    it('answers 404 with a page, and not with errors, where there is nothing', async () => {
      const answer = await admin('GET', '/nothing');
      expect(answer).toMatchObject({ status: 404, body: {} });
      expect(answer.text).toMatch(/<!DOCTYPE html>/i);
    });

    it('tells the name of the homeserver, what people may do themselves, and its version', async () => {
      expect(await admin('GET', '/site-config')).toMatchObject({
        status: 200,
        body: {
          server_name: facts.server.serverName,
          account_deactivation_allowed: expect.any(Boolean),
          displayname_change_allowed: expect.any(Boolean),
          email_change_allowed: expect.any(Boolean),
        },
      });
      expect(await admin('GET', '/version')).toMatchObject({
        status: 200,
        body: { version: expect.stringMatching(/^v?\d+\.\d+\.\d+/) },
      });
    });
  });
}
