import { readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';

const SRC = join(import.meta.dirname, '../../src');

export type Found = { readonly where: string; readonly source: string; readonly flags: string };

/** What may stand before a regular expression, and never before a division. */
const BEFORE = /(?:^|[=(,:[!&|?{};+]|\breturn|\btypeof|=>)\s*$/;
const LITERAL = /\/((?:[^\\/[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([dgimsuvy]*)/y;

export function sourceFiles(folder = SRC): readonly string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => /\.(ts|js)$/.test(name))
    .toSorted()
    .map((name) => join(folder, name));
}

/** The literals in a program; texts and comments are skipped, but for what stands in `${…}`. */
export function expressionsIn(program: string, where: string): readonly Found[] {
  const text = stripTypeScriptTypes(program);
  const found: Found[] = [];
  const braces: ('code' | 'template')[] = [];
  let at = 0;
  const skip = (end: RegExp): void => {
    end.lastIndex = at;
    at = end.exec(text) === null ? text.length : end.lastIndex;
  };
  const template = (): void => {
    skip(/(?:[^\\`$]|\\[\s\S]|\$(?!\{))*(?:`|\$\{)/y);
    if (text[at - 1] === '{') braces.push('template');
  };
  while (at < text.length) {
    const [one, two] = [text[at], text.slice(at, at + 2)];
    LITERAL.lastIndex = at;
    if (two === '//') skip(/[^\n]*/y);
    else if (two === '/*') skip(/\/\*[\s\S]*?\*\//y);
    else if (one === "'") skip(/'(?:[^\\']|\\[\s\S])*'/y);
    else if (one === '"') skip(/"(?:[^\\"]|\\[\s\S])*"/y);
    else if (one === '`') {
      at += 1;
      template();
    } else if (one === '{') {
      braces.push('code');
      at += 1;
    } else if (one === '}') {
      at += 1;
      if (braces.pop() === 'template') template();
    } else if (one === '/' && BEFORE.test(text.slice(Math.max(0, at - 40), at))) {
      const [whole = '/', source = '', flags = ''] = LITERAL.exec(text) ?? [];
      if (source !== '') found.push({ where, source, flags });
      at += whole.length;
    } else at += 1;
  }
  return found;
}

/** Every regular expression that is written in the sources. */
export function allExpressions(): readonly Found[] {
  return sourceFiles().flatMap((file) =>
    expressionsIn(readFileSync(file, 'utf8'), file.slice(SRC.length + 1)),
  );
}
