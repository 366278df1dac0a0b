import { median } from '../compare.ts';
import type { Chapter } from '../figures.ts';
import { table } from '../report.ts';
import { removeMember } from '../requests.ts';
import { type Stage, setStage, until } from '../stage.ts';

const SIZE = { users: 100_000, rooms: 2_000, each: 10 };
const PASSES = 4;
const CHANGES = 10;

/** A full pass over a right world, and what one change costs beside it; the homeserver answers at once. */
export const planning: Chapter = {
  name: 'planning',
  async run(bench) {
    const stage = await setStage(bench, SIZE, { RESYNC_INTERVAL: '10s' });
    const row = table(bench.say, 'Full passes', [
      ['pass', 10],
      ['ms', 8],
      ['longest block: ms', 18],
      ['reads', 8],
      ['mutating', 8],
      ['memory: MB', 10],
    ]);
    try {
      const { usher, calls } = stage;
      const passes: { readonly ms: number; readonly block: number; readonly reads: number }[] = [];
      await usher.longestBlock();
      for (let pass = 1; pass <= PASSES; pass += 1) {
        const before = { ...calls };
        const ms = await stage.passes(pass);
        const block = await usher.longestBlock();
        const reads = calls.reads - before.reads;
        row([String(pass), ms, block, String(reads), String(calls.mutating), String(usher.memory().now)]);
        passes.push({ ms, block, reads });
      }
      const later = passes.slice(1);
      const peak = usher.memory().peak;
      const one = await oneChange(stage);
      const pages = Math.ceil(SIZE.users / 500) + 1;
      const figure = { chapter: 'planning' } as const;
      return [
        {
          ...{ ...figure, name: 'full pass', unit: 's', target: { atMost: 5 } },
          value: median(later.map(({ ms }) => ms)) / 1000,
          detail: `${SIZE.users} users, ${SIZE.rooms} rooms, ${SIZE.users * SIZE.each} memberships`,
        },
        { ...figure, name: 'peak memory', unit: 'MB', value: peak, target: { atMost: 400 } },
        {
          ...{ ...figure, name: 'longest block of the event loop', unit: 'ms', target: { atMost: 50 } },
          value: Math.max(...passes.map(({ block }) => block)),
        },
        {
          ...{ ...figure, name: 'reads for one room, right world', unit: 'calls', target: { atMost: 2 } },
          // Without who we are, and the pages of the accounts.
          value: (median(later.map(({ reads }) => reads)) - 3 - pages) / SIZE.rooms,
        },
        {
          ...{ ...figure, name: 'mutating calls, right world', unit: 'calls', target: { atMost: 0 } },
          value: one.before,
        },
        {
          ...{ ...figure, name: 'one person taken out, at rest', unit: 'ms', target: { atMost: 2_000 } },
          value: one.ms,
          detail: `median of ${CHANGES}, from the PATCH to the kick`,
        },
        {
          ...{ ...figure, name: 'mutating calls for one change', unit: 'calls', target: { atMost: 1 } },
          value: one.calls / CHANGES,
        },
      ];
    } finally {
      await stage.close();
    }
  },
};

async function oneChange({ estate, calls, client }: Stage) {
  const before = calls.mutating;
  const measured: number[] = [];
  for (let index = 0; index < CHANGES; index += 1) {
    const who = index * 37;
    const group = who % SIZE.rooms;
    const room = estate.world.rooms.get(estate.rooms[group] ?? ('!' as never));
    const account = estate.accountOf(who);
    if (room?.members.get(account)?.membership !== 'join') throw new Error(`${account} is not in her room`);
    const begin = performance.now();
    await client.send(removeMember(estate.groups[group] ?? '', estate.people[who] ?? ''));
    measured.push(await until(() => room.members.get(account)?.membership === 'leave', begin));
  }
  return { ms: median(measured), before, calls: calls.mutating - before };
}
