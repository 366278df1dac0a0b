import { statSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '../client.ts';
import { compare, median, type Subject } from '../compare.ts';
import type { Bench, Chapter, Figure } from '../figures.ts';
import { oneMember } from '../one-member.ts';
import { table } from '../report.ts';
import { KINDS } from '../requests.ts';
import { stocked } from '../shelves.ts';
import { SIZES, type Stock } from '../stock.ts';
import { type MeasuredUsher, startUsher } from '../usher-process.ts';

/** Times what it costs with 1,000 users, or in the smallest group. */
const MOST_RATIO = 1.3;
const MEMBER_ROUNDS = 240;

type Running = Subject & { readonly usher: MeasuredUsher; readonly dataDir: string };

/** What a request costs: by what it changes and returns, not by how much is stored. */
export const growth: Chapter = {
  name: 'growth',
  async run(bench) {
    const running: Running[] = [];
    try {
      for (const stock of SIZES) running.push(await start(bench, stock));
      return [
        ...showSizes(bench, running),
        ...(await compareAll(bench, running)),
        ...(await compareGroups(bench, running)),
      ];
    } finally {
      for (const { client, usher } of running) {
        client.close();
        await usher.end();
      }
    }
  },
};

async function start({ folder, kept }: Bench, stock: Stock): Promise<Running> {
  const dataDir = join(folder, String(stock.users));
  const shelf = await stocked(dataDir, stock, kept);
  // The first start after an update changes the schema.
  await (await startUsher(dataDir)).end();
  const usher = await startUsher(dataDir);
  return { usher, dataDir, shelf, client: createClient(usher.url, { connections: 1 }) };
}

function showSizes({ say }: Bench, running: readonly Running[]): readonly Figure[] {
  const row = table(say, 'By size', [
    ['users', 10],
    ['start to ready: ms', 18],
    ['memory at rest: MB', 18],
    ['database: MB', 12],
  ]);
  for (const { usher, shelf, dataDir } of running) {
    const megabytes = statSync(join(dataDir, 'usher.db')).size / 1e6;
    row([String(shelf.userCount), usher.startMs, usher.memory().now, megabytes]);
  }
  const last = running.at(-1);
  return [
    {
      ...{ chapter: 'growth', name: 'start to ready, 100,000 users', unit: 's', target: { atMost: 1 } },
      value: (last?.usher.startMs ?? Number.NaN) / 1000,
    },
  ];
}

async function compareAll({ say }: Bench, running: readonly Running[]): Promise<readonly Figure[]> {
  const row = table(say, 'By how much is stored: medians in milliseconds, asked in turns', [
    ['request', 40],
    ...SIZES.map(({ users }) => [`${users} users`, 12] as const),
    ['rounds', 6],
    ['ratio', 6],
  ]);
  const ratios: { readonly name: string; readonly ratio: number }[] = [];
  for (const kind of KINDS) {
    const { name, ms, rounds, ratio } = await compare(kind, running);
    row([name, ...ms, String(rounds), ratio]);
    ratios.push({ name, ratio });
  }
  const worst = ratios.toSorted((a, b) => b.ratio - a.ratio)[0];
  const ratio = median(ratios.map((each) => each.ratio));
  return [
    {
      ...{ chapter: 'growth', name: `the worst of ${ratios.length} requests`, unit: 'times' },
      ...{ value: worst?.ratio ?? Number.NaN, target: { atMost: MOST_RATIO } },
      detail: `${worst?.name}, 100,000 users against 1,000; half of them at most ${ratio.toFixed(2)}`,
    },
  ];
}

async function compareGroups({ say }: Bench, running: readonly Running[]): Promise<readonly Figure[]> {
  const row = table(say, `PATCH of one member: medians of ${MEMBER_ROUNDS}`, [
    ['members of the group', 40],
    ['add: ms', 12],
    ['remove: ms', 12],
    ['ratio', 6],
  ]);
  const largest = running.at(-1);
  if (largest === undefined) throw new Error('nothing runs');
  const groups = await oneMember(largest, MEMBER_ROUNDS);
  for (const { size, add, remove, ratio } of groups) row([String(size), add, remove, ratio]);
  return [
    {
      ...{ chapter: 'growth', name: 'PATCH of one member of 50,000', unit: 'times' },
      ...{ value: groups.at(-1)?.ratio ?? Number.NaN, target: { atMost: MOST_RATIO } },
      detail: 'the same in a group of 10',
    },
  ];
}
