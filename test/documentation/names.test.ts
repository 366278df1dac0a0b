import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileVariableOf, SETTINGS } from '../../src/config/settings.ts';
import { usher } from '../support/terminal.ts';

const ROOT = join(import.meta.dirname, '../..');

/** What an admin reads. */
const PAGES = ['README.md', 'SECURITY.md', ...docs()];

function docs(): readonly string[] {
  return readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md') && !path.startsWith('decisions'))
    .map((path) => join('docs', path));
}

function findAll(pattern: RegExp): readonly { readonly page: string; readonly name: string }[] {
  return PAGES.flatMap((page) =>
    [...readFileSync(join(ROOT, page), 'utf8').matchAll(pattern)].map(([, name = '']) => ({ page, name })),
  );
}

/** Variables of others, values and codes that others give, and what stands for any setting. */
const OF_OTHERS =
  /^((OTEL|AUTHENTIK|SYNAPSE|UPDATE|YOUR|OLD|USHER|DIRECTORY|DEPTH|EAI|MALLOC)_.*|X_FILE|COMPOSE_FILE|ORIG_HEAD|DELETE_REMOTE|CREATE_LOCAL|MATRIX_TOKEN)$/;
/** `usher is listening` is a message of the log. */
const NO_COMMAND = 'is';

describe('the documentation', () => {
  it('names settings that are there', () => {
    const names = Object.keys(SETTINGS);
    const known = new Set([...names, ...names.flatMap((name) => fileVariableOf(name) ?? [])]);
    const found = findAll(/\b([A-Z][A-Z\d]*(?:_[A-Z\d]+)+)\b/g).filter(({ name }) => !OF_OTHERS.test(name));
    expect(found.length).toBeGreaterThan(200);
    expect(found.filter(({ name }) => !known.has(name))).toEqual([]);
  });

  it('names commands that are there', async () => {
    const { stdout } = await usher(['help']);
    const known = new Set([...stdout.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name));
    const found = findAll(/(?:`|\$ |usher |-- )usher ([a-z]+)\b/g);
    expect(found.length).toBeGreaterThan(100);
    expect(found.filter(({ name }) => !known.has(name) && name !== NO_COMMAND)).toEqual([]);
  });
});
