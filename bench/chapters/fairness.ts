import type { RoomId } from '../../src/matrix/ids.ts';
import { PATCH_OP } from '../../src/scim/urns.ts';
import { median } from '../compare.ts';
import type { Chapter } from '../figures.ts';
import { addMember, removeMember } from '../requests.ts';
import { type Stage, setStage, until } from '../stage.ts';

const SIZE = { users: 20_000, rooms: 40, each: 2 };
const BULK = 10_000;
/** Four at once make 10 changes a second. */
const CHANGE_MS = 400;
const PEOPLE = 10;
/** Milliseconds beside the homeserver's own. */
const MOST_MS = 2_000;

/** How soon one person's change is made while ten thousand joins are under way. */
export const fairness: Chapter = {
  name: 'fairness',
  async run(bench) {
    const stage = await setStage(bench, SIZE, { RESYNC_INTERVAL: '7d' });
    try {
      await stage.passes(1);
      stage.slowDown({ read: 0, change: CHANGE_MS });
      await startBulk(stage);
      const room = stage.estate.world.rooms.get(stage.estate.rooms[0] ?? ('!' as RoomId));
      const before = room?.members.size ?? 0;
      const begin = performance.now();
      await until(() => (room?.members.size ?? 0) >= before + 20, begin);
      const { joins, kicks } = await comeAndGo(stage);
      const made = (room?.members.size ?? 0) - before;
      const rate = made / ((performance.now() - begin) / 1000);
      bench.say(`the bulk went on meanwhile: ${rate.toFixed(1)} joins a second, ${BULK - made} to come`);
      if (made >= BULK) throw new Error('the bulk was over before anything was measured');
      const figure = { chapter: 'fairness', unit: 'ms', target: { atMost: MOST_MS } } as const;
      const own = `the worst of ${PEOPLE}, without the ${CHANGE_MS} ms of the call itself; ${BULK} joins under way`;
      return [
        {
          ...{ ...figure, name: 'from the PATCH to the join', value: Math.max(...joins) - CHANGE_MS },
          detail: `${own}; median ${Math.round(median(joins) - CHANGE_MS)}`,
        },
        {
          ...{ ...figure, name: 'from the PATCH to the kick', value: Math.max(...kicks) - CHANGE_MS },
          detail: `${own}; median ${Math.round(median(kicks) - CHANGE_MS)}`,
        },
      ];
    } finally {
      await stage.close();
    }
  },
};

/** Who is in neither of the rooms that are looked at. */
function strangersTo({ estate }: Stage, groups: readonly number[]): readonly number[] {
  return estate.people
    .map((_, index) => index)
    .filter((index) =>
      groups.every((group) => {
        const room = estate.world.rooms.get(estate.rooms[group] ?? ('!' as RoomId));
        return room !== undefined && !room.members.has(estate.accountOf(index));
      }),
    );
}

/** Ten thousand come into the group of the first room. */
async function startBulk(stage: Stage): Promise<void> {
  const { estate, client } = stage;
  const members = strangersTo(stage, [0])
    .slice(0, BULK)
    .map((index) => ({ value: estate.people[index] ?? '' }));
  if (members.length < BULK) throw new Error(`only ${members.length} people for the bulk`);
  const body = { schemas: [PATCH_OP], Operations: [{ op: 'add', path: 'members', value: members }] };
  await client.send({ method: 'PATCH', path: `/Groups/${estate.groups[0]}`, body });
}

async function comeAndGo(stage: Stage) {
  const { estate, client } = stage;
  const place = 7;
  const room = estate.world.rooms.get(estate.rooms[place] ?? ('!' as RoomId));
  const group = estate.groups[place] ?? '';
  const joins: number[] = [];
  const kicks: number[] = [];
  for (const index of strangersTo(stage, [place, 0]).slice(-PEOPLE)) {
    const account = estate.accountOf(index);
    const user = estate.people[index] ?? '';
    const isIn = (): boolean => room?.members.get(account)?.membership === 'join';
    const came = performance.now();
    await client.send(addMember(group, user));
    joins.push(await until(isIn, came));
    const went = performance.now();
    await client.send(removeMember(group, user));
    kicks.push(await until(() => !isIn(), went));
  }
  return { joins, kicks };
}
