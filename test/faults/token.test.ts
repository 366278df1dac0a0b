import { join } from 'node:path';
import { expect, it } from 'vitest';
import { userId } from '../../src/matrix/ids.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { startSimulated } from '../support/homeserver/simulated.ts';
import { startUsher } from '../support/usher.ts';

it('loses nothing between the end of a token and the start with the next one', async () => {
  const homeserver = await startSimulated();
  const proxy = await startFaultProxy(homeserver.url);
  const owner = await homeserver.person('owner');
  const [room, lobby] = [await owner.createRoom(), await owner.createRoom()];
  const map = { eng: room, '*': lobby };
  const inRoom = async (): Promise<readonly string[]> => {
    const staff: readonly string[] = [owner.userId, homeserver.bot];
    const joined = homeserver.world.rooms.get(room)?.members ?? new Map();
    return [...joined].flatMap(([id, { membership }]) =>
      membership === 'join' && !staff.includes(id) ? [id] : [],
    );
  };
  const before = await startUsher({ ...homeserver, url: proxy.url }, map);
  const ann = await before.provider.createUser({ userName: 'ann' });
  const eng = await before.provider.createGroup('eng', 'eng', [ann]);
  await before.settle();
  expect(await inRoom()).toEqual([userId('ann', 'usher.test')]);

  homeserver.world.logOut(homeserver.bot);
  const bob = await before.provider.createUser({ userName: 'bob' });
  await before.provider.addMembers(eng, bob);
  await before.provider.removeMembers(eng, ann);
  const readiness = async () => (await fetch(`${before.url}/readyz`)).text();
  await expect
    .poll(readiness, { timeout: 5_000 })
    .toMatch(/"homeserver":{"status":"degraded".*M_UNKNOWN_TOKEN/);
  expect(await inRoom()).toEqual([userId('ann', 'usher.test')]);
  await before.close();

  const adminToken = await homeserver.logIn(homeserver.bot);
  const after = await startUsher({ ...homeserver, adminToken, url: proxy.url }, map, {
    folder: join(before.dataDir, '..'),
    env: { REMOVAL_LIMIT_PERCENT: '100' },
  });
  await after.settle();
  expect(await inRoom()).toEqual([userId('bob', 'usher.test')]);
  await proxy.close();
  await homeserver.close();
});
