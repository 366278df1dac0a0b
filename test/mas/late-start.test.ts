import { expect, it } from 'vitest';
import { readRelease } from '../../src/mas/release.ts';
import { HomeserverError } from '../../src/matrix/error.ts';
import type { RestClient } from '../../src/rest/client.ts';
import { openMasDesk } from '../support/homeserver/mas-desk.ts';

it.each([1, 2])(
  'does not take MAS for an older one when it begins to answer after call %i',
  async (calls) => {
    const { client } = await openMasDesk();
    let unserved = calls;
    const late: RestClient = {
      async call(call) {
        // The page of a proxy that does not know yet where MAS is.
        if (unserved-- > 0) throw new HomeserverError('protocol', '404 page not found');
        return client.call(call);
      },
    };
    const release = await readRelease(late).catch(() => readRelease(late));
    expect(release.text).toBe('1.22.0');
  },
);
