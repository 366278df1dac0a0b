import { describe, expect, it } from 'vitest';
import { createLocks } from '../../src/reconcile/locks.ts';

describe('locks', () => {
  it('let tasks with a common key run one after the other, in order of arrival', async () => {
    const inTurn = createLocks();
    const events: string[] = [];
    const gate = Promise.withResolvers<void>();
    const task = (name: string, wait: Promise<void>) => async () => {
      events.push(`${name} begins`);
      await wait;
      events.push(`${name} ends`);
    };
    const all = [
      inTurn(['a', 'b'], task('first', gate.promise)),
      inTurn(['b', 'c'], task('second', Promise.resolve())),
      inTurn(['c'], task('third', Promise.resolve())),
      inTurn(['d'], task('stranger', Promise.resolve())),
    ];
    await all[3];
    gate.resolve();
    await Promise.all(all);
    expect(events).toEqual([
      'first begins',
      'stranger begins',
      'stranger ends',
      'first ends',
      'second begins',
      'second ends',
      'third begins',
      'third ends',
    ]);
  });

  it('keep who comes later waiting for the one that runs by then', async () => {
    const inTurn = createLocks();
    const events: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = inTurn(['a'], async () => {});
    const second = inTurn(['a'], async () => {
      await gate.promise;
      events.push('second ends');
    });
    await first;
    const third = inTurn(['a'], async () => {
      events.push('third begins');
    });
    await new Promise(setImmediate);
    gate.resolve();
    await Promise.all([second, third]);
    expect(events).toEqual(['second ends', 'third begins']);
  });

  it('let the next one run when a task fails', async () => {
    const inTurn = createLocks();
    const failing = inTurn(['a'], async () => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await inTurn(['a'], async () => 'next')).toBe('next');
  });
});
