import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { expectRight, openStage } from './stage.ts';

const SPELL_MS = 4_000;
/** Each person, each room and each pass asks by itself, and after some seconds again. */
const MOST = 60;

it.each([
  ['/account/whoami', '503'],
  ['/_synapse/admin/v1/join/', '500'],
  ['/kick', 'redirect 307'],
  ['/memberships', '401'],
  ['/members', 'no answer'],
  ['/state', 'a login page'],
  ['/_synapse/admin/v2/users', 'JSON: []'],
  ['/directory/room/', '429 without a time'],
  ['/m.room.power_levels/', 'truncated JSON'],
] as const)('loses nothing while %s is answered by a fault: %s', async (route, kind) => {
  const stage = await openStage(1);
  const { proxy, usher, wrongs } = stage;
  const scene = await stage.scene(0);
  await proxy.inject(({ path }) => (path.includes(route) ? kind : undefined));
  usher.service.loop.requestPass();
  await scene.play();
  await delay(SPELL_MS);
  expect(proxy.injected(kind)).toBeGreaterThan(0);
  expect(proxy.injected(kind)).toBeLessThan(MOST);
  expect(await scene.forgotten()).toEqual([]);
  expect(wrongs()).toEqual([]);
  await proxy.heal();
  await expectRight(stage, scene, 30);
});

it('goes on in all rooms but the one that is answered by a fault', async () => {
  const stage = await openStage(2);
  const { proxy, usher, eng, isIn, lobby } = stage;
  const [first, second] = [await stage.scene(0), await stage.scene(1)];
  await first.play();
  await expectRight(stage, first, 20);
  await proxy.inject(({ path }) => (path.includes(eng) ? 'no answer' : undefined));
  await second.play();
  const done = async (): Promise<readonly string[]> =>
    (await second.missing()).filter((what) => !['the leaver is out', 'the newcomer is in'].includes(what));
  usher.service.loop.requestPass();
  await expect.poll(done, { timeout: 20_000 }).toEqual(['the goner is out']);
  expect(isIn(lobby, 'newcomer1')).toBe(true);
  expect(isIn(lobby, 'goner1')).toBe(false);
  expect(proxy.injected('no answer')).toBeLessThan(MOST);
  await proxy.heal();
  await expectRight(stage, second, 30);
});
