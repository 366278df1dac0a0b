import { describe, expect, it } from 'vitest';
import { isAtLeast, readRelease, SINCE } from '../../src/mas/release.ts';
import { HomeserverError } from '../../src/matrix/error.ts';
import type { RestClient } from '../../src/rest/client.ts';
import { openMasDesk } from '../support/homeserver/mas-desk.ts';

const ALL = ['anything', 'providers', 'version', 'personalSessions', 'displayName'] as const;

describe('the release of a MAS', () => {
  it.each<[string, RegExp, readonly (typeof ALL)[number][]]>([
    ['1.22.0', /^1\.22\.0$/, ALL],
    ['1.18.0', /^1\.18\.0$/, ALL],
    ['1.17.3', /^1\.17\.3$/, ['anything', 'providers', 'version', 'personalSessions']],
    ['1.5.0', /^1\.5\.0$/, ['anything', 'providers', 'version', 'personalSessions']],
    ['1.4.0', /^1\.4\.0$/, ['anything', 'providers', 'version']],
    ['1.3.0', /^1\.3$/, ['anything', 'providers']],
    ['1.2.0', /^between 0\.20 and 1\.2$/, ['anything']],
    ['0.20.0', /^between 0\.20 and 1\.2$/, ['anything']],
    ['0.19.0', / 0\.20$/, []],
  ])('%s is told, and what it can', async (version, text, features) => {
    const { client } = await openMasDesk({ version });
    const release = await readRelease(client);
    expect(release.text).toMatch(text);
    expect(ALL.filter((name) => isAtLeast(release, SINCE[name]))).toEqual(features);
  });

  it('too old for Usher is said, and nothing else is asked of it', async () => {
    const { masFor, simulated } = await openMasDesk({ version: '0.19.0' });
    const before = simulated.mas.users.all().length;
    const { users } = masFor();
    await expect(users.add({ username: 'ann', displayName: undefined, adopts: false })).rejects.toThrow(
      /^MAS is .*0\.20: it would erase whom it deactivates.* Update it to 0\.20 or later, best 1\.18$/,
    );
    expect(simulated.mas.users.all()).toHaveLength(before);
  });

  it('is asked for again until it is known, and then no more', async () => {
    const { masFor, simulated } = await openMasDesk();
    const mas = masFor();
    await simulated.stopMas();
    await expect(mas.release()).rejects.toMatchObject({ kind: 'unavailable' });
    await simulated.startMas();
    expect((await mas.release()).minor).toBe(22);
    await simulated.stopMas();
    expect((await mas.release()).minor).toBe(22);
  });

  it.each([['{"version": "main"}'], ['{"version": 1}'], ['{}']])(
    'is no guess when MAS says %s',
    async (answer) => {
      const client: RestClient = { call: async () => JSON.parse(answer) };
      await expect(readRelease(client)).rejects.toMatchObject({ kind: 'protocol' });
    },
  );

  it('is not taken for an old one while MAS is down, or refuses us', async () => {
    for (const kind of ['unavailable', 'unauthorised'] as const) {
      const client: RestClient = {
        async call() {
          throw new HomeserverError(kind, 'no');
        },
      };
      await expect(readRelease(client)).rejects.toMatchObject({ kind });
    }
  });
});
