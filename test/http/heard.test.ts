import { describe, expect, it, onTestFinished } from 'vitest';
import { TOKEN } from '../support/scim/client.ts';
import { OTHER_TOKEN, startScimServer } from '../support/scim/server.ts';

describe('a provider that is heard', () => {
  it('is written down with the first request and then once a minute, for each source, whatever it asks', async () => {
    const server = await startScimServer();
    onTestFinished(() => server.stop());
    const ask = (token: string, path = '/Users') =>
      fetch(`${server.scim}${path}`, { headers: { authorization: `Bearer ${token}` } });
    const heard = async (source: string) => server.store.facts.get(`heard:${source}`);
    await ask('wrong');
    expect(await server.store.facts.names('heard:')).toEqual([]);
    await ask(TOKEN, '/Users?filter=nonsense');
    const first = await heard('first');
    expect(first).toEqual(expect.any(Number));
    await ask(TOKEN);
    expect(await heard('first')).toBe(first);
    expect(await heard('second')).toBeUndefined();
    // The clock of the server goes on by a second whenever somebody looks at it.
    await expect
      .poll(async () => {
        await ask(TOKEN);
        return heard('first');
      })
      .toBeGreaterThanOrEqual(Number(first) + 60_000);
    await ask(OTHER_TOKEN);
    expect(await heard('second')).toBeGreaterThan(Number(first));
  });
});
