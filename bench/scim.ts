/**
 * What a SCIM request costs: by what it changes and returns, not by how much is stored; and that a large one keeps
 * nobody waiting. Usage: npm run bench [-- FOLDER]. Filling takes minutes; with a folder, what was filled is kept
 * there for the next time. Ends with 1 if a limit is missed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UsherProcess } from '../test/support/usher-process.ts';
import { createClient } from './client.ts';
import { compare, type Subject } from './compare.ts';
import { largeRequests } from './large-requests.ts';
import { oneMember } from './one-member.ts';
import { createReport, type Report } from './report.ts';
import { KINDS } from './requests.ts';
import { stocked } from './shelves.ts';
import type { Stock } from './stock.ts';
import { startUsher } from './usher-process.ts';

const SMALL: Stock = { users: 1_000, groups: 20, large: [250] };
const LARGE: Stock = { users: 100_000, groups: 2_000, large: [5, 50, 5_000, 50_000] };
/** Times what it costs with 1,000 users, or in the smallest group. */
const MOST_RATIO = 1.5;
/** Milliseconds that a change of 50,000 members takes, and that others wait meanwhile. */
const MOST_MS = 2_000;
const MOST_WAIT = 100;
const MEMBER_ROUNDS = 240;
const LARGE_ROUNDS = 5;

type Running = Subject & { readonly usher: UsherProcess };

async function start(dataDir: string, stock: Stock, { say }: Report): Promise<Running> {
  const begin = performance.now();
  const shelf = await stocked(dataDir, stock, process.argv[2]);
  const seconds = Math.round((performance.now() - begin) / 1000);
  const usher = await startUsher(dataDir);
  say(
    `${stock.users} users, ${stock.groups} groups: filled in ${seconds} s, ${usher.memory().now} MB at rest`,
  );
  return { usher, shelf, client: createClient(usher.url, { connections: 1 }) };
}

async function showComparison(report: Report, small: Running, large: Running): Promise<void> {
  const row = report.table('By how much is stored: medians, asked in turns', [
    ['request', 40],
    [`${SMALL.users} users: ms`, 14],
    [`${LARGE.users}: ms`, 10],
    ['rounds', 6],
    ['ratio', 6],
    [`<= ${MOST_RATIO}`, 6],
  ]);
  for (const kind of KINDS) {
    const each = await compare(kind, small, large);
    row([each.name, each.small, each.large, String(each.rounds), each.ratio], each.ratio <= MOST_RATIO);
  }
}

async function showOneMember(report: Report, large: Running): Promise<void> {
  const row = report.table(`PATCH of one member: medians of ${MEMBER_ROUNDS}`, [
    ['members of the group', 40],
    ['add: ms', 14],
    ['remove: ms', 10],
    ['', 6],
    ['ratio', 6],
    [`<= ${MOST_RATIO}`, 6],
  ]);
  for (const { size, add, remove, ratio } of await oneMember(large, MEMBER_ROUNDS)) {
    row([String(size), add, remove, '', ratio], ratio <= MOST_RATIO);
  }
}

async function showLargeRequests(report: Report, { usher, shelf }: Running): Promise<void> {
  const row = report.table(`Large requests: medians of ${LARGE_ROUNDS}`, [
    ['request', 40],
    [`ms, <= ${MOST_MS}`, 14],
    [`slowest other GET: ms, <= ${MOST_WAIT}`, 30],
    [`other PATCH: ms, <= ${MOST_WAIT}`, 24],
    ['', 6],
  ]);
  for (const { name, ms, weight, get, patch } of await largeRequests(usher.url, shelf, LARGE_ROUNDS)) {
    row([name, ms, get, patch], ms <= MOST_MS * weight && get <= MOST_WAIT && patch <= MOST_WAIT);
  }
}

const report = createReport();
const folder = mkdtempSync(join(tmpdir(), 'usher-bench-'));
const running: Running[] = [];
report.say(
  `load average ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} processors, before we begin`,
);
try {
  const small = await start(join(folder, 'small'), SMALL, report);
  running.push(small);
  const large = await start(join(folder, 'large'), LARGE, report);
  running.push(large);
  await showComparison(report, small, large);
  await showOneMember(report, large);
  report.say(`\nso far at most ${small.usher.memory().peak} MB and ${large.usher.memory().peak} MB`);
  await showLargeRequests(report, large);
  const { now, peak } = large.usher.memory();
  report.say(`\nafterwards ${now} MB, at most ${peak} MB`);
} finally {
  for (const { client, usher } of running) {
    client.close();
    await usher.end();
  }
  rmSync(folder, { recursive: true, force: true });
}
report.say(report.missed() === 0 ? 'all limits kept' : `${report.missed()} limits MISSED`);
process.exitCode = report.missed() === 0 ? 0 : 1;
