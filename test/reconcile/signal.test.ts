import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSignal } from '../../src/reconcile/signal.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** How long somebody waited who does not want to wait longer than a minute. */
async function waited(signal: ReturnType<typeof createSignal>): Promise<number> {
  const begin = Date.now();
  const done = signal.wait(60_000).then(() => Date.now() - begin);
  await vi.advanceTimersByTimeAsync(60_000);
  return done;
}

describe('a signal', () => {
  it('is waited for, and no longer than somebody likes', async () => {
    const signal = createSignal();
    expect(await waited(signal)).toBe(60_000);
    setTimeout(() => signal.raise(), 500);
    expect(await waited(signal)).toBe(500);
  });

  it('that nobody waited for is kept for one, however often it was raised', async () => {
    const signal = createSignal();
    signal.raise();
    signal.raise();
    expect(await waited(signal)).toBe(0);
    expect(await waited(signal)).toBe(60_000);
  });

  it('that somebody had is not had by the next', async () => {
    const signal = createSignal();
    setTimeout(() => signal.raise(), 500);
    expect(await waited(signal)).toBe(500);
    expect(await waited(signal)).toBe(60_000);
  });

  it('is raised later, once for all who ask meanwhile, and again when it is asked for again', async () => {
    const signal = createSignal();
    signal.raiseIn(500);
    signal.raiseIn(100);
    signal.raiseIn(900);
    expect(await waited(signal)).toBe(500);
    expect(await waited(signal)).toBe(60_000);
    signal.raiseIn(700);
    expect(await waited(signal)).toBe(700);
  });

  it('leaves no timer behind', async () => {
    const signal = createSignal();
    const done = signal.wait(60_000);
    signal.raise();
    await done;
    expect(vi.getTimerCount()).toBe(0);
  });
});
