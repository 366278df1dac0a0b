import { createScanner, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { GroupMapProblem, Place } from './group-map.ts';

/** A map's text as a tree that knows where everything stands, and the problems found in it so far. */
export type MapText = {
  /** Undefined if there is no value at all, which is reported then. */
  readonly tree: Node | undefined;
  readonly report: (node: Node, message: string) => void;
  readonly placeOf: (node: Node) => Place;
  /** What stands there, short enough for a sentence. */
  readonly quote: (node: Node) => string;
  /** In the order of the text. */
  readonly problems: () => readonly GroupMapProblem[];
};

export type Field = { readonly key: string; readonly keyNode: Node; readonly value: Node };

const QUOTE_LENGTH = 60;

/** Deeper than any map, and far from what the parser's recursion could exhaust the stack over. */
const MAX_DEPTH = 50;
const TOO_DEEP = `this is nested deeper than ${MAX_DEPTH} levels, which no map is`;

/** Reads JSONC: comments and trailing commas are allowed, a byte order mark is ignored. */
export function readMapText(textWithMark: string): MapText {
  const text = textWithMark.replace(/^\uFEFF/, '');
  const placeAt = createPlaces(text);
  const tooDeep = tooDeepAt(text);
  if (tooDeep !== undefined) return onlyProblem({ ...placeAt(tooDeep), message: TOO_DEEP });
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const syntaxProblems = firstOfEachLine(errors.map((error) => syntaxProblem(text, placeAt, error)));
  const brokenLines = new Set(syntaxProblems.map(({ line }) => line));
  const found: GroupMapProblem[] = [];

  return {
    tree,
    report: (node, message) => found.push({ ...placeAt(node.offset), message }),
    placeOf: (node) => placeAt(node.offset),
    quote: (node) => shorten(text.slice(node.offset, node.offset + node.length).replace(/\s+/g, ' ')),
    // What the rest of a broken line means is a guess of the parser, and so is anything said about it.
    problems: () =>
      [...syntaxProblems, ...found.filter(({ line }) => !brokenLines.has(line))].sort(
        (a, b) => a.line - b.line || a.column - b.column,
      ),
  };
}

/** Where a bracket is one too many inside another; undefined if none is. */
function tooDeepAt(text: string): number | undefined {
  const scanner = createScanner(text, true);
  let depth = 0;
  while (scanner.getPosition() < text.length) {
    scanner.scan();
    const mark = text[scanner.getTokenOffset()];
    if (mark === '{' || mark === '[') depth += 1;
    if (mark === '}' || mark === ']') depth -= 1;
    if (depth > MAX_DEPTH) return scanner.getTokenOffset();
  }
  return undefined;
}

function onlyProblem(problem: GroupMapProblem): MapText {
  const nowhere = (): Place => ({ line: problem.line, column: problem.column });
  return { tree: undefined, report: () => {}, placeOf: nowhere, quote: () => '', problems: () => [problem] };
}

/**
 * The fields of an object. A key that comes twice is reported, as JSON.parse would keep the last in silence.
 * A field without a value is left out: it is a syntax error already.
 */
export function fieldsOf(
  text: MapText,
  object: Node,
  identity: (key: string) => string = (key) => key,
): readonly Field[] {
  const seen = new Map<string, Node>();
  const fields = (object.children ?? []).flatMap(({ children: [keyNode, value] = [] }) =>
    keyNode && value ? [{ key: String(keyNode.value), keyNode, value }] : [],
  );
  for (const { key, keyNode } of fields) {
    const first = seen.get(identity(key));
    if (first)
      text.report(keyNode, `${text.quote(keyNode)} is there already, in line ${text.placeOf(first).line}`);
    else seen.set(identity(key), keyNode);
  }
  return fields;
}

/** Finds the line and the column of an offset. Each target of a map has a place, so lines are counted once. */
function createPlaces(text: string): (offset: number) => Place {
  const starts = [0, ...Array.from(text.matchAll(/\r\n|\n|\r/g), (end) => end.index + end[0].length)];
  return (offset) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}

function shorten(text: string): string {
  return text.length > QUOTE_LENGTH ? `${text.slice(0, QUOTE_LENGTH)}…` : text;
}

/** The parser goes on after an error, and mostly finds the echo of the same mistake on the same line. */
function firstOfEachLine(problems: readonly GroupMapProblem[]): readonly GroupMapProblem[] {
  return problems.filter(
    (problem, index) => problems.findIndex(({ line }) => line === problem.line) === index,
  );
}

function syntaxProblem(
  text: string,
  placeAt: (offset: number) => Place,
  { error, offset }: ParseError,
): GroupMapProblem {
  if (text.trim() === '')
    return { line: 1, column: 1, message: 'nothing is here: a map without rules is {}' };
  return { ...placeAt(offset), message: SYNTAX_MESSAGES[printParseErrorCode(error)] };
}

const SYNTAX_MESSAGES: Readonly<Record<ReturnType<typeof printParseErrorCode>, string>> = {
  InvalidSymbol: 'this is not JSON: keys and texts stand in double quotes',
  InvalidNumberFormat: 'this is not a number',
  PropertyNameExpected: 'a key in double quotes is expected here',
  ValueExpected: 'a value is expected here',
  ColonExpected: 'a colon is missing before this',
  CommaExpected: 'a comma is missing before this',
  CloseBraceExpected: 'a closing } is missing here',
  CloseBracketExpected: 'a closing ] is missing here',
  EndOfFileExpected: 'nothing may follow the end of the map',
  InvalidCommentToken: 'a comment may not stand here',
  UnexpectedEndOfComment: 'this comment is not closed: */ is missing',
  UnexpectedEndOfString: 'this text is not closed: a double quote is missing',
  UnexpectedEndOfNumber: 'this number is not complete',
  InvalidUnicode: 'four hexadecimal digits must follow \\u in this text',
  InvalidEscapeCharacter: 'this text has a backslash before a letter that JSON does not know',
  InvalidCharacter: 'this text has a control character, such as a tab, that JSON does not allow',
  '<unknown ParseErrorCode>': 'this is not JSON',
};
