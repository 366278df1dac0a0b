import { expect, it } from 'vitest';
import { allResources } from '../../src/mas/resource.ts';
import type { RestCall, RestClient } from '../../src/rest/client.ts';
import { openMasDesk } from '../support/homeserver/mas-desk.ts';

const USERS = { route: '/api/admin/v1/users' };

it('reads all of a list that has more than a page', async () => {
  const { client, simulated } = await openMasDesk();
  for (let number = 0; number < 2_300; number += 1) simulated.mas.users.add(`p${number}`);
  const found = await allResources(client, USERS, 'user');
  expect(found.map(({ id }) => id)).toEqual(simulated.mas.users.all().map(({ id }) => id));
  const some = await allResources(client, { ...USERS, query: { 'filter[search]': 'p22' } }, 'user');
  expect(some).toHaveLength(1 + 10 + 100);
});

it('builds the next page itself: what MAS says of it is not encoded', async () => {
  const asked: RestCall['query'][] = [];
  const pages = [
    { data: [{ id: 'a', attributes: {} }], links: { next: '/somewhere?else' } },
    { data: [{ id: 'b', attributes: {} }], links: {} },
  ];
  const client: RestClient = {
    async call({ query }) {
      asked.push(query);
      return pages[asked.length - 1];
    },
  };
  const query = { 'filter[email]': 'a&b+c@example.org' };
  expect((await allResources(client, { route: '/x', query }, 'e-mail')).map(({ id }) => id)).toEqual([
    'a',
    'b',
  ]);
  expect(asked.map((each) => [each?.['filter[email]'], each?.['page[after]']])).toEqual([
    ['a&b+c@example.org', undefined],
    ['a&b+c@example.org', 'a'],
  ]);
});

it.each<[string, object]>([
  ['an empty page that is not the last', { data: [], links: { next: '/x' } }],
  ['no list', { data: {}, links: {} }],
  ['no links', { data: [] }],
  ['something without an id', { data: [{ attributes: {} }], links: {} }],
  ['something without attributes', { data: [{ id: 'a' }], links: {} }],
])('does not take %s for the end', async (_, page) => {
  const client: RestClient = { call: async () => page };
  await expect(allResources(client, USERS, 'user')).rejects.toMatchObject({ kind: 'protocol' });
});
