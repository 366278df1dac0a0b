import type { Verdict } from './writer.ts';

export type Moment = 'traffic' | 'acknowledgement' | 'pass' | 'start' | 'rest';

const SLOW_MS = 1_000;

/** Counts what a run went through: one that met nothing proves nothing. */
export function createTally() {
  const begin = performance.now();
  const crashes = new Map<Moment, number>();
  const verdicts: Verdict[] = [];
  const starts: number[] = [];
  let acknowledged = 0;
  let looks = 0;
  let memberships = 0;
  const isWhole = ({ parts, applied }: Verdict): boolean => applied === parts;
  const count = (): number => [...crashes.values()].reduce((sum, some) => sum + some, 0);
  const seconds = (): number => Math.round((performance.now() - begin) / 1000);
  return {
    crashes: count,
    crashed: (moment: Moment) => crashes.set(moment, (crashes.get(moment) ?? 0) + 1),
    acknowledged() {
      acknowledged += 1;
    },
    judged: (some: readonly Verdict[]) => verdicts.push(...some),
    started: (ms: number) => starts.push(ms),
    converged(found: number) {
      looks += 1;
      memberships += found;
    },
    /** Whether each kind of crash and each outcome was met. */
    isWorthIt: (least: number): boolean =>
      count() >= least &&
      [...crashes.keys()].length >= Math.min(5, least / 10) &&
      acknowledged > least * 5 &&
      verdicts.length > least / 2 &&
      verdicts.some(isWhole) &&
      verdicts.some(({ applied }) => applied === 0) &&
      memberships > looks * 10,
    report({ kicks, seed }: { readonly kicks: number; readonly seed: number }): string {
      const kinds = Map.groupBy(verdicts, ({ what }) => what);
      const some = (all: readonly Verdict[]): string =>
        `${all.length} in flight, ${all.filter(isWhole).length} applied whole, ${
          all.filter(({ parts, applied }) => applied > 0 && applied < parts).length
        } up to an operation in the middle`;
      return [
        `${count()} crashes (${[...crashes].map(([moment, times]) => `${times} ${moment}`).join(', ')}), seed ${seed}`,
        `${acknowledged} requests acknowledged; ${some(verdicts)}`,
        ...[...kinds].toSorted().map(([what, all]) => `  ${what}: ${some(all)}`),
        `${starts.length} restarts looked at, ${starts.filter((ms) => ms > SLOW_MS).length} slower than 1 s (slowest ${Math.round(Math.max(...starts))} ms)`,
        `${looks} times the rooms converged (${memberships} memberships), ${kicks} kicks`,
        `${seconds()} seconds`,
      ].join('\n');
    },
  };
}

/** To where a person looks, past what the test runner gathers. */
export function print(report: string): void {
  process.stdout.write(`\n${report}\n`);
}
