import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const SOURCES = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readFileSync(join(ROOT, 'src', path), 'utf8'));

/** Messages are static: the text after the fields, or alone. */
const MESSAGE = /\b(?:log|own)\.(?:warn|error)\((?:[^()']|\([^()]*\))*'((?:[^'\\]|\\.)+)'\s*,?\s*\)/g;

it('has a row in docs/operations.md for each message that is logged at warn and above', () => {
  const page = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
  const rows = page.split('\n').filter((line) => /^\| .*\| .*(warn|error).* \|/.test(line));
  const messages = SOURCES.flatMap((text) => [...text.matchAll(MESSAGE)].map(([, message = '']) => message));
  expect(new Set(messages).size).toBeGreaterThan(12);
  expect(messages.filter((message) => !rows.some((row) => row.includes(`\`${message}\``)))).toEqual([]);
});
