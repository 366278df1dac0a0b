import { setTimeout as wait } from 'node:timers/promises';
import type { Chapter } from '../figures.ts';
import { table } from '../report.ts';
import { setStage } from '../stage.ts';

const SIZE = { users: 10_000, rooms: 200, each: 10 };
const MEMBERSHIPS = SIZE.users * SIZE.each;

/** A provider that loses all groups, one after the other: what is taken from people before the guard holds the rest. */
export const calamity: Chapter = {
  name: 'calamity',
  async run(bench) {
    const stage = await setStage(bench, SIZE, { RESYNC_INTERVAL: '1h' });
    const row = table(bench.say, 'All groups are deleted', [
      ['seconds', 10],
      ['to look at', 12],
      ['held', 10],
      ['removed', 10],
      ['memory: MB', 12],
    ]);
    const { usher, calls, client, estate } = stage;
    try {
      await stage.passes(1);
      await usher.longestBlock();
      const before = calls.mutating;
      const begin = performance.now();
      for (const group of estate.groups) await client.send({ method: 'DELETE', path: `/Groups/${group}` });
      for (let isOver = false; !isOver; ) {
        await wait(5_000);
        const due = await usher.metric(/^usher_work_items_due (\d+)/gm);
        const held = await usher.metric(/^usher_held_changes (\d+)/gm);
        const seconds = (performance.now() - begin) / 1000;
        row([seconds.toFixed(0), `${due}`, `${held}`, `${calls.mutating - before}`, usher.memory().now]);
        isOver = due === 0 && held + calls.mutating - before >= MEMBERSHIPS;
      }
      const figure = { chapter: 'calamity' } as const;
      return [
        {
          ...{ ...figure, name: 'people removed from rooms', unit: 'calls' },
          ...{ value: calls.mutating - before, target: { atMost: MEMBERSHIPS / 100 } },
          detail: `${MEMBERSHIPS} memberships; the rest is held`,
        },
        { ...figure, name: 'peak memory', unit: 'MB', value: usher.memory().peak, target: { atMost: 400 } },
        {
          ...{ ...figure, name: 'longest block of the event loop', unit: 'ms', target: { atMost: 50 } },
          value: await usher.longestBlock(),
        },
      ];
    } finally {
      await stage.close();
    }
  },
};
