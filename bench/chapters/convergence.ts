import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { userId } from '../../src/matrix/ids.ts';
import { PATCH_OP } from '../../src/scim/urns.ts';
import type { HomeserverUnderTest } from '../../test/support/homeserver/harness.ts';
import { startSynapse } from '../../test/support/homeserver/synapse.ts';
import { createClient } from '../client.ts';
import { median } from '../compare.ts';
import type { Chapter } from '../figures.ts';
import { createMapFile } from '../map-file.ts';
import { table } from '../report.ts';
import { startUsher } from '../usher-process.ts';

const PEOPLE = 100;
const ROOMS = 3;
const ALL = PEOPLE * ROOMS;
const AT_ONCE = [1, 2, 4, 8];
/** Each with rooms of its own. */
const ROUNDS = 3;
const MOST_RATIO = 1.1;

type Change = (homeserver: HomeserverUnderTest, room: string, user: string) => Promise<unknown>;
/** Seconds. */
type Times = { readonly joins: number; readonly kicks: number };

const joinRoom: Change = (homeserver, room, user_id) =>
  homeserver.request('POST', `/_synapse/admin/v1/join/${encodeURIComponent(room)}`, { user_id });
const kick: Change = (homeserver, room, user_id) =>
  homeserver.request('POST', `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/kick`, { user_id });

/** 300 joins and 300 kicks on a real Synapse, against a bare loop of the same calls with the best concurrency. */
export const convergence: Chapter = {
  name: 'convergence',
  async run({ say, folder }) {
    const homeserver = await startSynapse();
    const row = table(say, `${PEOPLE} people and ${ROOMS} rooms on a real Synapse: seconds`, [
      ['who', 24],
      [`${ALL} joins`, 10],
      [`${ALL} kicks`, 10],
    ]);
    const tell = (who: string, { joins, kicks }: Times): void => row([who, joins, kicks]);
    try {
      await homeserver.homeserver.liftRateLimit();
      const names = Array.from({ length: PEOPLE }, (_, index) => `p${index}`);
      const usher = await startWith(homeserver, folder, names);
      try {
        const tried: { readonly atOnce: number; readonly sum: number }[] = [];
        for (const atOnce of AT_ONCE) {
          const times = await byLoop(homeserver, names, atOnce);
          tell(`a loop, ${atOnce} at once`, times);
          tried.push({ atOnce, sum: times.joins + times.kicks });
        }
        const best = tried.reduce((a, b) => (a.sum <= b.sum ? a : b)).atOnce;
        const rounds: { readonly own: Times; readonly loop: Times }[] = [];
        for (let round = 0; round < ROUNDS; round += 1) {
          const own = await usher.comeAndGo(round);
          tell('Usher', own);
          const loop = await byLoop(homeserver, names, best);
          tell(`a loop, ${best} at once`, loop);
          rounds.push({ own, loop });
        }
        const changes = ROUNDS * 2 * ALL;
        const { mutating, reads } = await usher.calls();
        say(`${mutating} changes and ${reads} reads by Usher, for ${changes} changes of ${PEOPLE} people`);
        const figure = { chapter: 'convergence', unit: 'times', target: { atMost: MOST_RATIO } } as const;
        const against = (what: keyof Times) => ({
          value: median(rounds.map(({ own, loop }) => own[what] / loop[what])),
          detail: `${median(rounds.map(({ loop }) => loop[what])).toFixed(1)} s by a loop, ${best} at once`,
        });
        return [
          { ...figure, name: `${ALL} joins`, ...against('joins') },
          { ...figure, name: `${ALL} kicks`, ...against('kicks') },
          {
            ...{ chapter: 'convergence', name: 'calls that change, for one change', unit: 'times' },
            ...{ value: mutating / changes, target: { atMost: 1 }, detail: `${reads} reads beside them` },
          },
          {
            ...{ chapter: 'convergence', name: 'changes made in a further pass', unit: 'calls' },
            ...{ value: await usher.furtherChanges(), target: { atMost: 0 } },
          },
        ];
      } finally {
        await usher.end();
      }
    } finally {
      await homeserver.close();
    }
  },
};

