import { othersTurn } from '../pieces.ts';
import { invalidSyntax, invalidValue } from '../scim/error.ts';

/** Bytes that are parsed in one go: about a millisecond. */
const PIECE = 262_144;
/** Bytes. No attribute may have as many, and a text is parsed in one go. */
const LONGEST_TEXT = 8 * 1_048_576;
/** Containers in containers, all of them longer than a piece. */
const DEEPEST = 16;

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** A list or an object that is longer than a piece. */
type Container =
  | { readonly kind: 'list'; readonly value: unknown[] }
  | { readonly kind: 'object'; readonly value: Record<string, unknown> };

/** Complete elements, up to `end`; `isLast` if the container ends there. */
type Run = { readonly end: number; readonly isLast: boolean };

/**
 * Parses JSON as `JSON.parse` does, and long documents piece by piece, with a turn for others between the pieces: elements
 * that fit into a piece are given to `JSON.parse` together, and only containers that do not are entered. Rejects with
 * `SyntaxError`, or with `ScimError` 400 for what no resource has.
 */
export async function parseInPieces(bytes: Buffer, piece = PIECE): Promise<unknown> {
  if (bytes.length <= piece) return JSON.parse(bytes.toString());
  let at = skipBlanks(bytes, 0);
  const outermost = containerAt(bytes, at);
  if (outermost === undefined) return JSON.parse(bytes.toString('utf8', 0, LONGEST_TEXT));
  const open: Container[] = [outermost];
  let isFirst = true;
  at += 1;
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    await othersTurn();
    const run = runAt(bytes, at, piece);
    if (run === undefined && isBlank(bytes[at])) {
      at = skipBlanks(bytes, at);
      continue;
    }
    if (run === undefined) {
      const name = top.kind === 'object' ? nameAt(bytes, at, piece) : undefined;
      at = skipBlanks(bytes, name?.end ?? at);
      const inner = containerAt(bytes, at);
      if (inner !== undefined) {
        if (open.length === DEEPEST) throw invalidSyntax(`Nested deeper than ${DEEPEST} levels`);
        put(top, name?.text, inner.value);
        open.push(inner);
        isFirst = true;
        at += 1;
        continue;
      }
      const end = await textEnd(bytes, at);
      put(top, name?.text, JSON.parse(bytes.toString('utf8', at, end)));
      at = skipBlanks(bytes, end);
      if (bytes[at] !== COMMA && !closes(bytes[at], top)) throw new SyntaxError('No comma after a text');
      if (bytes[at] === COMMA) {
        at += 1;
        isFirst = false;
        continue;
      }
    } else {
      addRun(top, bytes.toString('utf8', at, run.end), run.isLast && isFirst);
      at = run.end;
      isFirst = false;
      if (!run.isLast) {
        at += 1;
        continue;
      }
    }
    // Here `at` is where this container ends, and perhaps others around it.
    while (open.length > 0) {
      const ended = open.pop();
      if (ended === undefined || !closes(bytes[at], ended)) throw new SyntaxError('The wrong bracket closes');
      at = skipBlanks(bytes, at + 1);
      if (open.length === 0) break;
      isFirst = false;
      if (bytes[at] !== COMMA) continue;
      at += 1;
      break;
    }
  }
  if (at < bytes.length) throw new SyntaxError('Something follows the document');
  return outermost.value;
}

function containerAt(bytes: Buffer, at: number): Container | undefined {
  if (bytes[at] === OPEN_LIST) return { kind: 'list', value: [] };
  return bytes[at] === OPEN_OBJECT ? { kind: 'object', value: {} } : undefined;
}

function closes(byte: number | undefined, { kind }: Container): boolean {
  return byte === (kind === 'list' ? CLOSE_LIST : CLOSE_OBJECT);
}

/** Undefined if not even one element ends within a piece. */
function runAt(bytes: Buffer, start: number, piece: number): Run | undefined {
  const stop = Math.min(bytes.length, start + piece);
  let depth = 0;
  let end = -1;
  for (let at = start; at < stop; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      at = quoteAfter(bytes, at + 1, stop);
    } else if (byte === COMMA) {
      if (depth === 0) end = at;
    } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      depth += 1;
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
      if (depth === 0) return { end: at, isLast: true };
      depth -= 1;
    }
  }
  if (stop === bytes.length) throw new SyntaxError('The document is cut off');
  return end === -1 ? undefined : { end, isLast: false };
}

/** Where the text ends that began before `at`; `stop` if it does not end before that. */
function quoteAfter(bytes: Buffer, start: number, stop: number): number {
  for (let at = start; at < stop; at += 1) {
    if (bytes[at] === BACKSLASH) at += 1;
    else if (bytes[at] === QUOTE) return at;
  }
  return stop;
}

/** After the text that begins at `start`, and is longer than a piece. */
async function textEnd(bytes: Buffer, start: number): Promise<number> {
  if (bytes[start] !== QUOTE) throw invalidSyntax('The body is not JSON');
  const quote = quoteAfter(bytes, start + 1, Math.min(bytes.length, start + LONGEST_TEXT));
  await othersTurn();
  if (bytes[quote] === QUOTE) return quote + 1;
  throw quote >= bytes.length
    ? new SyntaxError('The document is cut off')
    : invalidValue(`A text is longer than ${LONGEST_TEXT} bytes`);
}

/** The name of an attribute, and where its value may begin. */
function nameAt(
  bytes: Buffer,
  start: number,
  piece: number,
): { readonly text: string; readonly end: number } {
  const at = skipBlanks(bytes, start);
  const quote = quoteAfter(bytes, at + 1, Math.min(bytes.length, at + piece));
  const colon = skipBlanks(bytes, quote + 1);
  if (bytes[at] !== QUOTE || bytes[colon] !== COLON) throw new SyntaxError('No attribute where one is due');
  const text: unknown = JSON.parse(bytes.toString('utf8', at, quote + 1));
  return { text: String(text), end: colon + 1 };
}

function skipBlanks(bytes: Buffer, start: number): number {
  let at = start;
  while (isBlank(bytes[at])) at += 1;
  return at;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function put(into: Container, name: string | undefined, value: unknown): void {
  if (into.kind === 'list') into.value.push(value);
  else if (name !== undefined) assign(into.value, name, value);
}

function assign(into: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') throw invalidSyntax('An attribute cannot be named __proto__');
  into[name] = value;
}

function addRun(into: Container, text: string, mayBeEmpty: boolean): void {
  if (!mayBeEmpty && !/\S/.test(text)) throw new SyntaxError('Nothing where an element is due');
  if (into.kind === 'list') {
    for (const each of JSON.parse(`[${text}]`)) into.value.push(each);
    return;
  }
  for (const [name, value] of Object.entries(JSON.parse(`{${text}}`))) assign(into.value, name, value);
}
