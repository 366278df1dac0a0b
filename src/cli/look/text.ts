import { oneLine } from '../../plan/legible.ts';

/** Rows as aligned columns, two blanks between them. */
export function table(cells: readonly (readonly string[])[]): readonly string[] {
  const rows = cells.map((row) => row.map(oneLine));
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, lengthOf(cell));
    }
  }
  return rows.map((row) => {
    const cells = row.map((cell, index) => `${cell}${' '.repeat((widths[index] ?? 0) - lengthOf(cell))}`);
    return cells.join('  ').trimEnd();
  });
}

/** A table under a line of headings. */
export function tableWithHead(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  return table([head, ...rows]);
}

function lengthOf(text: string): number {
  return [...text].length;
}

export function indented(lines: readonly string[], by = 2): readonly string[] {
  return lines.map((line) => `${' '.repeat(by)}${line}`);
}

/** A time before now: `90s`, `30m`, `12h`, `2d`, `3w`, or a date such as `2026-11-01`; undefined if it is neither. */
export function readSince(text: string, now: number): number | undefined {
  const match = /^(\d{1,6})([smhdw])$/.exec(text);
  const [, amount = '', unit = ''] = match ?? [];
  const length = LENGTHS[unit];
  if (length !== undefined) return now - Number(amount) * length;
  if (!/^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?)?$/.test(text)) return undefined;
  const at = Date.parse(text.length === 10 ? text : `${text.replace(' ', 'T')}Z`);
  return Number.isNaN(at) ? undefined : at;
}

const LENGTHS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 24 * 3_600_000,
  w: 7 * 24 * 3_600_000,
};

const WIDTH = 100;

/** A text broken between words, so that it fits a terminal with `indent` columns before it. */
export function wrapped(text: string, indent: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of oneLine(text).split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && lengthOf(longer) > WIDTH - indent) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

/** Labelled texts below each other: the labels to the left, each text broken to fit beside them. */
export function fields(
  list: readonly (readonly [label: string, texts: readonly string[]])[],
): readonly string[] {
  const width = Math.max(...list.map(([label]) => label.length)) + 2;
  return list.flatMap(([label, texts]) =>
    texts
      .flatMap((text) => wrapped(text, width))
      .map((line, index) => `${(index === 0 ? label : '').padEnd(width)}${line}`),
  );
}
