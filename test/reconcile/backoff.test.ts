import { describe, expect, it } from 'vitest';
import { backoff } from '../../src/reconcile/backoff.ts';

const limits = { baseMs: 1000, capMs: 60_000 };

describe('backoff', () => {
  it('doubles up to the cap', () => {
    const waits = [0, 1, 2, 3, 4, 5, 6, 100, 5000].map((attempts) => backoff(attempts, limits, () => 0));
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  it('takes off a random half at most', () => {
    expect(backoff(3, limits, () => 1)).toBe(4000);
    expect(backoff(3, limits, () => 0.5)).toBe(6000);
  });
});
