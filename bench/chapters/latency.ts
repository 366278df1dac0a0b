import type { Chapter, Figure } from '../figures.ts';
import { table } from '../report.ts';
import { addMember, removeMember } from '../requests.ts';
import { type Stage, setStage } from '../stage.ts';

const SIZE = { users: 100_000, rooms: 2_000, each: 10 };
const REQUESTS = 600;
const EVERY_MS = 20;

type Measured = { readonly p50: number; readonly p99: number };

/** How long a provider waits for a PATCH, at rest and while a full pass over everything runs. */
export const latency: Chapter = {
  name: 'latency',
  async run(bench) {
    const stage = await setStage(bench, SIZE, { RESYNC_INTERVAL: '7d' });
    const row = table(bench.say, `PATCH of one member: ${REQUESTS}, one each ${EVERY_MS} ms; milliseconds`, [
      ['meanwhile', 44],
      ['p50', 8],
      ['p99', 8],
    ]);
    try {
      const group = await unmapped(stage);
      await stage.passes(1);
      await measure(stage, group);
      const rest = await measure(stage, group);
      row(['nothing', rest.p50, rest.p99]);
      const busy = await measure(stage, group, () => stage.requestPass());
      row(['full passes, the homeserver answers at once', busy.p50, busy.p99]);
      stage.slowDown({ read: 2_000, change: 2_000 });
      stage.requestPass();
      const slow = await measure(stage, group);
      row(['a full pass, the homeserver answers in 2 s', slow.p50, slow.p99]);
      stage.slowDown({ read: 0, change: 0 });
      const figure = (name: string, value: number): Figure => ({
        ...{ chapter: 'latency', name, value, unit: 'times', target: { atMost: 3 } },
        detail: `p99 at rest: ${rest.p99.toFixed(1)} ms`,
      });
      return [
        figure('p99 of a PATCH during full passes', busy.p99 / rest.p99),
        figure('p99 of a PATCH, the homeserver takes 2 s', slow.p99 / rest.p99),
      ];
    } finally {
      await stage.close();
    }
  },
};

/** A group that the map does not have. */
async function unmapped({ client }: Stage): Promise<string> {
  const body = { displayName: 'not mapped', members: [] };
  const { body: answer } = await client.send({ method: 'POST', path: '/Groups', body });
  return JSON.parse(answer.toString()).id;
}

/** `again` is called each second. */
async function measure(
  { client, estate }: Stage,
  group: string,
  again: () => void = () => {},
): Promise<Measured> {
  const waits: number[] = [];
  const begin = performance.now();
  for (let turn = 0; turn < REQUESTS; turn += 1) {
    if (turn % 50 === 0) again();
    const who = estate.people[turn >> 1] ?? '';
    const { ms } = await client.send(turn % 2 === 0 ? addMember(group, who) : removeMember(group, who));
    waits.push(ms);
    const next = begin + (turn + 1) * EVERY_MS - performance.now();
    if (next > 0) await new Promise((resolve) => setTimeout(resolve, next));
  }
  const sorted = waits.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}
