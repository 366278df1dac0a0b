import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { expect, it, onTestFinished } from 'vitest';
import { connect } from '../../src/cli/connection.ts';
import { loadConfig } from '../../src/config/config.ts';
import { userId } from '../../src/matrix/ids.ts';
import { tempDir } from '../support/temp-dir.ts';

const BASE = 'http://synapse.invalid';
const issuer = 'https://account.example.com/';

it('stops at a homeserver that was moved to MAS while Usher ran, though its token is good there', async () => {
  let isMoved = false;
  const made: string[] = [];
  const server = setupServer(
    http.get(`${BASE}/_matrix/client/v1/auth_metadata`, () =>
      isMoved
        ? HttpResponse.json({ issuer, token_endpoint: `${issuer}oauth2/token` })
        : HttpResponse.json({ errcode: 'M_UNRECOGNIZED', error: 'Unrecognized request' }, { status: 404 }),
    ),
    http.get(`${BASE}/_matrix/client/v3/account/whoami`, () =>
      HttpResponse.json({ user_id: '@usher:example.com' }),
    ),
    http.get(`${BASE}/_synapse/admin/v1/server_version`, () =>
      HttpResponse.json({ server_version: '1.160.0' }),
    ),
    http.get(`${BASE}/_synapse/admin/v2/users/*`, () => HttpResponse.json({ name: '@usher:example.com' })),
    http.put(`${BASE}/_synapse/admin/v2/users/*`, ({ request }) => {
      made.push(request.url);
      return HttpResponse.json({ name: '@ann:example.com' });
    }),
  );
  server.listen({ onUnhandledFrame: 'error' });
  onTestFinished(() => server.close());
  const env = {
    ...{ WEBHOOK_SECRET: 'a-secret-of-the-tests', MATRIX_URL: BASE, MATRIX_SERVER_NAME: 'example.com' },
    ...{ MATRIX_ADMIN_USER_ID: '@usher:example.com', MATRIX_ADMIN_TOKEN: 'token', IDP_NAME: 'oidc-idp' },
    ...{ IDP_GROUP_TO_ROOM: '{}', DATA_DIR: tempDir() },
  };
  const { homeserver } = connect(loadConfig({ env, readFile: () => '' }).config);
  const make = (name: string) =>
    homeserver.createAccount(userId(name, 'example.com'), {
      ...{ displayName: undefined, externalId: undefined, email: undefined },
    });

  await homeserver.identify();
  await make('ann');
  expect(made).toHaveLength(1);
  isMoved = true;
  await expect(homeserver.identify()).rejects.toMatchObject({ kind: 'unauthorised' });
  await expect(make('ben')).rejects.toThrow(
    /leaves it to https:\/\/account\.example\.com\/ to sign people in/,
  );
  expect(made).toHaveLength(1);
});
