import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { startStage } from './stage.ts';

const GRANT = { grant_type: 'client_credentials', scope: 'urn:mas:admin' };
const REFUSED = { status: 401, body: { error: 'invalid_client' } };

describe('a client', () => {
  it('that is not, or no more, one of admin_clients is told which scope it may not have: 403', async () => {
    const { mas, server, askToken, basic, admin } = await startStage();
    expect(await admin('GET', '/version')).toMatchObject({ status: 200 });
    const client = mas.clients.get(server.clientId);
    if (client === undefined) throw new Error('no client');
    client.isAdmin = false;
    expect(await askToken(GRANT, basic())).toMatchObject({
      status: 403,
      body: { error: 'invalid_scope', error_description: "scope 'urn:mas:admin' not allowed" },
    });
    // A token that it had before goes on.
    expect(await admin('GET', '/version')).toMatchObject({ status: 200 });
  });

  it('whose secret was rotated is refused with the one of before', async () => {
    const { mas, server, askToken, basic } = await startStage();
    const client = mas.clients.get(server.clientId);
    if (client === undefined) throw new Error('no client');
    client.authentication = { method: 'client_secret_basic', secret: 'another' };
    expect(await askToken(GRANT, basic())).toMatchObject(REFUSED);
    expect(await askToken(GRANT, basic(undefined, 'another'))).toMatchObject({ status: 200 });
  });

  it('with client_secret_post says its secret in the form, and in no other way', async () => {
    const secret = 'a secret of the tests';
    const { server, askToken, basic } = await startStage({
      client: { method: 'client_secret_post', secret },
    });
    const named = { client_id: server.clientId, client_secret: secret };
    expect(await askToken({ ...GRANT, ...named })).toMatchObject({ status: 200 });
    expect(await askToken({ ...GRANT, ...named, client_secret: 'wrong' })).toMatchObject(REFUSED);
    expect(await askToken(GRANT, basic(undefined, secret))).toMatchObject(REFUSED);
  });
});

describe.each(['RS256', 'ES256'])('a client with private_key_jwt (%s)', (alg) => {
  async function start() {
    const { privateKey, publicKey } = await generateKeyPair(alg);
    const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg };
    const stage = await startStage({ client: { method: 'private_key_jwt', jwks: { keys: [jwk] } } });
    const { clientId, issuer } = stage.server;
    const seconds = Math.floor(stage.now() / 1000);
    const good = {
      iss: clientId,
      sub: clientId,
      aud: `${issuer}oauth2/token`,
      jti: 'one',
      exp: seconds + 60,
    };
    const sign = (claims: Readonly<Record<string, unknown>>, key = privateKey) =>
      new SignJWT({ ...good, ...claims }).setProtectedHeader({ alg, kid: 'one' }).sign(key);
    const ask = (client_assertion: string) =>
      stage.askToken({
        ...GRANT,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion,
      });
    return { ...stage, sign, ask, seconds };
  }

  it('is let in by an assertion for the token endpoint or the issuer, each only once', async () => {
    const { ask, sign, server } = await start();
    const assertion = await sign({});
    expect(await ask(assertion)).toMatchObject({ status: 200 });
    expect(await ask(assertion)).toMatchObject(REFUSED);
    expect(await ask(await sign({ aud: server.issuer, jti: 'two' }))).toMatchObject({ status: 200 });
  });

  it.each([
    ['that is over', (now: number) => ({ exp: now - 1 })],
    ['for somebody else', () => ({ aud: 'https://elsewhere.example/' })],
    ['by another issuer', () => ({ iss: 'another' })],
    ['without a jti', () => ({ jti: undefined })],
    ['without an end', () => ({ exp: undefined })],
  ])('is refused with an assertion %s', async (_, claims) => {
    const { ask, sign, seconds } = await start();
    expect(await ask(await sign(claims(seconds)))).toMatchObject(REFUSED);
  });

  it('is refused with another key, and with what is no assertion', async () => {
    const { ask, sign } = await start();
    const { privateKey } = await generateKeyPair(alg);
    expect(await ask(await sign({}, privateKey))).toMatchObject(REFUSED);
    expect(await ask('nonsense')).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });
});
