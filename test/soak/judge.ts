import type { Sample } from './sample.ts';

/** Of what was measured, the first part is warming up. */
const WARM_UP = 0.25;
const BARS = '▁▂▃▄▅▆▇█';

const CURVES = [
  'memory',
  'descriptors',
  'wal',
  'database',
  'kept',
  'rows',
  'lagMs',
  'healthP99',
  'scimP99',
] as const satisfies readonly (keyof Sample)[];

type Bound = {
  readonly name: keyof Sample;
  /** Answers what is not flat; undefined if all is well. `early` and `late` are the halves after the warm-up. */
  readonly check: (early: readonly number[], late: readonly number[], minutes: number) => string | undefined;
};

const most = (values: readonly number[]): number => Math.max(...values);
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Megabytes: what collecting garbage leaves to chance, and what is allowed to grow in each minute. */
const MEMORY = { chance: 8, perMinute: 2 };
/** SQLite's own bound is 1,000 pages of 4 KiB; what is written while a reader looks comes on top. */
const MOST_WAL = 8;
/** A fault of 3 s, time-outs of 2 s and the wait after it. */
const MOST_LAG_MS = 30_000;
/** The machine may have other things to do. */
const MOST_P99_MS = 1_000;

const BOUNDS: readonly Bound[] = [
  {
    name: 'memory',
    check(early, late, minutes) {
      const growth = trend([...early, ...late]);
      const allowed = MEMORY.chance + MEMORY.perMinute * minutes * (1 - WARM_UP);
      return growth > allowed ? `grew by ${growth.toFixed(1)} MB, more than ${allowed} MB` : undefined;
    },
  },
  {
    name: 'descriptors',
    check: (early, late) =>
      median(late) > median(early) + 5 ? `grew from ${median(early)} to ${median(late)}` : undefined,
  },
  { name: 'wal', check: (early, late) => above(MOST_WAL, early, late, 'MB') },
  {
    name: 'rows',
    check: (early, late) =>
      median(late) > median(early) * 1.1 + 50 ? `grew from ${median(early)} to ${median(late)}` : undefined,
  },
  { name: 'lagMs', check: (early, late) => above(MOST_LAG_MS, early, late, 'ms') },
  { name: 'healthP99', check: slower },
  { name: 'scimP99', check: slower },
];

/** By how much the line through all values rises from its first to its last point (least squares). */
function trend(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let [products, squares] = [0, 0];
  for (const [index, value] of values.entries()) {
    products += (index - middle) * (value - mean);
    squares += (index - middle) ** 2;
  }
  return (products / squares) * (values.length - 1);
}

function above(bound: number, early: readonly number[], late: readonly number[], unit: string) {
  const found = most([...early, ...late]);
  return found > bound ? `was ${found.toFixed(1)} ${unit}, more than ${bound} ${unit}` : undefined;
}

function slower(early: readonly number[], late: readonly number[]): string | undefined {
  const [before, after] = [median(early), median(late)];
  if (after > MOST_P99_MS) return `was ${after.toFixed(0)} ms, more than ${MOST_P99_MS} ms`;
  return after > before * 3 + 50 ? `grew from ${before.toFixed(0)} to ${after.toFixed(0)} ms` : undefined;
}

/** What is not flat, in sentences. */
export function judge(samples: readonly Sample[], minutes: number): readonly string[] {
  const warm = samples.slice(Math.floor(samples.length * WARM_UP));
  const middle = Math.floor(warm.length / 2);
  if (middle < 3) return ['There were too few samples to judge by.'];
  return BOUNDS.flatMap(({ name, check }) => {
    const values = warm.map((sample) => sample[name]);
    if (values.some(Number.isNaN)) return [`${name} was not measured.`];
    const found = check(values.slice(0, middle), values.slice(middle), minutes);
    return found === undefined ? [] : [`${name} ${found}.`];
  });
}

/** A line of bars for each value, from the first sample to the last. */
export function curves(samples: readonly Sample[]): readonly string[] {
  return CURVES.map((name) => {
    const values = samples.map((sample) => sample[name]);
    const [low, high] = [Math.min(...values), most(values)];
    const bar = (value: number): string =>
      BARS[high === low ? 0 : Math.round(((value - low) / (high - low)) * (BARS.length - 1))] ?? ' ';
    const range = `${low.toFixed(1)} to ${high.toFixed(1)}`;
    return `${name.padEnd(12)} ${range.padStart(20)}  ${values.map(bar).join('')}`;
  });
}
