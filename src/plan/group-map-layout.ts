import { createScanner, type Edit, type Node } from 'jsonc-parser';

/** How a file is written: what ends its lines, and by what it is indented. */
export type Layout = { readonly eol: string; readonly indent: string };

/** As the first line break and the first key say. */
export function layoutOf(text: string, tree: Node): Layout {
  const eol = /\r\n|\n|\r/.exec(text)?.[0] ?? '\n';
  const first = tree.children?.[0];
  const indent = first && indentAt(text, first.offset);
  return { eol, indent: indent || '  ' };
}

/** Puts an item behind the last one of an object or a list, on a line of its own if that one has a line of its own. */
export function appendItem(text: string, container: Node, item: string, layout: Layout): readonly Edit[] {
  const last = container.children?.at(-1);
  if (last === undefined) return [fillEmpty(text, container, item, layout)];
  const comma = commaAfter(text, last);
  const end = endOf(last);
  const indent = indentAt(text, last.offset);
  if (indent === undefined) {
    return [insert(comma === undefined ? end : comma + 1, comma === undefined ? `, ${item}` : ` ${item},`)];
  }
  const lineEnd = commentsEnd(text, comma === undefined ? end : comma + 1);
  const line = `${layout.eol}${indent}${item}`;
  if (comma !== undefined) return [insert(lineEnd, `${line},`)];
  return [insert(end, ','), insert(lineEnd, line)];
}

/** Takes an item out of an object or a list, with its comma, and with its line and what is noted in it, if nothing else is there. */
export function removeItem(text: string, container: Node, index: number): readonly Edit[] {
  const items = container.children ?? [];
  const item = items[index];
  if (item === undefined) return [];
  const comma = commaAfter(text, item);
  const before = comma === undefined ? items[index - 1] : undefined;
  const commaBefore = before && commaAfter(text, before);
  const edits = commaBefore === undefined ? [] : [cut(commaBefore, commaBefore + 1)];
  return [...edits, cutItem(text, item.offset, comma === undefined ? endOf(item) : comma + 1)];
}

/** A value that stood alone becomes a list with another one behind it. */
export function makeList(text: string, value: Node, item: string, layout: Layout): Edit {
  const written = text.slice(value.offset, endOf(value));
  const isOneLine = !/[\r\n]/.test(written);
  const outer = /^[ \t]*/.exec(text.slice(lineStart(text, value.offset)))?.[0] ?? '';
  const line = `${layout.eol}${outer}${layout.indent}`;
  const content = isOneLine
    ? `[${written}, ${item}]`
    : `[${line}${written.replace(/(\r\n|\n|\r)/g, `$1${layout.indent}`)},${line}${item}${layout.eol}${outer}]`;
  return { offset: value.offset, length: value.length, content };
}

function fillEmpty(text: string, container: Node, item: string, { eol, indent }: Layout): Edit {
  const start = container.offset + 1;
  const end = endOf(container) - 1;
  const inside = text.slice(start, end);
  const [closing = ''] = /[ \t]*$/.exec(inside) ?? [];
  const lastBreak = /(\r\n|\n|\r)[ \t]*$/.exec(inside);
  if (lastBreak) return insert(start + lastBreak.index, `${eol}${closing}${indent}${item}`);
  const isBlank = inside.trim() === '';
  if (isBlank && container.type === 'object') {
    return { offset: start, length: inside.length, content: `${eol}${indent}${item}${eol}` };
  }
  return isBlank ? { offset: start, length: inside.length, content: item } : insert(end, ` ${item}`);
}

function cutItem(text: string, start: number, end: number): Edit {
  const lineEnd = commentsEnd(text, end);
  const lineBreak = /^[ \t]*(\r\n|\n|\r)/.exec(text.slice(lineEnd));
  if (indentAt(text, start) !== undefined && lineBreak) {
    const from = lineStart(text, start);
    const to = lineEnd + lineBreak[0].length;
    return cut(from - blankLineBefore(text, from, to), to);
  }
  const blanksBefore = /[ \t]*$/.exec(text.slice(0, start))?.[0].length ?? 0;
  const blanksAfter = /^[ \t]*/.exec(text.slice(end))?.[0].length ?? 0;
  const isLineEnd = /^[\r\n\]}]/.test(text.slice(end + blanksAfter));
  return isLineEnd ? cut(start - blanksBefore, end) : cut(start, end + blanksAfter);
}

/** The length of a blank line that would be one of two, or stand before the closing bracket. */
function blankLineBefore(text: string, from: number, to: number): number {
  const blank = /(?:\r\n|\n|\r(?!\n))([ \t]*(?:\r\n|\n|\r))$/.exec(text.slice(0, from))?.[1] ?? '';
  return /^[ \t]*[\r\n}\]]/.test(text.slice(to)) ? blank.length : 0;
}

/** Where the comma behind an item stands; comments may be in between. */
function commaAfter(text: string, item: Node): number | undefined {
  for (const { offset, token } of tokensFrom(text, endOf(item))) {
    if (token === ',') return offset;
    if (!isTrivia(token)) return undefined;
  }
  return undefined;
}

/** Where the last comment ends that begins in the same line. */
function commentsEnd(text: string, from: number): number {
  let end = from;
  for (const { offset, token } of tokensFrom(text, from)) {
    if (!isTrivia(token) || /^[\r\n]/.test(token)) break;
    if (token.startsWith('/')) end = offset + token.length;
  }
  return end;
}

function* tokensFrom(text: string, from: number): Generator<{ offset: number; token: string }> {
  const scanner = createScanner(text, false);
  scanner.setPosition(from);
  for (;;) {
    scanner.scan();
    const [offset, length] = [scanner.getTokenOffset(), scanner.getTokenLength()];
    if (length === 0) return;
    yield { offset, token: text.slice(offset, offset + length) };
  }
}

function isTrivia(token: string): boolean {
  return /^(\s|\/[/*])/.test(token);
}

/** The blanks before an offset; undefined if something else is before it in its line, or its line is the first. */
function indentAt(text: string, offset: number): string | undefined {
  const start = lineStart(text, offset);
  const before = text.slice(start, offset);
  return start > 0 && before.trim() === '' ? before : undefined;
}

function lineStart(text: string, offset: number): number {
  const before = text.slice(0, offset);
  return Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r')) + 1;
}

function endOf(node: Node): number {
  return node.offset + node.length;
}

function insert(offset: number, content: string): Edit {
  return { offset, length: 0, content };
}

function cut(start: number, end: number): Edit {
  return { offset: start, length: end - start, content: '' };
}
