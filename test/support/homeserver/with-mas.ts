import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../../../src/cli/connection.ts';
import { loadConfig } from '../../../src/config/config.ts';
import type { HomeserverUnderTest } from './harness.ts';
import { type SimulatedMas, type SimulatedMasOptions, startSimulatedMas } from './simulated-mas.ts';

/** What the tests call the upstream provider, as they call the provider of a plain Synapse. */
const IDP = 'oidc-idp';

export type WithMas = HomeserverUnderTest & Omit<SimulatedMas, 'homeserver'>;

/** The simulated MAS and Synapse, and the port onto both. */
export async function startWithMas(options: SimulatedMasOptions = {}): Promise<WithMas> {
  const dataDir = mkdtempSync(join(tmpdir(), 'usher-test-'));
  const simulated = await startSimulatedMas(options);
  const settings = {
    IDP_NAME: IDP,
    MAS_URL: simulated.masUrl,
    MAS_CLIENT_ID: simulated.clientId,
    MAS_CLIENT_SECRET: simulated.clientSecret,
    MAS_UPSTREAM_PROVIDER_ID: simulated.providerId,
  };
  const adminToken = await simulated.personalToken(simulated.bot);
  const env = {
    ...settings,
    // A session of its own: that of Usher is Usher's.
    MATRIX_ADMIN_TOKEN: adminToken,
    WEBHOOK_SECRET: 'a-secret-of-the-tests',
    MATRIX_URL: simulated.url,
    MATRIX_SERVER_NAME: simulated.serverName,
    MATRIX_ADMIN_USER_ID: simulated.bot,
    IDP_GROUP_TO_ROOM: '{}',
    DATA_DIR: dataDir,
  };
  const { config } = loadConfig({ env, readFile: () => '' });
  return {
    ...simulated,
    ...{ settings, adminToken },
    otherProvider: simulated.mas.upstream.addProvider({ humanName: 'Another' }).id,
    homeserver: connect(config).homeserver,
    async close() {
      await simulated.close();
      rmSync(dataDir, { recursive: true });
    },
  };
}
