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
