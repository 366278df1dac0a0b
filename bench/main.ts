/**
 * How near Usher is to its limits, and how its cost grows. Usage: npm run bench [-- [--kept FOLDER] [--json FILE] [CHAPTER …]].
 * Without a chapter, all of them. Filling takes minutes; with a folder, what was filled is kept there for the next
 * time. Prints the table of targets at the end, and ends with 1 if one is missed.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { calamity } from './chapters/calamity.ts';
import { clicks } from './chapters/console.ts';
import { convergence } from './chapters/convergence.ts';
import { fairness } from './chapters/fairness.ts';
import { growth } from './chapters/growth.ts';
import { large } from './chapters/large.ts';
import { latency } from './chapters/latency.ts';
import { limits } from './chapters/limits.ts';
import { pages } from './chapters/pages.ts';
import { planning } from './chapters/planning.ts';
import { type Figure, isMet, targetTable } from './figures.ts';

const CHAPTERS = [limits, growth, large, planning, pages, clicks, latency, fairness, calamity, convergence];

const { values, positionals } = parseArgs({
  options: { kept: { type: 'string' }, json: { type: 'string' } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => CHAPTERS.every((chapter) => chapter.name !== name));
if (unknown.length > 0) {
  const names = CHAPTERS.map(({ name }) => name).join(', ');
  throw new Error(`there is no chapter ${unknown.join(', ')}: ${names}`);
}
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const folder = mkdtempSync(join(tmpdir(), 'usher-bench-'));
const kept = values.kept ?? join(folder, 'kept');
mkdirSync(kept, { recursive: true });
const machine = `${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB of memory, Node ${process.version}`;
say(`${machine}; load average ${loadavg()[0]?.toFixed(1)} before we begin`);
const figures: Figure[] = [];
try {
  for (const { name, run } of CHAPTERS) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    say(`\n== ${name}`);
    figures.push(...(await run({ say, folder: mkdtempSync(join(folder, `${name}-`)), kept })));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const missed = figures.filter((figure) => !isMet(figure)).length;
say(`\n${targetTable(figures)}\n`);
say(missed === 0 ? `all ${figures.length} targets met` : `${missed} of ${figures.length} targets MISSED`);
if (values.json !== undefined) {
  const report = { machine, figures: figures.map((figure) => ({ ...figure, isMet: isMet(figure) })) };
  writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
}
process.exitCode = missed === 0 ? 0 : 1;
