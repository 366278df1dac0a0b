import { expect, it } from 'vitest';
import { createMasAccounts } from '../../src/mas/accounts.ts';
import { userId } from '../../src/matrix/ids.ts';
import { createSynapseClient } from '../../src/synapse/client.ts';
import { createSynapseHomeserver } from '../../src/synapse/homeserver.ts';
import { openMasDesk } from '../support/homeserver/mas-desk.ts';

it('tells an account that nobody has used from one with a session of a client of before MAS', async () => {
  const { simulated, masFor } = await openMasDesk();
  const { mas, url, bot, serverName, personalToken } = simulated;
  const client = createSynapseClient({ baseUrl: url, token: await personalToken(bot), timeoutMs: 5_000 });
  const synapse = createSynapseHomeserver({ client, bot });
  const accounts = createMasAccounts({ mas: masFor(), synapse, bot, provider: 'idp', now: Date.now });
  const [fresh, old] = ['fresh', 'old'].map((name) => mas.register(name));
  if (fresh === undefined || old === undefined) throw new Error('nobody');
  // Her sessions came along with her account, or she signed in by a password at Matrix's old login: no browser was there.
  mas.sessions.finish(mas.sessions.startCompat(old, 'PHONE'));
  expect(await accounts.account(userId('fresh', serverName))).toMatchObject({ isUntouched: true });
  expect(await accounts.account(userId('old', serverName))).not.toHaveProperty('isUntouched');
});
