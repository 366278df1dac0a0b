import { ScimError } from './error.ts';
import { isPlainText } from './json.ts';

/** A piece of a filter or a path, with the offsets in the text that it was read from. */
export type Token = {
  readonly kind: 'word' | 'string' | '(' | ')' | '[' | ']';
  /** Of a string: what it means, its escapes decoded. Else: what stands in the text. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
};

/** Characters. A filter in a URL is cut off by the HTTP parser far earlier than one in a body. */
const MAX_LENGTH = 10_000;

const TOKEN = /\s*(?:([()[\]])|("(?:[^"\\]|\\.)*")|([^\s()[\]"]+))/y;

/** Splits a filter or path (RFC 7644 §3.4.2.2). Throws `ScimError` 400 `invalidFilter`. */
export function tokenize(source: string): readonly Token[] {
  const text = source.trimEnd();
  if (text.length > MAX_LENGTH) {
    throw new ScimError(400, 'invalidFilter', `Longer than ${MAX_LENGTH} characters`);
  }
  const tokens: Token[] = [];
  const pattern = new RegExp(TOKEN);
  while (pattern.lastIndex < text.length) {
    const offset = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) throw new ScimError(400, 'invalidFilter', `Unreadable from character ${offset + 1}`);
    tokens.push(tokenOf(match, pattern.lastIndex));
  }
  return tokens;
}

function tokenOf([, mark, quoted, word]: RegExpExecArray, end: number): Token {
  if (quoted !== undefined) {
    return { kind: 'string', text: decoded(quoted), start: end - quoted.length, end };
  }
  if (word !== undefined) return { kind: 'word', text: word, start: end - word.length, end };
  return { kind: mark as '(' | ')' | '[' | ']', text: mark ?? '', start: end - 1, end };
}

/** A comparison value is a JSON string (RFC 7644 §3.4.2.2, `compValue`). */
function decoded(quoted: string): string {
  const text = parsed(quoted);
  if (!isPlainText(text)) throw new ScimError(400, 'invalidFilter', 'A string is no text');
  return text;
}

function parsed(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch (cause) {
    throw new ScimError(400, 'invalidFilter', 'A string is not a JSON string', cause);
  }
}
