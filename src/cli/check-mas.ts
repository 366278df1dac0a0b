import type { Config } from '../config/config.ts';
import type { MasAuth } from '../config/matrix-auth.ts';
import { type Finding, failure } from '../desk/finding.ts';
import { HomeserverError } from '../matrix/error.ts';
import type { Homeserver } from '../matrix/homeserver.ts';
import type { Store } from '../store/store.ts';
import { checkIdentity } from './check-identity.ts';
import { checkAccess } from './check-mas/access.ts';
import { checkAccounts } from './check-mas/accounts.ts';
import { checkBot, checkKeptToken } from './check-mas/bot.ts';
import { tellLadders } from './check-mas/ladder.ts';
import { checkUpstream } from './check-mas/provider.ts';
import { checkSelfService } from './check-mas/self-service.ts';
import { checkSubjects } from './check-mas/subjects.ts';
import { MEND } from './check-report.ts';
import type { MasConnection } from './connection.ts';
import { keepToken } from './kept-token.ts';

type Deps = {
  readonly config: Config;
  readonly auth: MasAuth;
  readonly connection: MasConnection;
  readonly homeserver: Pick<Homeserver, 'identify'>;
  /** Undefined if there is no database yet. */
  readonly store: Store | undefined;
};

/**
 * Looks at MAS, and at Synapse as far as there is a token for it. Resolves with what has to be done before the rest of
 * Synapse can be looked at; undefined if it can be.
 */
export async function* checkMas(deps: Deps): AsyncGenerator<Finding, string | undefined> {
  try {
    return yield* examine(deps);
  } catch (error) {
    if (!(error instanceof HomeserverError)) throw error;
    yield failure('MAS', {
      found: error.message,
      meaning: 'something broke off while MAS was looked at.',
      remedy: 'run this again; if it stays, look into the log of MAS.',
    });
    return MEND;
  }
}

async function* examine({
  config,
  auth,
  connection,
  homeserver,
  store,
}: Deps): AsyncGenerator<Finding, string | undefined> {
  const { mas, client } = connection;
  const { matrix } = config;
  const release = yield* checkAccess(matrix.serverName, auth, connection);
  if (release === undefined) return MEND;
  const providerId = yield* checkUpstream(auth, connection, release);
  yield* checkSelfService(client, release);
  const { onDeactivate, onDelete } = config.accounts;
  yield* tellLadders({ ON_DEACTIVATE: onDeactivate, ON_DELETE: onDelete });
  if (providerId !== undefined && store !== undefined) {
    yield await checkSubjects({ config, store, mas, providerId });
  }
  const obstacle = yield* checkBot(matrix, auth, connection, release);
  if (obstacle !== undefined) return obstacle;
  if (auth.adminToken === undefined) {
    const start = yield* checkKeptToken(keepToken(config.dataDir), Date.now());
    if (start !== undefined) return start;
  }
  if (!(yield* checkIdentity(config, homeserver))) return MEND;
  yield* checkAccounts(connection, matrix.serverName);
  return undefined;
}
