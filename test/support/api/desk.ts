import { loadConfig } from '../../../src/config/config.ts';
import type { OpenDesk } from '../../../src/desk/desk.ts';
import { createSimulatedHomeserver } from '../../../src/simulator/homeserver.ts';
import { createWorld } from '../../../src/simulator/world.ts';
import type { Store } from '../../../src/store/store.ts';

/** A desk over a store, with a homeserver on which there is nobody but the bot, and a map without rules. */
export function simulatedDesk(store: Store): OpenDesk {
  const world = createWorld({ serverName: 'example.com', now: Date.now });
  const bot = world.register('usher', { admin: true });
  const token = world.logIn(bot);
  const { config } = loadConfig({
    env: {
      WEBHOOK_SECRET: 'a-secret-of-the-tests',
      MATRIX_URL: 'http://127.0.0.1:1',
      MATRIX_SERVER_NAME: 'example.com',
      MATRIX_ADMIN_USER_ID: bot,
      MATRIX_ADMIN_TOKEN: token,
      IDP_GROUP_TO_ROOM: '{}',
      IDP_NAME: 'oidc-idp',
    },
    readFile: () => {
      throw new Error('no setting of the tests is in a file');
    },
  });
  const homeserver = createSimulatedHomeserver(world, token);
  return {
    open: () => ({ config, store, map: { rules: [] }, homeserver, now: Date.now() }),
    mapProblem: () => undefined,
    decided: () => {},
    closing: new AbortController().signal,
  };
}