async function makeRooms(homeserver: HomeserverUnderTest): Promise<readonly string[]> {
  const rooms: string[] = [];
  for (let index = 0; index < ROOMS; index += 1) {
    const { body } = await homeserver.request('POST', '/_matrix/client/v3/createRoom', {
      preset: 'private_chat',
    });
    rooms.push(String(body.room_id));
  }
  return rooms;
}

async function byLoop(
  homeserver: HomeserverUnderTest,
  names: readonly string[],
  atOnce: number,
): Promise<Times> {
  const rooms = await makeRooms(homeserver);
  const run = async (change: Change): Promise<number> => {
    const begin = performance.now();
    const rest = rooms.flatMap((room) => names.map((name) => [room, name] as const)).values();
    const work = async (): Promise<void> => {
      for (const [room, name] of rest) await change(homeserver, room, userId(name, homeserver.serverName));
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    return (performance.now() - begin) / 1000;
  };
  return { joins: await run(joinRoom), kicks: await run(kick) };
}

/** An Usher whose people have their accounts already, and a group for each round. */
async function startWith(homeserver: HomeserverUnderTest, folder: string, names: readonly string[]) {
  const map: Record<string, readonly string[]> = {};
  for (let round = 0; round < ROUNDS; round += 1) map[`staff${round}`] = await makeRooms(homeserver);
  const mapFile = createMapFile(folder, map);
  const usher = await startUsher(join(folder, 'data'), {
    MATRIX_URL: homeserver.url,
    MATRIX_SERVER_NAME: homeserver.serverName,
    MATRIX_ADMIN_USER_ID: homeserver.bot,
    MATRIX_ADMIN_TOKEN: homeserver.adminToken,
    GROUP_MAP_FILE: mapFile.path,
    REMOVAL_LIMIT_PERCENT: '100',
  });
  const client = createClient(usher.url, { connections: 1 });
  const post = async (path: string, body: object): Promise<string> =>
    JSON.parse((await client.send({ method: 'POST', path, body })).body.toString()).id;
  const changes = () => usher.metric(/usher_changes_total\{[^}]*outcome="done"\} (\d+)/g);
  const callsBy = (methods: string) =>
    usher.metric(
      new RegExp(`usher_homeserver_call_duration_seconds_count\\{route="(?:${methods}) .*\\} (\\d+)`, 'g'),
    );
  const calls = async () => ({ mutating: await callsBy('POST|PUT'), reads: await callsBy('GET') });
  const until = async (target: number): Promise<void> => {
    while ((await changes()) < target) await wait(50);
  };
  const ids: string[] = [];
  for (const userName of names) ids.push(await post('/Users', { userName, externalId: userName }));
  const groups: string[] = [];
  for (const name of Object.keys(map)) {
    groups.push(await post('/Groups', { displayName: name, externalId: name }));
  }
  await until(PEOPLE);
  const before = await calls();
  const members = ids.map((value) => ({ value }));
  return {
    async comeAndGo(round: number): Promise<Times> {
      const timed = async (op: 'add' | 'remove'): Promise<number> => {
        const target = (await changes()) + ALL;
        const begin = performance.now();
        await client.send({
          method: 'PATCH',
          path: `/Groups/${groups[round]}`,
          body: { schemas: [PATCH_OP], Operations: [{ op, path: 'members', value: members }] },
        });
        await until(target);
        return (performance.now() - begin) / 1000;
      };
      return { joins: await timed('add'), kicks: await timed('remove') };
    },
    /** To the homeserver, since everybody has her account. */
    async calls() {
      const { mutating, reads } = await calls();
      return { mutating: mutating - before.mutating, reads: reads - before.reads };
    },
    /** What a full pass over the whole still finds to change. */
    async furtherChanges(): Promise<number> {
      const known = await changes();
      const passes = () => usher.log().split('full pass done').length;
      const seen = passes();
      mapFile.touch();
      while (passes() === seen) await wait(50);
      await wait(2_000);
      return (await changes()) - known;
    },
    async end() {
      client.close();
      await usher.end();
    },
  };
}
