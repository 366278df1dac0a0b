import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { userId } from '../../src/matrix/ids.ts';
import { PATCH_OP } from '../../src/scim/urns.ts';
import type { HomeserverUnderTest } from '../../test/support/homeserver/harness.ts';
import { startSynapse } from '../../test/support/homeserver/synapse.ts';
import { createClient } from '../client.ts';
import type { Chapter } from '../figures.ts';
import { table } from '../report.ts';
import { startUsher } from '../usher-process.ts';

const PEOPLE = 100;
const ROOMS = 3;
const AT_ONCE = [1, 2, 4, 8];
const MOST_RATIO = 1.1;

type Change = (homeserver: HomeserverUnderTest, room: string, user: string) => Promise<unknown>;

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
      [`${PEOPLE * ROOMS} joins`, 10],
      [`${PEOPLE * ROOMS} kicks`, 10],
    ]);
    try {
      await homeserver.homeserver.liftRateLimit();
      const names = Array.from({ length: PEOPLE }, (_, index) => `p${index}`);
      const own = await byUsher(homeserver, folder, names);
      row(['Usher', own.joins, own.kicks]);
      const loops: { readonly joins: number; readonly kicks: number }[] = [];
      for (const atOnce of AT_ONCE) {
        const loop = await byLoop(homeserver, names, atOnce);
        row([`a loop, ${atOnce} at once`, loop.joins, loop.kicks]);
        loops.push(loop);
      }
      const best = {
        joins: Math.min(...loops.map(({ joins }) => joins)),
        kicks: Math.min(...loops.map(({ kicks }) => kicks)),
      };
      const figure = { chapter: 'convergence', unit: 'times', target: { atMost: MOST_RATIO } } as const;
      return [
        {
          ...{ ...figure, name: `${PEOPLE * ROOMS} joins`, value: own.joins / best.joins },
          detail: `${best.joins.toFixed(1)} s by the best loop`,
        },
        {
          ...{ ...figure, name: `${PEOPLE * ROOMS} kicks`, value: own.kicks / best.kicks },
          detail: `${best.kicks.toFixed(1)} s by the best loop`,
        },
        {
          ...{ chapter: 'convergence', name: 'changes made in a further pass', unit: 'calls' },
          ...{ value: own.further, target: { atMost: 0 } },
        },
      ];
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

async function byLoop(homeserver: HomeserverUnderTest, names: readonly string[], atOnce: number) {
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

async function byUsher(homeserver: HomeserverUnderTest, folder: string, names: readonly string[]) {
  const rooms = await makeRooms(homeserver);
  const usher = await startUsher(join(folder, 'data'), {
    MATRIX_URL: homeserver.url,
    MATRIX_SERVER_NAME: homeserver.serverName,
    MATRIX_ADMIN_USER_ID: homeserver.bot,
    MATRIX_ADMIN_TOKEN: homeserver.adminToken,
    IDP_GROUP_TO_ROOM: JSON.stringify({ staff: rooms }),
    REMOVAL_LIMIT_PERCENT: '100',
    RESYNC_INTERVAL: '10s',
  });
  const client = createClient(usher.url, { connections: 1 });
  const post = async (path: string, body: object): Promise<string> =>
    JSON.parse((await client.send({ method: 'POST', path, body })).body.toString()).id;
  const metric = async (name: RegExp): Promise<number> => {
    const text = await (await fetch(new URL('/metrics', usher.url))).text();
    return [...text.matchAll(name)].reduce((sum, [, value]) => sum + Number(value), 0);
  };
  const changes = () => metric(/usher_changes_total\{[^}]*outcome="done"\} (\d+)/g);
  try {
    const ids: string[] = [];
    for (const userName of names) ids.push(await post('/Users', { userName, externalId: userName }));
    const group = await post('/Groups', { displayName: 'staff', externalId: 'staff' });
    await untilChanges(changes, PEOPLE);
    const before = await changes();
    const members = ids.map((value) => ({ value }));
    const patch = (op: 'add' | 'remove') =>
      client.send({
        method: 'PATCH',
        path: `/Groups/${group}`,
        body: { schemas: [PATCH_OP], Operations: [{ op, path: 'members', value: members }] },
      });
    const timed = async (op: 'add' | 'remove', target: number): Promise<number> => {
      const begin = performance.now();
      await patch(op);
      await untilChanges(changes, target);
      return (performance.now() - begin) / 1000;
    };
    const all = PEOPLE * ROOMS;
    const joins = await timed('add', before + all);
    const kicks = await timed('remove', before + 2 * all);
    await wait(12_000);
    return { joins, kicks, further: (await changes()) - before - 2 * all };
  } finally {
    client.close();
    await usher.end();
  }
}

async function untilChanges(changes: () => Promise<number>, target: number): Promise<void> {
  while ((await changes()) < target) await wait(50);
}
