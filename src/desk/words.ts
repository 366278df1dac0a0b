/** `2026-11-22 10:14:38 UTC`. */
export function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

const UNITS = [
  [24 * 3_600_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1_000, 'second'],
] as const;

/** A span in its largest unit: `3 minutes`. */
export function span(ms: number): string {
  for (const [length, name] of UNITS) {
    if (ms >= length) return count(Math.floor(ms / length), name);
  }
  return 'less than a second';
}

export function ago(at: number, now: number): string {
  return now - at < 1000 ? 'just now' : `${span(now - at)} ago`;
}

/** When, and how long ago that is. */
export function when(at: number, now: number): string {
  return `${utc(at)} (${ago(at, now)})`;
}

/** `1 person`, `2 people`. */
export function count(amount: number, one: string, many = `${one}s`): string {
  return `${amount} ${amount === 1 ? one : many}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
