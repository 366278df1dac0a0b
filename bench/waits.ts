import type { Bench, Figure } from './figures.ts';
import { table } from './report.ts';

/** Milliseconds that somebody waited for something, each time. */
export type Waits = ReadonlyMap<string, readonly number[]>;

/** A row for each, and the figure: the worst of their medians, which is to be at most 100 ms. */
export function figureOfWaits(
  { say }: Pick<Bench, 'say'>,
  waits: Waits,
  { chapter, name }: Pick<Figure, 'chapter' | 'name'>,
): Figure {
  const row = table(say, 'how long somebody waits, in milliseconds', [
    ['what', 44],
    ['median', 8],
    ['slowest', 8],
  ]);
  let worst = { name: '', ms: 0, times: 0 };
  for (const [what, found] of waits) {
    const sorted = found.toSorted((a, b) => a - b);
    const [median = 0, slowest = 0] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
    row([what, median, slowest]);
    if (median > worst.ms) worst = { name: what, ms: median, times: sorted.length };
  }
  return {
    ...{ chapter, name, value: worst.ms, unit: 'ms', target: { atMost: 100 } },
    detail: `${worst.name}; the median of ${worst.times}`,
  };
}
