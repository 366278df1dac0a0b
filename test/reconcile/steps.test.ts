import { expect, it } from 'vitest';
import { userId } from '../../src/matrix/ids.ts';
import { createStepLog, isStep } from '../../src/reconcile/steps.ts';
import {
  ACCOUNT,
  AVATAR,
  CREATE,
  ERASE,
  emptyStore,
  JOIN,
  KICK,
  LOCK,
  REVIVE,
  UNLOCK,
  UPDATE,
} from '../support/people-desk.ts';

it('a step that was begun is under way until it ends, with what may be on the account beside', async () => {
  const steps = createStepLog(emptyStore());
  expect(await steps.beneath(ACCOUNT)).toBeUndefined();
  await steps.begin(ACCOUNT, [KICK, ERASE, UNLOCK, UPDATE]);
  expect(await steps.beneath(ACCOUNT)).toEqual(['lock']);
  await steps.begin(ACCOUNT, [LOCK]);
  expect(await steps.beneath(ACCOUNT)).toEqual([]);
  await steps.end(ACCOUNT);
  expect(await steps.beneath(ACCOUNT)).toBeUndefined();
});

it('those that are under way are known by their accounts, and nothing else is taken for one', async () => {
  const store = emptyStore();
  const steps = createStepLog(store);
  const bob = userId('bob', 'usher.test');
  await store.facts.set('avatars', true);
  await steps.begin(bob, [LOCK]);
  await steps.begin(ACCOUNT, [LOCK]);
  expect(await steps.open()).toEqual([ACCOUNT, bob]);
  expect(await store.facts.get(`step:${ACCOUNT}`)).toEqual([]);
  await steps.end(ACCOUNT);
  expect(await steps.open()).toEqual([bob]);
});

it('a step is what keeps her from her account or gives it back, and nothing else', () => {
  const steps = [CREATE, UPDATE, AVATAR, LOCK, UNLOCK, REVIVE, JOIN, KICK].filter(isStep);
  expect(steps).toEqual([LOCK, UNLOCK, REVIVE]);
});
