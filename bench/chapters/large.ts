import { join } from 'node:path';
import type { Chapter } from '../figures.ts';
import { largeRequests } from '../large-requests.ts';
import { table } from '../report.ts';
import { stocked } from '../shelves.ts';
import { LARGE } from '../stock.ts';
import { startUsher } from '../usher-process.ts';

const ROUNDS = 5;
/** Milliseconds that a change of 50,000 members takes, and that others wait meanwhile. */
const MOST_MS = 2_000;
const MOST_WAIT = 100;

/** A change of a group of 50,000: how long it takes, and how long others wait. */
export const large: Chapter = {
  name: 'large',
  async run({ say, folder, kept }) {
    const dataDir = join(folder, 'data');
    const shelf = await stocked(dataDir, LARGE, kept);
    const usher = await startUsher(dataDir);
    const row = table(say, `Large requests: medians of ${ROUNDS}, in milliseconds`, [
      ['request', 40],
      ['takes', 10],
      ['slowest other GET', 18],
      ['slowest other PATCH', 20],
    ]);
    try {
      const all = await largeRequests(usher.url, shelf, ROUNDS);
      for (const { name, ms, get, patch } of all) row([name, ms, get, patch]);
      const waits = all.map(({ get, patch }) => Math.max(get, patch));
      return [
        {
          ...{ chapter: 'large', name: 'the slowest, for each 50,000 members', unit: 'ms' },
          ...{ value: Math.max(...all.map(({ ms, weight }) => ms / weight)), target: { atMost: MOST_MS } },
        },
        {
          ...{ chapter: 'large', name: 'the longest that others wait meanwhile', unit: 'ms' },
          ...{ value: Math.max(...waits), target: { atMost: MOST_WAIT } },
        },
        {
          ...{ chapter: 'large', name: 'peak memory', unit: 'MB' },
          ...{ value: usher.memory().peak, target: { atMost: 400 } },
        },
      ];
    } finally {
      await usher.end();
    }
  },
};
