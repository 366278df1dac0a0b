import { readFileSync } from 'node:fs';

/** A message that the page quotes under a heading; `…` stands for what differs. */
type Quote = { readonly text: string; readonly pattern: RegExp };

/** Which column of a table has what Usher says, by what is written above the first one. */
const COLUMN: Readonly<Record<string, number>> = { 'It says': 0, Status: 1 };

/** The messages of docs/troubleshooting.md by heading: what is code in that column. A single word is no message. */
export function quotesOf(page: URL): ReadonlyMap<string, readonly Quote[]> {
  const quotes = new Map<string, Quote[]>();
  let section = '';
  let column: number | undefined;
  let before: readonly string[] = [];
  for (const line of readFileSync(page, 'utf8').split('\n')) {
    section = /^## (.*)/.exec(line)?.[1] ?? section;
    const cells = line.startsWith('| ') ? line.slice(2).split(' | ') : [];
    if (cells[0] === '---') column = COLUMN[before[0] ?? ''];
    else if (column !== undefined) {
      for (const [, text = ''] of (cells[column] ?? '').matchAll(/`([^`]+ [^`]+)`/g)) {
        quotes.set(section, [...(quotes.get(section) ?? []), { text, pattern: patternOf(text) }]);
      }
    }
    before = cells;
  }
  return quotes;
}

/** Where lines break depends on the length of what stands for `…`, which is part of one message. */
function patternOf(text: string): RegExp {
  const parts = flat(text)
    .split('…')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(parts.join('.{1,400}?'));
}

export function flat(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
