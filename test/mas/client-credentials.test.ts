import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { exportJWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { type ClientCredentials, requestToken } from '../../src/mas/client-credentials.ts';
import { HomeserverError } from '../../src/matrix/error.ts';
import type { RestClient } from '../../src/rest/client.ts';
import type { MasClient } from '../../src/simulator/mas/clients.ts';
import { openMasDesk } from '../support/homeserver/mas-desk.ts';

/** The client of the simulated MAS, which knows it by a secret or by a public key, and how Usher asks it for a token. */
async function open(publicKey?: KeyObject) {
  const { simulated, clientFor, tokenEndpoint } = await openMasDesk();
  const { mas, issuer, masUrl } = simulated;
  const jwks = publicKey && { keys: [await exportJWK(publicKey)] };
  const client: MasClient = mas.clients.add(
    jwks === undefined
      ? { method: 'client_secret_basic', secret: 's:e c%r+é/t=' }
      : { method: 'private_key_jwt', jwks },
  );
  const ask = (credentials: ClientCredentials) => requestToken(clientFor(issuer), tokenEndpoint, credentials);
  const mayAdminister = async (token: string): Promise<boolean> => {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`${masUrl}/api/admin/v1/version`, { headers })).status === 200;
  };
  return { client, ask, mayAdminister };
}

const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

describe('a token of the admin API', () => {
  it('is given for a secret with any letters', async () => {
    const { client, ask, mayAdminister } = await open();
    const { token, expiresInMs } = await ask({ id: client.id, secret: 's:e c%r+é/t=' });
    expect([expiresInMs, await mayAdminister(token)]).toEqual([300_000, true]);
  });

  it.each([
    ['RSA', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['P-256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' })],
    ['P-384', () => generateKeyPairSync('ec', { namedCurve: 'P-384' })],
  ])('is given for a private key (%s), again and again', async (_, generate) => {
    const { publicKey, privateKey } = generate();
    const { client, ask, mayAdminister } = await open(publicKey);
    const credentials = { id: client.id, privateKey: pem(privateKey) };
    const tokens = [await ask(credentials), await ask(credentials)];
    for (const { token } of tokens) expect(await mayAdminister(token)).toBe(true);
  });
});

describe('no token of the admin API, and what to do, is had', () => {
  const NOT_KNOWN = (id: string, proof: string): string =>
    `MAS does not know the client ${id}, or ${proof} is not its own (any more): compare both with "clients" in its configuration, and run "mas-cli config sync" or restart it after a change`;

  it('for another secret, and for a client that MAS does not know', async () => {
    const { client, ask } = await open();
    for (const id of [client.id, '01J44RKQYM4G3TNVANTMTDYTX6']) {
      await expect(ask({ id, secret: 'another' })).rejects.toMatchObject({
        ...{ kind: 'unauthorised', errcode: 'invalid_client', message: NOT_KNOWN(id, 'MAS_CLIENT_SECRET') },
      });
    }
  });

  it('for another private key, and for a client that has a secret', async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const other = pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
    for (const { client, ask } of [await open(publicKey), await open()]) {
      await expect(ask({ id: client.id, privateKey: other })).rejects.toMatchObject({
        ...{ kind: 'unauthorised', message: NOT_KNOWN(client.id, 'MAS_CLIENT_KEY_FILE') },
      });
    }
  });

  it('for a client that may not administer', async () => {
    const { client, ask } = await open();
    client.isAdmin = false;
    await expect(ask({ id: client.id, secret: 's:e c%r+é/t=' })).rejects.toMatchObject({
      kind: 'unauthorised',
      message: `MAS does not let the client ${client.id} administer: add it to policy.data.admin_clients in its configuration, and restart it`,
    });
  });

  it.each<[string, object, string, RegExp]>([
    [
      'unauthorized_client',
      { secret: 'x' },
      'unauthorised',
      /client_auth_method must be client_secret_basic$/,
    ],
    [
      'unauthorized_client',
      { privateKey: '' },
      'unauthorised',
      /client_auth_method must be private_key_jwt$/,
    ],
    ['invalid_request', { secret: 'x' }, 'refused', /^refused by the test$/],
  ])('when MAS says %s to %o', async (errcode, proof, kind, message) => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const client: RestClient = {
      async call() {
        throw new HomeserverError('refused', 'refused by the test', { errcode });
      },
    };
    const credentials =
      'secret' in proof ? { id: 'C', secret: 'x' } : { id: 'C', privateKey: pem(privateKey) };
    await expect(requestToken(client, 'https://mas.example/oauth2/token', credentials)).rejects.toMatchObject(
      {
        ...{ kind, message: expect.stringMatching(message) },
      },
    );
  });

  it.each([[{}], [{ access_token: 'x' }], [{ expires_in: 300 }], [null]])('from %o', async (answer) => {
    const client: RestClient = { call: async () => answer };
    await expect(
      requestToken(client, 'https://mas.example/oauth2/token', { id: 'C', secret: 'x' }),
    ).rejects.toMatchObject({ kind: 'protocol' });
  });
});
