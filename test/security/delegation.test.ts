import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../../src/cli/connection.ts';
import { loadConfig } from '../../src/config/config.ts';
import type { UserId } from '../../src/matrix/ids.ts';
import { startSimulated } from '../support/homeserver/simulated.ts';
import { startSimulatedMas } from '../support/homeserver/simulated-mas.ts';

type Place = { readonly url: string; readonly serverName: string; readonly bot: UserId };

/** The port as the settings have it made, and what becomes of an account that is asked for. */
async function askForAccount({ url, serverName, bot }: Place, settings: Readonly<Record<string, string>>) {
  const env = {
    WEBHOOK_SECRET: 'a-secret-of-the-tests',
    MATRIX_URL: url,
    MATRIX_SERVER_NAME: serverName,
    MATRIX_ADMIN_USER_ID: bot,
    IDP_GROUP_TO_ROOM: '{}',
    ...settings,
  };
  const { homeserver } = connect(loadConfig({ env, readFile: () => '' }).config);
  const account = { displayName: 'Ann', externalId: undefined, email: undefined };
  return homeserver.createAccount(`@ann:${serverName}` as UserId, account);
}

/** An account that is made the wrong way can't be signed in to, and bars the right one. */
describe('a homeserver where people sign in otherwise than the settings say', () => {
  it('gets no account from Usher if it leaves that to MAS, but what to set', async () => {
    // One that would make the account, as Synapse did before 1.163.
    const place = await startSimulatedMas({ makesTrapAccounts: true });
    onTestFinished(() => place.close());
    const plain = { MATRIX_ADMIN_TOKEN: await place.personalToken(place.bot), IDP_NAME: 'oidc-idp' };

    await expect(askForAccount(place, plain)).rejects.toMatchObject({
      kind: 'unauthorised',
      message: expect.stringContaining('set MAS_CLIENT_ID and MAS_CLIENT_SECRET'),
    });
    expect(place.world.accounts.get(`@ann:${place.serverName}` as UserId)).toBeUndefined();

    await askForAccount(place, { ...plain, MATRIX_AUTH: 'synapse' });
    expect(place.world.accounts.get(`@ann:${place.serverName}` as UserId)).toBeDefined();
  });

  it('gets no account from Usher if it signs people in itself, but what to correct', async () => {
    const place = await startSimulated();
    onTestFinished(() => place.close());
    const delegated = {
      MATRIX_ADMIN_TOKEN: place.adminToken,
      MAS_URL: place.url,
      MAS_CLIENT_ID: '01J44RKQYM4G3TNVANTMTDYTX6',
      MAS_CLIENT_SECRET: 'x',
      MAS_UPSTREAM_PROVIDER_ID: '01HFVBY12TMNTYTBV8W921M5FA',
    };

    await expect(askForAccount(place, delegated)).rejects.toMatchObject({
      kind: 'unauthorised',
      message: expect.stringContaining('remove the settings of MAS'),
    });
    expect(place.world.accounts.get(`@ann:${place.serverName}` as UserId)).toBeUndefined();
  });
});
