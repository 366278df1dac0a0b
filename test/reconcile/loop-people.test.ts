import { describe, expect, it } from 'vitest';
import { idOf, loopDesk, MINUTE, NOW, SECOND, taking } from '../support/loop-desk.ts';

describe('whose turn it is', () => {
  it('alternates between the oldest and the newest', async () => {
    const { run, state, mark, looks, go, loop } = loopDesk({ concurrency: 1 });
    state.look = taking(SECOND);
    await mark('ann bob cyd dan eve', 'bulk');
    await run(10 * SECOND);
    expect(looks.splice(0)).toEqual(['0 ann', '1 eve', '2 bob', '3 dan', '4 cyd']);
    await mark('fay gil', 'bulk');
    loop.requestReview();
    await go(MINUTE);
    expect(looks).toEqual(['10 gil', '11 fay']);
  });

  it('is that of whom something is taken from, then of few, then of many', async () => {
    const { run, state, mark, looks } = loopDesk({ concurrency: 1 });
    state.look = taking(SECOND);
    await mark('ann', 'bulk');
    await mark('bob', 'small');
    await mark('cyd', 'removal');
    await run(MINUTE);
    expect(looks).toEqual(['0 cyd', '1 bob', '2 ann']);
  });

  it('comes to no more at once than there are places', async () => {
    const { run, state, mark, looks } = loopDesk({ concurrency: 2 });
    state.look = taking(10 * SECOND);
    await mark('ann bob cyd');
    await run(MINUTE);
    expect(looks).toEqual(['0 ann', '0 cyd', '10 bob']);
  });

  it.each(['bulk', 'removal'] as const)(
    'leaves one place to the few while there is a %s',
    async (urgency) => {
      const { run, state, mark, looks, loop, go } = loopDesk({ concurrency: 3 });
      state.look = taking(10 * SECOND);
      await mark('ann bob cyd', urgency);
      await run(SECOND);
      await mark('dan');
      loop.wake();
      await go(MINUTE);
      expect(looks).toEqual(['0 ann', '0 cyd', '1.1 dan', '10 bob']);
    },
  );

  it('comes to the many as soon as the few leave them room', async () => {
    const { run, state, mark, looks } = loopDesk({ concurrency: 3 });
    state.look = taking(10 * SECOND);
    await mark('ann bob');
    await mark('cyd dan', 'bulk');
    await run(MINUTE);
    expect(looks).toEqual(['0 ann', '0 bob', '0 cyd', '10 dan']);
  });

  it('is nobody’s twice at once, and hers again if she was marked meanwhile', async () => {
    const { run, state, mark, looks, loop, go, store } = loopDesk({ concurrency: 3 });
    state.look = taking(10 * SECOND);
    await mark('ann');
    await run(SECOND);
    await mark('ann');
    loop.wake();
    await go(MINUTE);
    expect(looks).toEqual(['0 ann', '10 ann']);
    expect(await store.work.all()).toEqual([]);
  });

  it('comes a moment after she was marked, together with others, and when she is due', async () => {
    const { run, mark, looks, loop, go, store } = loopDesk();
    await run();
    await mark('ann');
    loop.wake();
    await go(SECOND / 20);
    await mark('bob');
    loop.wake();
    await store.work.mark([idOf('cyd')], 'small', NOW + 5 * SECOND);
    await go(MINUTE);
    expect(looks).toEqual(['0.1 ann', '0.1 bob', '5 cyd']);
  });
});
