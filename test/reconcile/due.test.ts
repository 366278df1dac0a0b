import { expect, it, onTestFinished, vi } from 'vitest';
import { scene } from '../support/scene.ts';

const SOON = { timeout: 4_000, interval: 5 };

/** An Usher that runs and has nothing to do; what it does with Ann's account is up to `faults`. */
async function idle(faults: Parameters<Awaited<ReturnType<typeof scene>>['engine']>[1] = {}) {
  const stage = await scene();
  const [ann, bob] = [await stage.user({ userName: 'ann' }), await stage.user({ userName: 'bob' })];
  await stage.run({});
  const loop = await stage.engine(() => ({}), faults);
  const running = loop.run();
  onTestFinished(async () => {
    await loop.stop();
    await running;
  });
  await loop.rest();
  expect(await stage.store.work.all()).toEqual([]);
  return { ...stage, loop, ann: ann.id, bob: bob.id };
}

it('looks at whoever comes due while it looks for somebody who is', async () => {
  let clock = Date.now();
  const ticking = vi.spyOn(Date, 'now').mockImplementation(() => {
    clock += 1;
    return clock;
  });
  onTestFinished(() => ticking.mockRestore());
  const { store, loop, ann } = await idle();
  for (let ahead = 0; ahead < 30; ahead += 1) {
    await store.work.mark([ann], 'small', clock + ahead);
    loop.requestReview();
    await expect.poll(() => store.work.all(), { ...SOON, message: `${ahead} ms ahead` }).toEqual([]);
  }
});

it('keeps nobody waiting for her turn because the homeserver does not answer about somebody else', async () => {
  const release = Promise.withResolvers<undefined>();
  let isAsked = false;
  const { store, loop, ann, bob } = await idle({
    account: async () => {
      if (isAsked) return undefined;
      isAsked = true;
      return release.promise;
    },
  });
  onTestFinished(() => release.resolve(undefined));
  await store.work.mark([ann], 'small', Date.now());
  loop.requestReview();
  await expect.poll(() => isAsked, SOON).toBe(true);
  await store.work.mark([bob], 'small', Date.now() + 200);
  loop.requestReview();
  await expect.poll(() => store.work.all(), SOON).toEqual([ann]);
  release.resolve(undefined);
});
