import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { leadsSomewhere } from '../support/headings.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const PAGE = read('docs/deployment.md');

const DEPLOYED = readdirSync(join(ROOT, 'deploy'), { recursive: true, encoding: 'utf8' })
  .map((path) => `deploy/${path}`)
  // Not what somebody made there to run it.
  .filter((path) => !/^deploy\/compose\/(config|secrets|synapse|\.env)/.test(path))
  .filter((path) => statSync(join(ROOT, path)).isFile());

describe('docs/deployment.md', () => {
  it('leads through all that is in deploy/', () => {
    expect(DEPLOYED.length).toBeGreaterThan(20);
    // What belongs to a chart, is named by a file that the page names, or tests one.
    const parts = /^deploy\/helm\/usher\//;
    const unnamed = DEPLOYED.filter(
      (path) => !parts.test(path) && !PAGE.includes(path.split('/').at(-1) ?? ''),
    );
    expect(unnamed).toEqual([]);
  });

  it('copies and reads files that are there', () => {
    const commands = [...PAGE.matchAll(/```sh\n(.*?)```/gs)].flatMap(
      ([, lines = '']) => lines.match(/(?<!exec )\bdeploy\/[\w./-]+/g) ?? [],
    );
    expect(commands.length).toBeGreaterThan(6);
    expect(commands.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('gives no less memory anywhere than its table says, which is what was measured', () => {
    const rows = [...PAGE.matchAll(/^\s*\| ([\d,]+) \| (\d+) MB \|/gm)].map(([, people = '', megabytes]) => [
      people,
      Number(megabytes),
    ]);
    const needed = Object.fromEntries(rows);
    expect(read('docs/performance.md')).toContain(
      `${needed['100,000']} MB are enough for 100,000 users; ${needed['10,000']} MB for 10,000`,
    );
    const { resources } = parse(read('deploy/helm/usher/values.yaml'));
    expect(Number.parseInt(resources.limits.memory, 10)).toBeGreaterThanOrEqual(needed['100,000']);
    expect(read('deploy/systemd/usher.service')).toContain('MemoryMax=1G');
    expect(read('deploy/compose/docker-compose.yml')).toContain('mem_limit: 1g');
  });
});

describe('what is in deploy/', () => {
  it('points to pages that are there', () => {
    const links = DEPLOYED.flatMap((path) =>
      [...read(path).matchAll(/\b((?:docs|deploy)\/[\w./-]+\w(?:#[\w-]+)?)/g)].map(([, link = '']) => ({
        path,
        link,
      })),
    );
    expect(links.length).toBeGreaterThan(20);
    expect(links.filter(({ link }) => !leadsSomewhere(ROOT, link))).toEqual([]);
  });
});
