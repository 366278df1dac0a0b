import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REFUSALS } from '../../src/http/refusals.ts';
import { CHANGE_KINDS } from '../../src/plan/change.ts';
import { exposedByUsher } from '../support/exposition.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
const SECTION = /^## Metrics\n(.*?)^## /ms.exec(PAGE)?.[1] ?? '';

/** The rows of the table: name, labels, meaning. */
const ROWS = SECTION.split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.slice(2, -2).split(' | '))
  .map(([name = '', labels = '', meaning = '']) => ({
    name: codeIn(name)[0],
    labels: codeIn(labels),
    meaning,
  }));

function codeIn(text: string): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

describe('the table of metrics in docs/operations.md', { timeout: 60_000 }, () => {
  it('has each metric that the service exposes, with its labels, and no other', async () => {
    const exposed = [...(await exposedByUsher())].filter(([name]) => name.startsWith('usher_'));
    expect(exposed.length).toBeGreaterThan(10);
    const sorted = (rows: readonly { name: string | undefined; labels: readonly string[] }[]) =>
      rows.map(({ name, labels }) => `${name} ${labels.toSorted().join()}`).toSorted();
    expect(sorted(ROWS)).toEqual(
      sorted(exposed.map(([name, { labels }]) => ({ name, labels: [...labels] }))),
    );
  });

  it('says which of them are counters and histograms', async () => {
    const exposed = await exposedByUsher();
    for (const { name = '', meaning } of ROWS) {
      const said = /^(Counter|Histogram) of/.exec(meaning)?.[1]?.toLowerCase() ?? 'gauge';
      expect(`${name} ${said}`).toBe(`${name} ${exposed.get(name)?.type}`);
    }
  });

  it('has all reasons and kinds', () => {
    const meaningOf = (name: string) => ROWS.find((row) => row.name === name)?.meaning ?? '';
    const valuesAfter = (text: string, label: string) =>
      codeIn(new RegExp(`\`${label}\`: ([^.]+)\\.`).exec(text)?.[1] ?? '');
    const changes = meaningOf('usher_changes_total');
    expect(valuesAfter(meaningOf('usher_http_refused_total'), 'reason')).toEqual(REFUSALS);
    expect(valuesAfter(changes, 'kind').toSorted()).toEqual(CHANGE_KINDS.toSorted());
    expect(valuesAfter(changes, 'outcome')).toEqual(['done', 'failed', 'dry-run']);
  });

  it('is followed by metrics of the process that are there', async () => {
    const exposed = await exposedByUsher();
    const named = codeIn(SECTION).filter((code) => /^(process|nodejs)_/.test(code));
    expect(named.length).toBeGreaterThan(3);
    for (const name of named) expect([...exposed.keys()]).toContain(name);
  });
});
