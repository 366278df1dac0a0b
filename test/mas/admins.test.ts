import { expect, it } from 'vitest';
import { createMasUsers } from '../../src/mas/users.ts';
import type { RestClient } from '../../src/rest/client.ts';
import { openMasDesk } from '../support/homeserver/mas-desk.ts';

it('calls nobody a server admin because MAS does not know the filter, which it then ignores', async () => {
  const { client, simulated } = await openMasDesk();
  simulated.mas.register('ann', { canRequestAdmin: true });
  simulated.mas.register('ben');
  const unfiltered: RestClient = {
    call: ({ query = {}, ...call }) =>
      client.call({
        ...{
          ...call,
          query: Object.fromEntries(Object.entries(query).filter(([name]) => name !== 'filter[admin]')),
        },
      }),
  };
  const names: string[] = [];
  for await (const { username } of createMasUsers(unfiltered).admins()) names.push(username);
  expect(names).toEqual(['ann']);
});
