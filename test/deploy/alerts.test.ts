import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { CHANGE_KINDS } from '../../src/plan/change.ts';
import { exposedByUsher, type Family } from '../support/exposition.ts';
import { leadsSomewhere } from '../support/headings.ts';
import { parsePromql } from '../support/promql.ts';
import { runTool, toolFor } from '../support/tools.ts';

const ROOT = join(import.meta.dirname, '../..');
const FOLDER = join(ROOT, 'deploy/prometheus');
const read = (path: string): string => readFileSync(join(ROOT, 'deploy', path), 'utf8');

type Rule = {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string; readonly runbook: string };
};

type Panel = {
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
};

const RULES: readonly Rule[] = parse(read('prometheus/usher.rules.yml')).groups.flatMap(
  ({ rules }: { readonly rules: readonly Rule[] }) => rules,
);
const PANELS: readonly Panel[] = JSON.parse(read('grafana/usher.json')).panels;
const TARGETS = PANELS.flatMap(({ title, targets = [] }) => targets.map((each) => ({ title, ...each })));

/** What Prometheus puts to each series itself. */
const OF_PROMETHEUS = ['job', 'instance'];
const VALUES: Readonly<Record<string, readonly string[]>> = { kind: CHANGE_KINDS, outcome: ['dry-run'] };

/** What of an expression nothing exposes. */
function strangersIn(expr: string, exposed: ReadonlyMap<string, Family>): readonly string[] {
  const { selections, grouping, errors } = parsePromql(expr);
  if (errors.length > 0 || selections.length === 0) return [`can't be read: ${expr}`];
  const known = new Set(OF_PROMETHEUS);
  const strangers = selections.flatMap(({ metric, matchers }) => {
    if (metric === 'up') return [];
    const family = [...exposed.values()].find(({ series }) => series.has(metric));
    if (family === undefined) return [metric];
    for (const label of family.labels) known.add(label);
    if (metric.endsWith('_bucket')) known.add('le');
    return matchers
      .filter(({ label }) => !OF_PROMETHEUS.includes(label))
      .filter(({ label, operator, value }) => {
        const values = [...(family.values.get(label) ?? []), ...(VALUES[label] ?? [])];
        // The status of requests can't be listed: there is none before the first of its kind.
        if (label === 'status' && family.labels.has('status')) return !/^[1-5](\d\d|\.\.)$/.test(value);
        return !values.some((each) =>
          operator.includes('~') ? new RegExp(`^(?:${value})$`).test(each) : each === value,
        );
      })
      .map(({ label, value }) => `${metric}{${label}="${value}"}`);
  });
  return [...strangers, ...grouping.filter((label) => !known.has(label))];
}

describe('the alerts of deploy/prometheus', { timeout: 60_000 }, () => {
  it('ask only for what the service exposes', async () => {
    const exposed = await exposedByUsher();
    expect(RULES.length).toBeGreaterThan(10);
    expect(
      RULES.flatMap(({ alert, expr }) => strangersIn(expr, exposed).map((each) => [alert, each])),
    ).toEqual([]);
    expect(strangersIn('rate(usher_changes_total{kind="kicked"}[5m])', exposed)).not.toEqual([]);
    expect(strangersIn('sum by (room) (usher_held_changes)', exposed)).toEqual(['room']);
    expect(strangersIn('usher_held', exposed)).toEqual(['usher_held']);
  });

  it('say what they mean, what to do, and where to read, each in a way of its own', () => {
    for (const { alert, labels, annotations } of RULES) {
      expect(labels.severity, alert).toMatch(/^(critical|warning)$/);
      expect(annotations.description.length, alert).toBeGreaterThan(80);
      expect(annotations.runbook, alert).toMatch(/^docs\/operations\.md#./);
      expect(leadsSomewhere(ROOT, annotations.runbook), annotations.runbook).toBe(true);
    }
    expect(new Set(RULES.map(({ annotations }) => annotations.description)).size).toBe(RULES.length);
    expect(leadsSomewhere(ROOT, 'docs/operations.md#no-such-heading')).toBe(false);
  });

  it('are rules to promtool', async (context) => {
    const { exitCode, output } = await runTool(
      toolFor(context, 'promtool'),
      ['check', 'rules', 'usher.rules.yml'],
      { cwd: FOLDER },
    );
    expect(output).toContain(`${RULES.length} rules found`);
    expect(exitCode).toBe(0);
  });

  it('fire when they are to, and not before, as promtool finds', async (context) => {
    const { exitCode, output } = await runTool(
      toolFor(context, 'promtool'),
      ['test', 'rules', 'usher.rules.test.yml'],
      { cwd: FOLDER },
    );
    expect(output).toContain('SUCCESS');
    expect(exitCode).toBe(0);
  });

  it('are each seen firing by promtool', () => {
    const tests = read('prometheus/usher.rules.test.yml');
    for (const { alert } of RULES) expect(tests).toContain(`alertname="${alert}"`);
  });

  it('are read by a Prometheus with the example of a scrape', async (context) => {
    const { exitCode, output } = await runTool(
      toolFor(context, 'promtool'),
      ['check', 'config', 'scrape.yml'],
      { cwd: FOLDER },
    );
    expect(output).toContain('1 rule files found');
    expect(exitCode).toBe(0);
  });
});

describe('the dashboard of deploy/grafana', { timeout: 60_000 }, () => {
  it('asks only for what the service exposes, of the job that was chosen', async () => {
    const exposed = await exposedByUsher();
    expect(TARGETS.length).toBeGreaterThan(20);
    expect(
      TARGETS.flatMap(({ title, expr }) => strangersIn(expr, exposed).map((each) => [title, each])),
    ).toEqual([]);
    for (const { title, expr } of TARGETS) {
      const jobs = parsePromql(expr).selections.map(
        ({ matchers }) => matchers.filter(({ label, value }) => label === 'job' && value === '$job').length,
      );
      expect(
        jobs.every((each) => each === 1),
        title,
      ).toBe(true);
    }
  });

  it('names in its legends only labels that are there', () => {
    for (const { title, expr, legendFormat } of TARGETS) {
      for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
        expect(parsePromql(expr).grouping, title).toContain(label);
    }
  });

  it('explains each panel, and leads to headings that are there', () => {
    const shown = PANELS.filter(({ type }) => type !== 'row');
    for (const { title, description = '' } of shown) expect(description, title).not.toBe('');
    const links = shown.flatMap(({ description = '' }) => description.match(/docs\/[\w./-]+#[\w-]+/g) ?? []);
    expect(links.length).toBeGreaterThan(8);
    expect(links.filter((link) => !leadsSomewhere(ROOT, link))).toEqual([]);
  });

  it('has a picture of each metric of Usher', async () => {
    const asked = new Set(
      TARGETS.flatMap(({ expr }) => parsePromql(expr).selections.map(({ metric }) => metric)),
    );
    const families = [...(await exposedByUsher())].filter(([name]) => name.startsWith('usher_'));
    const unseen = families.filter(([, { series }]) => ![...series].some((name) => asked.has(name)));
    expect(unseen.map(([name]) => name)).toEqual([]);
  });
});
