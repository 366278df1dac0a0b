import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LoopStatus } from '../../src/reconcile/loop.ts';
import { print } from '../support/crash/tally.ts';
import { startSimulated } from '../support/homeserver/simulated.ts';
import { type Env, startUsher, type UsherUnderTest } from '../support/usher.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;
const WAIT = { timeout: 30_000, interval: 50 };
const NAMES = Array.from({ length: 20 }, (_, index) => `p${String(index).padStart(2, '0')}`);

/** A clock that goes on, and jumps when it is told to. */
let offset = 0;
let jumps = 0;
const real = Date.now;
const jump = (by: number): void => {
  offset += by;
  jumps += 1;
};
beforeEach(() => {
  offset = 0;
  vi.spyOn(Date, 'now').mockImplementation(() => real() + offset);
});
afterEach(() => {
  vi.restoreAllMocks();
});
afterAll(() => print(`clock: ${jumps} jumps`));

/** Twenty people in a room by one group, with the limit of a quarter an hour. */
async function company(env: Env = {}) {
  const simulated = await startSimulated({ via: 'http', now: real });
  const owner = await simulated.person('owner');
  const room = await owner.createRoom();
  const map = { 'ext-eng': room };
  const first = await startUsher(simulated, map, { env });
  const folder = join(first.dataDir, '..');
  const ids: string[] = [];
  for (const userName of NAMES) ids.push(await first.provider.createUser({ userName }));
  const group = await first.provider.createGroup('Engineering', 'ext-eng', ids);
  const count = async (): Promise<number> => {
    const members = (await simulated.homeserver.joinedMembers(room)) ?? new Set();
    return [...members].filter((member) => member !== simulated.bot && member !== owner.userId).length;
  };
  await vi.waitFor(async () => expect(await count()).toBe(NAMES.length), WAIT);
  return {
    ...{ simulated, first, group, ids, count },
    file: join(first.dataDir, 'usher.db'),
    again: () => startUsher(simulated, map, { env, folder }),
    leave: (usher: UsherUnderTest, from: number, to: number) =>
      usher.provider.removeMembers(group, ...ids.slice(from, to)),
  };
}

/** Time goes by until the next pass is due, and something wakes Usher. */
async function passAgain(
  { service, provider }: UsherUnderTest,
  before: LoopStatus['lastPass'],
): Promise<void> {
  offset += 11_000;
  await provider.createUser({ userName: `waker-${jumps}-${offset}` });
  await vi.waitFor(() => {
    expect(service.loop.status().lastPass).toBeDefined();
    expect(service.loop.status().lastPass).not.toBe(before);
  }, WAIT);
}

const JUMPS: readonly (readonly [string, number])[] = [
  ['back by an hour', -HOUR],
  ['back by a year', -YEAR],
  ['forward by a day', DAY],
];

describe('a clock that jumps', () => {
  it.each(JUMPS)('%s while Usher runs lets work and passes go on', async (_, by) => {
    const {
      first: usher,
      count,
      leave,
      simulated,
    } = await company({ RESYNC_INTERVAL: '10s', PROVISION: 'mapped' });
    const before = usher.service.loop.status().lastPass;

    jump(by);
    await leave(usher, 0, 1);

    await vi.waitFor(async () => expect(await count()).toBe(19), WAIT);
    await passAgain(usher, before);
    await simulated.stop();
    await leave(usher, 1, 2);
    await vi.waitFor(() => expect(usher.service.loop.status().pause).toBeDefined(), WAIT);
    jump(by);
    await simulated.start();
    await vi.waitFor(async () => expect(await count()).toBe(18), WAIT);
    await usher.close();
  });

  it.each(JUMPS)('%s between two runs lets work and passes go on', async (_, by) => {
    const stage = await company({ RESYNC_INTERVAL: '10s', PROVISION: 'mapped' });
    await stage.simulated.stop();
    await stage.leave(stage.first, 0, 2);
    await stage.first.close();
    await stage.simulated.start();

    jump(by);
    const usher = await stage.again();

    await vi.waitFor(async () => expect(await stage.count()).toBe(18), WAIT);
    await stage.leave(usher, 2, 3);
    await vi.waitFor(async () => expect(await stage.count()).toBe(17), WAIT);
    await passAgain(usher, usher.service.loop.status().lastPass);
    await usher.close();
  });

  it.each([
    ['an hour, while Usher runs', -HOUR, false],
    ['a year, while Usher runs', -YEAR, false],
    ['an hour, between two runs', -HOUR, true],
    ['a year, between two runs', -YEAR, true],
  ])(
    'back by %s lets the guard neither forget what was taken nor hold for longer than an hour',
    async (_, by, restarts) => {
      const stage = await company();
      await stage.leave(stage.first, 0, 5);
      await vi.waitFor(async () => expect(await stage.count()).toBe(15), WAIT);
      if (restarts) await stage.first.close();
      jump(by);
      const usher = restarts ? await stage.again() : stage.first;
      await usher.settle();

      await stage.leave(usher, 5, 7);
      await usher.settle();
      expect(await stage.count()).toBe(15);

      // As time goes by: Usher looks at its clock meanwhile.
      for (let minute = 0; minute <= 60; minute += 1) {
        offset += 60_000;
        usher.service.loop.requestReview();
        await usher.settle();
      }
      await usher.resync();
      await vi.waitFor(async () => expect(await stage.count()).toBe(13), WAIT);
      await usher.close();
    },
  );

  it('never lets lastModified go backwards', async () => {
    const { first: usher, ids, group } = await company();
    const [ann = ''] = ids;
    const times = async (): Promise<readonly string[]> =>
      Promise.all(
        [usher.provider.readUser(ann), usher.provider.readGroup(group)].map(async (read) =>
          JSON.stringify((await read).meta).replace(/.*"lastModified":"([^"]+)".*/, '$1'),
        ),
      );
    let before = await times();
    for (const by of [-HOUR, -YEAR, DAY, -DAY, YEAR, -HOUR]) {
      jump(by);
      await usher.provider.putUser(ann, { userName: 'p00', displayName: `after ${by}` });
      await usher.provider.patchGroup(group, { op: 'replace', path: 'displayName', value: `after ${by}` });
      const after = await times();
      for (const [index, time] of after.entries()) {
        expect(Date.parse(time)).toBeGreaterThan(Date.parse(before[index] ?? ''));
      }
      before = after;
    }
    await usher.close();
  });

  it('does not empty the journal, where the clock is wrong for the first minutes after a start', async () => {
    const stage = await company();
    await stage.first.resync();
    const entries = (): unknown => {
      const db = new Database(stage.file, { readonly: true });
      const found = db.prepare("SELECT count(*) FROM journal WHERE action = 'join'").pluck().get();
      db.close();
      return found;
    };
    expect(entries()).toBe(NAMES.length);
    await stage.first.close();
    for (const by of [20 * YEAR, -20 * YEAR, DAY, -YEAR]) {
      jump(by);
      const usher = await stage.again();
      await usher.settle();
      expect(usher.service.loop.status().lastPass).toBeDefined();
      await usher.close();
      expect(entries()).toBe(NAMES.length);
    }
  });
});
