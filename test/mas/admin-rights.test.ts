import { expect, it } from 'vitest';
import { createMasAccounts } from '../../src/mas/accounts.ts';
import { createMas } from '../../src/mas/mas.ts';
import { HomeserverError } from '../../src/matrix/error.ts';
import { userId } from '../../src/matrix/ids.ts';
import type { RestCall, RestClient } from '../../src/rest/client.ts';
import type { Mas } from '../../src/simulator/mas/mas.ts';
import { createSynapseClient } from '../../src/synapse/client.ts';
import { createSynapseHomeserver } from '../../src/synapse/homeserver.ts';
import { openMasDesk } from '../support/homeserver/mas-desk.ts';

/** Ann, a server admin with two clients that may administer. `before` sees each call to MAS, and may break it off. */
async function open(before: (call: RestCall, mas: Mas) => void) {
  const { client, simulated } = await openMasDesk();
  const { mas, url, bot, serverName, clientId, providerId, personalToken } = simulated;
  const watched: RestClient = {
    async call(call) {
      before(call, mas);
      return client.call(call);
    },
  };
  const user = mas.register('ann', { canRequestAdmin: true });
  const tokens = [mas.logIn(user), mas.logIn(user)];
  const synapse = createSynapseClient({ baseUrl: url, token: await personalToken(bot), timeoutMs: 5_000 });
  const accounts = createMasAccounts({
    mas: createMas({
      ...{ client: watched, clientId, serverName },
      upstream: { kind: 'id', id: providerId },
    }),
    synapse: createSynapseHomeserver({ client: synapse, bot }),
    ...{ bot, provider: 'idp', now: Date.now },
  });
  const ann = userId('ann', serverName);
  return {
    ...{ mas, accounts, ann },
    /** Which of her clients may administer. */
    async mayAdminister(): Promise<readonly boolean[]> {
      const route = `/_synapse/admin/v2/users/${encodeURIComponent(bot)}`;
      const answers = tokens.map(async (token) => simulated.request('GET', route, undefined, token));
      return (await Promise.all(answers)).map(({ status }) => status === 200);
    },
  };
}

const isFinish = ({ route }: RestCall): boolean => route.endsWith('/finish');

it('leaves her a server admin when her sessions could not be ended, so that it is tried again', async () => {
  let broken = 1;
  const { accounts, ann, mayAdminister } = await open((call) => {
    if (isFinish(call) && broken-- > 0) throw new HomeserverError('unavailable', 'no answer');
  });
  expect(await mayAdminister()).toEqual([true, true]);
  await expect(accounts.setAdmin(ann, false)).rejects.toMatchObject({ kind: 'unavailable' });
  expect(await accounts.account(ann)).toMatchObject({ admin: true });
  await accounts.setAdmin(ann, false);
  expect(await accounts.account(ann)).toMatchObject({ admin: false });
  expect(await mayAdminister()).toEqual([false, false]);
});

it('ends the others when she signs out of one session meanwhile', async () => {
  const { accounts, ann, mayAdminister } = await open((call, { sessions }) => {
    const [first] = [...sessions.oauth2.values()].filter(({ userId: user }) => user !== undefined);
    if (isFinish(call) && first !== undefined) sessions.finish(first);
  });
  await accounts.setAdmin(ann, false);
  expect(await accounts.account(ann)).toMatchObject({ admin: false });
  expect(await mayAdminister()).toEqual([false, false]);
});

it('ends also what she began while her sessions were being ended', async () => {
  const late: string[] = [];
  const { accounts, ann, mas } = await open(({ route }, { users, logIn }) => {
    const user = users.byUsername('ann');
    if (route.endsWith('/set-admin') && user !== undefined) late.push(logIn(user));
  });
  await accounts.setAdmin(ann, false);
  expect(late).toHaveLength(1);
  const ofHers = [...mas.sessions.oauth2.values()].filter(({ userId: user }) => user !== undefined);
  expect(ofHers.filter(({ finishedAt }) => finishedAt === undefined)).toEqual([]);
});
