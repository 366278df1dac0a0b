/**
 * How long to wait before the next attempt, in milliseconds: `min(cap, base · 2^attempts)`, of which a random
 * half is taken off so that many do not come back at once. With base 1 s and no luck: 1, 2, 4, 8, 16, 32 s …
 */
export function backoff(
  attempts: number,
  limits: { readonly baseMs: number; readonly capMs: number },
  random: () => number,
): number {
  const full = Math.min(limits.capMs, limits.baseMs * 2 ** Math.min(attempts, 40));
  return Math.round(full * (1 - random() / 2));
}
