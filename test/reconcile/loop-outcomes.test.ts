import { describe, expect, it } from 'vitest';
import { HomeserverError, type HomeserverErrorKind } from '../../src/matrix/error.ts';
import type { PersonReconciler } from '../../src/reconcile/person-reconciler.ts';
import { DONE, HOUR, idOf, loopDesk, MINUTE, NOW, SECOND } from '../support/loop-desk.ts';

const INSIDE = 'an error inside Usher; see the log';
/** Each look ends otherwise, and those after the last are done. */
const inOrder = (...ends: readonly (Error | Partial<typeof DONE>)[]): PersonReconciler => {
  const left = [...ends];
  return async () => {
    const end = left.shift() ?? DONE;
    if (end instanceof Error) throw end;
    return { ...DONE, ...end };
  };
};
const error = (kind: HomeserverErrorKind, retryAfterMs?: number) =>
  new HomeserverError(kind, `no: ${kind}`, { retryAfterMs });

describe('whoever was looked at', () => {
  it('is done if nothing was wrong', async () => {
    const { run, mark, looks, store, trouble } = loopDesk();
    await mark('ann');
    await run(HOUR - 1);
    expect(looks).toEqual(['0 ann']);
    expect(await store.work.all()).toEqual([]);
    expect(trouble()).toEqual([]);
  });

  it.each([
    ['failed', 5, 15],
    ['protocol', 5, 15],
    ['refused', 60, 180],
  ])('and had a problem of kind "%s" is looked at again later and later', async (kind, second, third) => {
    const { run, mark, looks, state, waiting, trouble, go } = loopDesk();
    const problems = [
      { kind, message: 'one thing' },
      { kind: 'other', message: 'another' },
    ];
    state.look = inOrder({ problems }, { problems }, { problems: [{ kind, message: 'else' }] });
    await mark('ann');
    await run();
    expect(await waiting('ann')).toMatchObject({
      ...{ attempts: 1, dueAt: NOW + second * SECOND },
      lastError: { kind, message: 'one thing\nanother' },
    });
    await go(third * SECOND);
    expect(looks).toEqual(['0 ann', `${second} ann`, `${third} ann`]);
    // What was told already is not told again.
    expect(trouble()).toEqual([
      `0 postponed until ${second}: ann: one thing\nanother`,
      `${third} postponed until ${third + 4 * second}: ann: else`,
    ]);
  });

  it.each<[HomeserverErrorKind, number]>([
    ['failed', 5],
    ['refused', 60],
  ])('and could not be ("%s") is looked at again, and nobody else waits', async (kind, second) => {
    const { run, mark, looks, state, waiting, trouble, go, loop } = loopDesk();
    state.look = inOrder(error(kind));
    await mark('ann bob');
    await run();
    expect(await waiting('ann')).toMatchObject({ lastError: { kind, message: `no: ${kind}` } });
    expect(loop.status().pause).toBeUndefined();
    await go(MINUTE);
    expect(looks).toEqual(['0 ann', '0 bob', `${second} ann`]);
    expect(trouble()).toEqual([`0 postponed until ${second}: ann: no: ${kind}`]);
  });

  it('when the map changed is looked at again at once, as urgent as before, and as if nothing had failed', async () => {
    const { run, mark, looks, state, waiting, go } = loopDesk();
    const failure = { problems: [{ kind: 'failed', message: 'no' }] };
    state.look = inOrder(failure, { ...failure, isOutdated: true }, failure);
    await mark('ann', 'removal');
    await run(5 * SECOND);
    expect(looks).toEqual(['0 ann', '5 ann', '5 ann']);
    expect(await waiting('ann')).toMatchObject({
      ...{ urgency: 'removal', attempts: 1, dueAt: NOW + 10 * SECOND },
    });
    await go(MINUTE);
    expect(looks.slice(3)).toEqual(['10 ann']);
  });

  it('and met an error of our own is looked at again in a minute, and the error is told', async () => {
    const { run, mark, looks, state, waiting, trouble, go, loop } = loopDesk();
    const disk = Object.assign(new Error('the disk is full'), { kind: 'unavailable' });
    state.look = inOrder(disk);
    await mark('ann');
    await run();
    expect(await waiting('ann')).toMatchObject({ lastError: { kind: 'internal', message: INSIDE } });
    expect(loop.status().pause).toBeUndefined();
    await go(MINUTE);
    expect(looks).toEqual(['0 ann', '60 ann']);
    expect(trouble()).toEqual(['0 crashed: the disk is full', `0 postponed until 60: ann: ${INSIDE}`]);
  });
});

