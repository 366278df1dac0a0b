import { onTestFinished, vi } from 'vitest';

/** A clock for all that asks `Date.now` from now on, until the test ends: it goes on, and skips what it is told to. */
export function skippingClock(): { skip(ms: number): void } {
  const real = Date.now;
  let skipped = 0;
  const spy = vi.spyOn(Date, 'now').mockImplementation(() => real() + skipped);
  onTestFinished(() => spy.mockRestore());
  return {
    skip(ms) {
      skipped += ms;
    },
  };
}
