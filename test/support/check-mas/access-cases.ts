import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { startSimulated } from '../homeserver/simulated.ts';
import { tempDir } from '../temp-dir.ts';
import { byHand, type Case, REST, type Spoil } from './stage.ts';

const LISTENER = `
        http:
          listeners:
            - name: internal
              resources: [{ name: adminapi }, { name: oauth }, { name: health }]
              binds: [{ address: "[::]:8081" }]`;

const CAN_NOTHING = `
      it means: Usher can look at no account and make none; what identity providers push is kept until then.`;

const withoutClient: Spoil = (homeserver) => ({
  ...byHand(homeserver),
  ...{ MAS_CLIENT_ID: '', MAS_CLIENT_SECRET: '', MAS_URL: '', MAS_UPSTREAM_PROVIDER_ID: '' },
});

function keyFile(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const path = join(tempDir(), 'key.pem');
  writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return path;
}

/** Of a homeserver that signs people in by itself. */
export async function urlOfPlain(): Promise<string> {
  const homeserver = await startSimulated();
  onTestFinished(() => homeserver.close());
  return homeserver.url;
}

/** Who signs people in, and whether the admin API of MAS can be used. */
export const ACCESS: readonly Case[] = [
  {
    title: 'MAS signs people in, and the settings do not know of it',
    spoil: withoutClient,
    said: [
      `FAIL  sign-in: the homeserver leaves it to https://auth.example/ to sign people in (Matrix Authentication Service)
      it means: nobody could sign in to accounts that are made in Synapse, so Usher does nothing; what identity providers push is kept until then.
      to do:    put this into the configuration of MAS, and restart it:
        clients:
          - client_id: 01J44RKQYM4G3TNVANTMTDYTX6
            client_auth_method: client_secret_basic
            client_secret: <output of: openssl rand -hex 32>
        policy:
          data:
            admin_clients: [01J44RKQYM4G3TNVANTMTDYTX6]
      and this into the settings of Usher, in place of MATRIX_ADMIN_TOKEN and IDP_NAME:
        MAS_CLIENT_ID=01J44RKQYM4G3TNVANTMTDYTX6
        MAS_CLIENT_SECRET=<the same secret>
        MAS_UPSTREAM_ISSUER=<the issuer of your identity provider, as MAS has it>
        MAS_URL=<where MAS answers as seen from here, e.g. http://mas:8081>`,
      REST.replace('the rest of MAS and Synapse,', 'IDP_NAME'),
    ],
  },
  {
    title: 'Synapse signs people in, and the settings have MAS',
    spoil: async () => ({ MATRIX_URL: await urlOfPlain() }),
    said: [
      `FAIL  sign-in: MAS_CLIENT_ID is set, and the homeserver signs people in by itself
      it means: nobody could sign in to accounts that are made in MAS, so Usher does nothing; what identity providers push is kept until then.
      to do:    if MAS is to sign people in, put this into homeserver.yaml, and restart Synapse:
        matrix_authentication_service:
          enabled: true
          endpoint: http://mas:8081/
          secret: <the "secret" below "matrix" in the configuration of MAS>
      If not, remove all settings that begin with MAS_, and set MATRIX_ADMIN_TOKEN and IDP_NAME. If MATRIX_URL is another
      homeserver, correct it. If only a proxy hides /_matrix/client/v1/auth_metadata, set MATRIX_AUTH=mas.`,
      REST,
    ],
  },
  {
    title: 'the secret was rotated in MAS',
    spoil({ mas, clientId }) {
      const client = mas.clients.get(clientId);
      if (client !== undefined) client.authentication = { method: 'client_secret_basic', secret: 'new' };
      return {};
    },
    said: [
      `FAIL  MAS_CLIENT_ID: MAS does not know the client CLIENT, or MAS_CLIENT_SECRET is not its own (any more)${CAN_NOTHING}
      to do:    have the same in the configuration of MAS, and restart it (or "mas-cli config sync"):
        clients:
          - client_id: CLIENT
            client_auth_method: client_secret_basic
            client_secret: <what MAS_CLIENT_SECRET is>`,
      REST,
    ],
  },
  {
    title: 'MAS does not know the key of the client',
    spoil: () => ({ MAS_CLIENT_SECRET: '', MAS_CLIENT_KEY_FILE: keyFile() }),
    said: [
      `FAIL  MAS_CLIENT_ID: MAS does not know the client CLIENT, or MAS_CLIENT_KEY_FILE is not its own (any more)${CAN_NOTHING}
      to do:    have the same in the configuration of MAS, and restart it (or "mas-cli config sync"):
        clients:
          - client_id: CLIENT
            client_auth_method: private_key_jwt
            jwks: { keys: [<the public key of MAS_CLIENT_KEY_FILE, as a JWK>] }`,
      REST,
    ],
  },
  {
    title: 'the client is not one of admin_clients',
    spoil({ mas, clientId }) {
      const client = mas.clients.get(clientId);
      if (client !== undefined) client.isAdmin = false;
      return {};
    },
    said: [
      `FAIL  MAS_CLIENT_ID: MAS does not let the client CLIENT administer${CAN_NOTHING}
      to do:    put this into the configuration of MAS, and restart it:
        policy:
          data:
            admin_clients: [CLIENT]`,
      REST,
    ],
  },
  {
    title: 'MAS_URL is the listener of the web',
    spoil: ({ issuer }) => ({ MAS_URL: issuer }),
    said: [
      `FAIL  MAS_URL: MAS answers at https://auth.example, on a listener that has no admin API${CAN_NOTHING}
      to do:    put this into the configuration of MAS, beside the listeners of other names, restart it, and set MAS_URL to that port:${LISTENER}`,
      REST,
    ],
  },
  {
    title: 'the admin API is not mounted',
    spoil({ mas }) {
      mas.hasAdminApi = false;
      return {};
    },
    said: [
      `FAIL  MAS_URL: there is no admin API of MAS at http://mas:8081 (GET /api/admin/v1/users: answered 404 without an error of MAS)${CAN_NOTHING}
      to do:    put this into the configuration of MAS, beside the listeners of other names, restart it, and set MAS_URL to that port:${LISTENER}`,
      REST,
    ],
  },
  {
    title: 'tokens are given out where Usher does not come',
    spoil({ mas }) {
      mas.publicBase = 'http://127.0.0.1:1/';
      return {};
    },
    said: [
      `FAIL  MAS_URL: the admin API is there, and Usher gets no further: POST /oauth2/token: no answer (ECONNREFUSED)${CAN_NOTHING}
      to do:    have tokens given out at the same port ("oauth" below); in the configuration of MAS:${LISTENER}`,
      REST,
    ],
  },
  {
    title: 'a proxy hides who signs people in, and MAS_URL is not set',
    spoil: async () => ({ MATRIX_URL: await urlOfPlain(), MATRIX_AUTH: 'mas', MAS_URL: '' }),
    said: [
      `FAIL  MAS_URL: the homeserver does not say where its MAS is${CAN_NOTHING}
      to do:    set MAS_URL.`,
      REST,
    ],
  },
  {
    title: 'nothing answers at MAS_URL',
    spoil: () => ({ MAS_URL: 'http://127.0.0.1:1' }),
    said: [
      `FAIL  MAS_URL: http://127.0.0.1:1: GET /api/admin/v1/users: no answer (ECONNREFUSED)${CAN_NOTHING}
      to do:    start MAS if it does not run, and set MAS_URL to where it answers as seen from here. That is the host of MAS, with the port that has "adminapi" in its configuration:${LISTENER}`,
      REST,
    ],
  },
  {
    title: 'MAS does not run, and Synapse needs it',
    async spoil({ stopMas }) {
      await stopMas();
      return {};
    },
    said: [
      `FAIL  homeserver: GET /_matrix/client/v1/auth_metadata: answered 500 M_UNKNOWN: Internal server error
      it means: Synapse answers, and can not ask MAS; people are not signed in either.
      to do:    start MAS if it does not run. Else compare this in homeserver.yaml, and restart Synapse:
        matrix_authentication_service:
          enabled: true
          endpoint: <where MAS answers as seen from Synapse, e.g. http://mas:8080/>
          secret: <the "secret" below "matrix" in the configuration of MAS>`,
      REST,
    ],
  },
  {
    title: 'MAS 0.19',
    options: { version: '0.19.0' },
    spoil: byHand,
    said: [
      `FAIL  MAS: MAS is older than 0.20
      it means: it would erase whom it deactivates, and makes accounts that Synapse hears of later. Usher does nothing there; what identity providers push is kept until then.
      to do:    update MAS to 1.18 or later; the oldest that Usher works with is 0.20.`,
      REST,
    ],
  },
  {
    title: 'MAS is of another homeserver',
    spoil: () => ({ MATRIX_SERVER_NAME: 'other.test', MATRIX_ADMIN_USER_ID: '@usher:other.test' }),
    said: [
      `FAIL  MATRIX_SERVER_NAME: this MAS signs people in for usher.test, and MATRIX_SERVER_NAME is other.test
      it means: accounts would be made for another homeserver, so Usher does nothing.
      to do:    set MAS_URL to the MAS of other.test, or correct MATRIX_SERVER_NAME. If this is its MAS, correct that in its configuration, and restart it:
        matrix:
          homeserver: other.test`,
      REST,
    ],
  },
];
