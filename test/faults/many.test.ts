import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Kind } from '../support/faults.ts';
import { openStage } from './stage.ts';

const PEOPLE = 80;
const OUTAGES: readonly Kind[] = [
  'refused',
  '503',
  '429 with Retry-After',
  '429 without a time',
  '401',
  'a login page',
];

it.each(OUTAGES)('asks no more often in an outage because many people wait: %s', async (kind) => {
  const stage = await openStage(1);
  const { proxy, usher, isIn, eng, group, calls } = stage;
  await stage.scene(0);
  const names = Array.from({ length: PEOPLE }, (_, index) => `crowd${index}`);
  await proxy.inject(kind);
  const before = await calls();
  const ids = await Promise.all(names.map((userName) => usher.provider.createUser({ userName })));
  await usher.provider.addMembers(group, ...ids);
  await delay(3_000);
  const made = (await calls()) - before;
  if (kind === 'refused') proxy.countRefused(made);
  expect(made).toBeGreaterThan(2);
  expect(made).toBeLessThan(60);
  await proxy.heal();
  await expect
    .poll(() => names.filter((name) => !isIn(eng, name)), { timeout: 40_000, interval: 100 })
    .toEqual([]);
});
