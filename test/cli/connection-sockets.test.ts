import { expect, it, onTestFinished } from 'vitest';
import { connect } from '../../src/cli/connection.ts';
import { loadConfig } from '../../src/config/config.ts';
import { listen } from '../../src/simulator/listen.ts';
import { tempDir } from '../support/temp-dir.ts';

/** MAS, whose tokens end at once. */
async function startMas() {
  const sockets = new Set<unknown>();
  let tokens = 0;
  const { url, close } = await listen(async (request, response) => {
    sockets.add(request.socket);
    request.resume();
    const isToken = request.url === '/oauth2/token';
    tokens += isToken ? 1 : 0;
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify(isToken ? { access_token: 't', expires_in: 0 } : { version: 'v1.22.0', data: [] }),
    );
  }, 0);
  onTestFinished(close);
  return { url, opened: () => sockets.size, tokens: () => tokens };
}

it('asks for one token after another by the same connection', async () => {
  const { url, opened, tokens } = await startMas();
  const env = {
    ...{ WEBHOOK_SECRET: 'a-secret-of-the-tests', MATRIX_URL: url, MATRIX_SERVER_NAME: 'example.com' },
    ...{ MATRIX_ADMIN_USER_ID: '@usher:example.com', MATRIX_ADMIN_TOKEN: 'token', MATRIX_AUTH: 'mas' },
    ...{ MAS_URL: url, MAS_CLIENT_ID: '01J44RKQYM4G3TNVANTMTDYTX6', MAS_CLIENT_SECRET: 'secret' },
    ...{ MAS_UPSTREAM_PROVIDER_ID: '01J44RKQYM4G3TNVANTMTDYTX6' },
    ...{ IDP_GROUP_TO_ROOM: '{}', DATA_DIR: tempDir() },
  };
  const { mas } = connect(loadConfig({ env, readFile: () => '' }).config);
  for (let times = 0; times < 20; times += 1) {
    await mas?.client.call({ method: 'GET', route: '/api/admin/v1/version' });
  }
  expect(tokens()).toBe(20);
  expect(opened()).toBeLessThan(4);
});