describe('a homeserver that is asked too much', () => {
  it('has only her wait about whom it was, as long as it says', async () => {
    const { run, mark, looks, state, waiting, trouble, go, loop } = loopDesk();
    state.look = inOrder(error('throttled', 7 * SECOND));
    await mark('ann bob');
    await run();
    expect(await waiting('ann')).toMatchObject({
      ...{ attempts: 1, dueAt: NOW + 7 * SECOND },
      lastError: { kind: 'throttled', message: 'no: throttled' },
    });
    expect(loop.status().pause).toBeUndefined();
    await go(MINUTE);
    expect(looks).toEqual(['0 ann', '0 bob', '7 ann']);
    expect(trouble()).toEqual([]);
  });

  it('is left alone longer and longer, whatever it says', async () => {
    const { run, mark, looks, state } = loopDesk();
    state.look = inOrder(error('throttled'), error('throttled', SECOND), error('throttled', 5 * SECOND));
    await mark('ann');
    await run(MINUTE);
    expect(looks).toEqual(['0 ann', '1 ann', '3 ann', '8 ann']);
  });
});

describe('a homeserver that does not answer', () => {
  it.each<HomeserverErrorKind>(['unavailable', 'unauthorised'])(
    '("%s") has everybody wait, and nobody’s failure counted',
    async (kind) => {
      const { run, mark, looks, state, waiting, news, loop, go } = loopDesk();
      state.look = inOrder(error(kind));
      await mark('ann');
      await run();
      expect(loop.status().pause).toMatchObject({ kind, message: `no: ${kind}`, until: NOW + SECOND });
      expect(await waiting('ann')).toMatchObject({ attempts: 0, lastError: undefined, dueAt: NOW });
      await mark('bob');
      loop.wake();
      await go(MINUTE);
      expect(looks).toEqual(['0 ann', '1 bob', '1 ann']);
      expect(news).toEqual(['0 passed: 0', `0 paused: ${kind}`, '1 resumed']);
    },
  );

  it.each<[string, Error | Partial<typeof DONE>, boolean]>([
    ['she was read', {}, true],
    ['it only refuses', error('refused'), true],
    ['it was not asked', { wasRead: false }, false],
    ['it is asked too much', error('throttled'), false],
  ])('is told to be back once %s: %s', async (_, end, isBack) => {
    const { run, mark, state, trouble, loop } = loopDesk();
    state.look = inOrder(error('unavailable'), end);
    await mark('ann');
    await run(1.5 * SECOND);
    expect(trouble().includes('1 resumed')).toBe(isBack);
    expect(loop.status().pause === undefined).toBe(isBack);
  });

  it('is asked no sooner than it says, and nothing is done meanwhile', async () => {
    const { run, mark, state, looks, effort } = loopDesk();
    state.look = inOrder(error('unavailable', MINUTE), { wasRead: false });
    await mark('ann');
    await run();
    expect(await effort(MINUTE - 1)).toBeLessThan(10);
    expect(looks).toEqual(['0 ann']);
    expect(await effort(MINUTE)).toBeLessThan(100);
    expect(looks).toEqual(['0 ann', '60 ann']);
  });
});

describe('a store that fails', () => {
  it.each(['next', 'postpone'] as const)(
    'at "%s" has everything wait a second, and is told',
    async (call) => {
      let hasFailed = false;
      const failOnce = (here: string): void => {
        if (here !== call || hasFailed) return;
        hasFailed = true;
        throw new Error('the disk is full');
      };
      const { run, mark, looks, state, loop, go, store, trouble } = loopDesk({
        faultyWork: (work) => ({
          async next(query) {
            failOnce('next');
            return work.next(query);
          },
          async postpone(item, until, why) {
            failOnce('postpone');
            return work.postpone(item, until, why);
          },
        }),
      });
      state.look = inOrder(error('failed'));
      await mark('ann');
      await run();
      expect(loop.status().pause).toMatchObject({ kind: 'internal', message: INSIDE, until: NOW + SECOND });
      expect(trouble()).toEqual(['0 crashed: the disk is full', '0 paused: internal']);
      await go(MINUTE);
      expect(looks).toEqual(call === 'next' ? ['1 ann', '6 ann'] : ['0 ann', '1 ann']);
      expect(await store.work.all()).toEqual([]);
    },
  );

  it('when it is asked who is due next is asked again in a second', async () => {
    let isBroken = true;
    const { run, looks, store, go } = loopDesk({
      faultyWork: (work) => ({
        nextDue: (after) => (isBroken ? Promise.reject(new Error('a full disk')) : work.nextDue(after)),
      }),
    });
    await run();
    isBroken = false;
    await store.work.mark([idOf('ann')], 'small', NOW + SECOND / 2);
    await go(MINUTE);
    expect(looks).toEqual(['1 ann']);
  });
});
