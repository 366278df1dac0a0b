import { expect, it } from 'vitest';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { startSimulated } from '../support/homeserver/simulated.ts';
import { createProvider } from '../support/provider.ts';
import { tempDir } from '../support/temp-dir.ts';
import { envFor, SECRET } from '../support/usher.ts';
import { startUsherProcess } from '../support/usher-process.ts';

/** Four calls at once, of 128 MiB at most, and what Usher needs besides. */
const MOST_MEGABYTES = 4 * 128 + 256;

it('needs no more memory for answers without end than they may be long', async () => {
  const homeserver = await startSimulated();
  const proxy = await startFaultProxy(homeserver.url);
  const env = envFor({ ...homeserver, url: proxy.url }, tempDir(), {
    GROUP_MAP_FILE: '',
    IDP_GROUP_TO_ROOM: '{}',
    LOG_LEVEL: 'info',
  });
  const usher = await startUsherProcess(env);
  const provider = createProvider(`${usher.url}/scim/v2`, SECRET);
  await expect.poll(usher.log, { timeout: 10_000 }).toContain('full pass done');
  const kind = 'an answer without end';
  await proxy.inject(kind);
  for (const userName of ['ann', 'bob', 'cid', 'dan', 'eve']) await provider.createUser({ userName });
  const tooLong = () => usher.log().includes('answered more than 128 MiB');
  await expect.poll(tooLong, { timeout: 40_000, interval: 100 }).toBe(true);
  expect(proxy.injected(kind)).toBeGreaterThan(4);
  expect((await fetch(`${usher.url}/healthz`)).ok).toBe(true);
  expect(usher.memory().peak).toBeLessThan(MOST_MEGABYTES);
  await proxy.heal();
  const all = () => homeserver.world.accounts.all().length;
  await expect.poll(all, { timeout: 30_000 }).toBe(6);
  await usher.end();
  await proxy.close();
  await homeserver.close();
});
