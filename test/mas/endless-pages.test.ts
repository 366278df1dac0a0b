import { expect, it } from 'vitest';
import { allResources } from '../../src/mas/resource.ts';
import type { RestClient } from '../../src/rest/client.ts';

it('does not read for ever what is the same page again and again', async () => {
  let asked = 0;
  const client: RestClient = {
    async call() {
      asked += 1;
      if (asked > 20) throw new Error('asked again and again');
      return {
        data: [
          { id: 'a', attributes: {} },
          { id: 'b', attributes: {} },
        ],
        links: { next: '/x' },
      };
    },
  };
  await expect(allResources(client, { route: '/x' }, 'user')).rejects.toMatchObject({ kind: 'protocol' });
});
