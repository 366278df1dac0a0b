import { join } from 'node:path';
import { type RoomId, userId } from '../../src/matrix/ids.ts';
import type { HeldChange } from '../../src/plan/holds.ts';
import { openStoreBeside } from '../../src/store/sqlite/open-store.ts';
import type { Chapter } from '../figures.ts';
import { type Stage, setStage } from '../stage.ts';
import { issueReader } from '../token.ts';
import { figureOfWaits } from '../waits.ts';

/** With a million memberships. */
const SIZE = { users: 100_000, rooms: 2_000, each: 10 };
const TIMES = 15;

/** How long whoever looks at the console waits for what the API shows. */
export const pages: Chapter = {
  name: 'pages',
  async run(bench) {
    const stage = await setStage(bench, SIZE, { RESYNC_INTERVAL: '7d' });
    try {
      const token = await issueReader(join(bench.folder, 'data'));
      await stage.passes(1);
      await holdEverybody(join(bench.folder, 'data'), stage);
      const waits = new Map<string, readonly number[]>();
      for (const [name, path] of looks(stage)) waits.set(name, await measure(stage, token, path));
      return [figureOfWaits(bench, waits, { chapter: 'pages', name: 'the slowest page of the API' })];
    } finally {
      await stage.close();
    }
  },
};

function looks({ estate }: Stage): readonly (readonly [name: string, path: string])[] {
  const person = estate.people[77] ?? '';
  const room = encodeURIComponent('#room77:example.com');
  return [
    ['status', '/status'],
    ['people', '/people'],
    ['people, 200', '/people?limit=200'],
    ['people who begin like all others', '/people?search=u'],
    ['people by display name', '/people?search=given777'],
    ['people by a beginning that nobody has', '/people?search=zz'],
    ['people who fail', '/people?failing=yes'],
    ['people by Matrix id', '/people?search=%40user0777'],
    ['people who fail, and begin like all others', '/people?search=u&failing=yes'],
    ['a person', `/people/${person}`],
    ['a person and a room', `/people/${person}/rooms/${room}`],
    ['groups', '/groups?limit=200'],
    ['groups by name', '/groups?search=77&mapped=yes'],
    ['a group', `/groups/${estate.groups[77]}`],
    ['rooms', '/rooms?limit=200'],
    ['a room', `/rooms/${room}`],
    ['who is to be in a room', `/rooms/${room}/people`],
    ['who is in a room', `/rooms/${room}/members`],
    ['conflicts', '/conflicts'],
    ['what is held', '/held'],
    ['what is held, 200 with 50 changes each', '/held?limit=200&changes=50'],
    ['the journal', '/journal'],
  ];
}

/** A change for each person in a hold on everything, and ten in a hold of each of many rooms, which is above its limit. */
async function holdEverybody(dataDir: string, { estate }: Stage): Promise<void> {
  const store = openStoreBeside(dataDir);
  const since = Date.now();
  const change = (index: number, roomId: RoomId, scope: string): HeldChange => {
    const account = userId(`user${index}`, 'example.com');
    return {
      ...{ kind: 'kick', account, roomId, userId: estate.people[index], scope },
      ...{ detail: `remove ${account} from ${roomId}`, cause: 'the benchmark', since, verdict: undefined },
    };
  };
  try {
    await store.guard.openHold({ scope: 'restored', reason: 'the benchmark', since });
    for (let from = 0; from < SIZE.users; from += 1000) {
      const numbers = Array.from({ length: 1000 }, (_, index) => from + index);
      await store.guard.hold(
        numbers.map((index) => change(index, `!held${index % SIZE.rooms}:example.com` as RoomId, 'restored')),
      );
    }
    for (let room = 0; room < SIZE.rooms; room += 1) {
      const roomId = `!other${room}:example.com` as RoomId;
      const scope = `room:${roomId}`;
      await store.guard.openHold({ scope, reason: 'the benchmark', since });
      await store.guard.hold(Array.from({ length: 10 }, (_, index) => change(index, roomId, scope)));
    }
  } finally {
    await store.close();
  }
}

async function measure({ usher }: Stage, token: string, path: string): Promise<readonly number[]> {
  const { origin } = new URL(usher.url);
  const times: number[] = [];
  for (let turn = 0; turn < TIMES; turn += 1) {
    const begin = performance.now();
    const answer = await fetch(`${origin}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${text}`);
    times.push(performance.now() - begin);
  }
  return times;
}
