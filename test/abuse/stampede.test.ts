import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { user } from '../support/scim/client.ts';
import { refusedFor } from '../support/scim/line.ts';
import { countBy, inParallel, startStage, tell, watchHealth } from './stage.ts';

const USERS = 10_000;
const WORKERS = 20;
/** Milliseconds. The machine is busy with the sync. */
const SOON_MS = 10_000;

it('a full sync of 10,000 users by 20 workers meets no limit, and who is let in or out is so meanwhile', async () => {
  const stage = await startStage(['eng']);
  const { usher, homeserver, provider, send } = stage;
  const [room = ''] = stage.rooms;
  const [ann, bob] = [
    await provider.createUser({ userName: 'ann' }),
    await provider.createUser({ userName: 'bob' }),
  ];
  const group = await provider.createGroup('Engineering', 'eng', [bob]);
  await expect.poll(() => usher.log(), { timeout: 20_000 }).toMatch(/"kind":"join","account":"@bob:/);
  const before = usher.memory().now;
  const health = watchHealth(stage);
  const statuses: string[] = [];
  const names = Array.from({ length: USERS }, (_, index) => `user-${index}`);
  const began = performance.now();
  const syncing = inParallel(WORKERS, names, async (name) => {
    const found = await send('GET', `/Users?filter=${encodeURIComponent(`userName eq "${name}"`)}`);
    const made = await send('POST', '/Users', user(name, { externalId: name }));
    statuses.push(`GET ${found.status}`, `POST ${made.status}`);
  });
  await expect.poll(() => statuses.length, { timeout: 60_000 }).toBeGreaterThan(USERS / 5);
  const asked = performance.now();
  await provider.removeMembers(group, bob);
  await provider.addMembers(group, ann);
  const path = `/_synapse/admin/v1/rooms/${encodeURIComponent(room)}/members`;
  const isIn = async (name: string): Promise<boolean> => {
    const { body } = await homeserver.request('GET', path);
    return Array.isArray(body.members) && body.members.includes(`@${name}:usher.test`);
  };
  const waiting = { joined: 0, removed: 0 };
  const watching = (async () => {
    while (waiting.joined === 0 && performance.now() - asked < SOON_MS) {
      const since = Math.round(performance.now() - asked);
      if (waiting.removed === 0 && !(await isIn('bob'))) waiting.removed = since;
      if (await isIn('ann')) waiting.joined = since;
      await setTimeout(50);
    }
  })();
  await expect.poll(() => waiting.removed, { timeout: SOON_MS }).toBeGreaterThan(0);
  await expect.poll(() => waiting.joined, { timeout: SOON_MS }).toBeGreaterThan(0);
  const isMeanwhile = statuses.length < 2 * USERS;
  await syncing;
  await watching;
  const ms = Math.round(performance.now() - began);
  const waits = await health.stop();
  const memory = { before, ...usher.memory() };
  const busy = await refusedFor(usher.url, 'busy');
  tell('stampede', { ms, statuses: countBy(statuses), busy, waiting, isMeanwhile, health: waits, memory });

  const after = await send('GET', '/Users?count=0');

  expect(countBy(statuses)).toEqual({ 'GET 200': USERS, 'POST 201': USERS });
  expect(busy).toBe(0);
  expect(after.body.totalResults).toBe(USERS + 2);
  expect(isMeanwhile).toBe(true);
  expect(waits.kept.count).toBeGreaterThan(100);
  expect(waits.kept.p99).toBeLessThan(1_000);
  expect(memory.peak).toBeLessThan(400);
});
