import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

describe('SECURITY.md', () => {
  const page = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8');
  const named = [...page.matchAll(/`(test\/[\w/.-]+\.test\.ts)`/g)].map(([, file = '']) => file);

  it('names tests that are there, for each claim in a table', () => {
    expect(new Set(named).size).toBeGreaterThan(12);
    for (const file of named) expect(existsSync(join(ROOT, file)), file).toBe(true);
    const rows = page.split('\n').filter((line) => /^\| (?!Usher|---)/.test(line));
    expect(rows.length).toBeGreaterThan(15);
    for (const row of rows) expect(row).toMatch(/`test\/[^`]+`/);
  });
});
