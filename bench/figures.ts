/** A measured value beside its target. */
export type Figure = {
  /** Which chapter it belongs to. */
  readonly chapter: string;
  readonly name: string;
  readonly value: number;
  readonly unit: 'times' | 'ms' | 's' | 'MB' | 'calls';
  readonly target: { readonly atMost: number } | { readonly atLeast: number };
  /** What it was measured against, in words. */
  readonly detail?: string;
};

export type Chapter = {
  readonly name: string;
  /** Tables of its own go to `say`; the figures to the table of targets. */
  readonly run: (bench: Bench) => Promise<readonly Figure[]>;
};

export type Bench = {
  readonly say: (line: string) => void;
  /** A folder that is removed afterwards. */
  readonly folder: string;
  /** Where what takes minutes to fill is kept for the next time, if anywhere. */
  readonly kept: string | undefined;
};

export function isMet({ value, target }: Figure): boolean {
  return 'atMost' in target ? value <= target.atMost : value >= target.atLeast;
}

/** A table in Markdown. */
export function targetTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const { chapter, name, value, unit, target, detail } = figure;
    const wanted = 'atMost' in target ? `≤ ${target.atMost}` : `≥ ${target.atLeast}`;
    const cells = [chapter, name, `${rounded(value)} ${unit}`, wanted, isMet(figure) ? 'met' : '**missed**'];
    return `| ${[...cells, detail ?? ''].join(' | ')} |`;
  });
  return [
    '| | What | Measured | Target | | Against |',
    '| --- | --- | ---: | ---: | --- | --- |',
    ...rows,
  ].join('\n');
}

function rounded(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
