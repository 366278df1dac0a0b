import { describe, expect, it, onTestFinished } from 'vitest';
import type { ResourceId } from '../../src/directory/resource.ts';
import { HomeserverError } from '../../src/matrix/error.ts';
import type { Homeserver } from '../../src/matrix/homeserver.ts';
import type { RoomId, UserId } from '../../src/matrix/ids.ts';
import { createWordTeller, NO_SERVER_NOTICES } from '../../src/reports/word-teller.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import { startSimulated } from '../support/homeserver/simulated.ts';
import { tempDir } from '../support/temp-dir.ts';

const NOW = Date.UTC(2026, 10, 22);
const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];
const [ENG, OPS] = ['!eng', '!ops'] as [RoomId, RoomId];

/** A teller on a simulated homeserver, where time passes when a test says so. */
async function desk({ hasServerNotices = true } = {}) {
  const { homeserver, world } = await startSimulated({ via: 'port', hasServerNotices });
  const folder = tempDir();
  let store = openStore(folder);
  onTestFinished(() => store.close());
  const state = {
    at: NOW,
    isOpen: true,
    latencyMs: 0,
    faults: {} as Partial<Homeserver>,
    troubles: [] as (string | undefined)[],
  };
  const start = () =>
    createWordTeller({
      ...{ store, now: () => state.at, random: () => 0, isOpen: () => state.isOpen },
      homeserver: {
        hasServerNotices: () => (state.faults.hasServerNotices ?? homeserver.hasServerNotices)(),
        async sendServerNotice(user, text) {
          state.at += state.latencyMs;
          await (state.faults.sendServerNotice ?? homeserver.sendServerNotice)(user, text);
        },
      },
      onTrouble: (trouble) => state.troubles.push(trouble),
    });
  let teller = start();
  return {
    ...{ state, world },
    person: (name: string): UserId => world.register(name),
    /** She was taken out of a room just now. */
    removed: (account: UserId, text = 'Farewell', roomId = ENG) =>
      store.words.add({
        ...{ account, roomId, userId: 'id' as ResourceId, kind: 'removed', text, at: state.at },
      }),
    async pass(ms: number, step = SECOND) {
      for (let passed = 0; passed < ms; passed += step) {
        state.at += step;
        await teller.tell();
      }
    },
    tell: () => teller.tell(),
    async restart() {
      await store.close();
      store = openStore(folder);
      teller = start();
    },
    /** What the homeserver said to her. */
    heard: (account: UserId): readonly unknown[] =>
      [...world.rooms.memberships(account).keys()].flatMap((roomId) =>
        (world.rooms.get(roomId)?.messages ?? []).map(({ content }) => content.body),
      ),
    written: async () =>
      (await store.journal.find({ action: 'tell', limit: 99 }))
        .toReversed()
        .map(({ account, roomId, outcome, detail }) => [account, roomId, outcome, detail]),
  };
}

const failing =
  (kind: ConstructorParameters<typeof HomeserverError>[0], retryAfterMs?: number) => (): Promise<never> =>
    Promise.reject(new HomeserverError(kind, 'it failed', { retryAfterMs }));

describe('words', () => {
  it('are said some seconds after what happened, in one message for one person, and are in the journal', async () => {
    const { person, removed, pass, heard, written } = await desk();
    const [ann, bob] = [person('ann'), person('bob')];
    await removed(ann, 'Bye, engineer');
    await removed(ann, 'Bye, operator', OPS);
    await removed(bob, 'Bye, engineer');
    await pass(4 * SECOND);
    expect(heard(ann)).toEqual([]);
    await pass(5 * SECOND);
    expect(heard(ann)).toEqual(['Bye, engineer\n\nBye, operator']);
    expect(heard(bob)).toEqual(['Bye, engineer']);
    await pass(HOUR, MINUTE);
    expect(heard(ann)).toHaveLength(1);
    expect(await written()).toEqual([
      [ann, ENG, 'done', `tell ${ann} of having been removed`],
      [ann, OPS, 'done', `tell ${ann} of having been removed`],
      [bob, ENG, 'done', `tell ${bob} of having been removed`],
    ]);
  });

  it('that are the same for several rooms are said once', async () => {
    const { person, removed, pass, heard } = await desk();
    const ann = person('ann');
    await removed(ann);
    await removed(ann, 'Farewell', OPS);
    await pass(10 * SECOND);
    expect(heard(ann)).toEqual(['Farewell']);
  });

  it('are said to one person a second, and to fewer if the homeserver is slow', async () => {
    const { state, person, removed, pass, heard } = await desk();
    const people = Array.from({ length: 100 }, (_, index) => person(`p${index}`));
    for (const each of people) await removed(each);
    const told = () => people.filter((each) => heard(each).length > 0).length;
    await pass(15 * SECOND, 100);
    expect(told()).toBeGreaterThan(7);
    expect(told()).toBeLessThanOrEqual(11);
    const before = told();
    state.latencyMs = 2 * SECOND;
    const since = state.at;
    while (state.at < since + 100 * SECOND) await pass(SECOND);
    expect(told() - before).toBeLessThanOrEqual(13);
    expect(told() - before).toBeGreaterThan(7);
  });

  it('wait while the homeserver does not answer, and for a day at most', async () => {
    const { state, person, removed, pass, heard } = await desk();
    const [ann, bob] = [person('ann'), person('bob')];
    state.isOpen = false;
    await removed(ann);
    await pass(2 * HOUR, MINUTE);
    await removed(bob);
    await pass(23 * HOUR, MINUTE);
    expect([heard(ann), heard(bob)]).toEqual([[], []]);
    state.isOpen = true;
    await pass(MINUTE);
    expect([heard(ann), heard(bob)]).toEqual([[], ['Farewell']]);
  });

  it('are not said again when the answer was lost, nor after a crash in between', async () => {
    const { state, world, person, removed, pass, heard, restart, written, tell } = await desk();
    const [ann, bob] = [person('ann'), person('bob')];
    await removed(ann);
    state.faults.sendServerNotice = async (user, body) => {
      world.serverNotices.send(user, { msgtype: 'm.text', body });
      throw new HomeserverError('unavailable', 'no answer');
    };
    await pass(10 * SECOND);
    expect(await written()).toEqual([[ann, ENG, 'failed', expect.stringContaining('not said again')]]);
    state.faults = {};
    await pass(HOUR, MINUTE);
    expect(heard(ann)).toEqual(['Farewell']);

    await removed(bob);
    state.at += MINUTE;
    state.faults.sendServerNotice = async (user, body) => {
      world.serverNotices.send(user, { msgtype: 'm.text', body });
      throw new Error('killed');
    };
    await expect(tell()).rejects.toThrow('killed');
    await restart();
    state.faults = {};
    await pass(HOUR, MINUTE);
    expect(heard(bob)).toEqual(['Farewell']);
  });

  it('are said later when they were put off, and not before it is time', async () => {
    const { state, person, removed, pass, heard } = await desk();
    const ann = person('ann');
    await removed(ann);
    state.faults.sendServerNotice = failing('throttled', 5 * MINUTE);
    await pass(10 * SECOND);
    state.faults = {};
    await pass(4 * MINUTE);
    expect(heard(ann)).toEqual([]);
    await pass(2 * MINUTE);
    expect(heard(ann)).toEqual(['Farewell']);
  });

  it('that are refused for one person stop nobody else', async () => {
    const { state, person, removed, pass, heard, written } = await desk();
    const nobody = '@nobody:usher.test' as UserId;
    await removed(nobody);
    state.at += 1;
    const ann = person('ann');
    await removed(ann);
    await pass(MINUTE);
    expect(heard(ann)).toEqual(['Farewell']);
    expect((await written()).map(([account, , outcome]) => [account, outcome])).toEqual([
      [nobody, 'failed'],
      [ann, 'done'],
    ]);
  });

  it('wait when it could not be asked whether they can be said', async () => {
    const { state, person, removed, pass, heard, written } = await desk();
    const ann = person('ann');
    await removed(ann);
    state.faults.hasServerNotices = failing('failed');
    await pass(MINUTE);
    state.faults = {};
    await pass(10 * MINUTE);
    expect(heard(ann)).toEqual(['Farewell']);
    expect((await written()).map(([, , outcome]) => outcome)).toEqual(['done']);
  });
});

describe('words on a homeserver without server notices', () => {
  it('are dropped, which is told and written down once', async () => {
    const { state, person, removed, pass, heard, written, restart } = await desk({ hasServerNotices: false });
    const people = Array.from({ length: 20 }, (_, index) => person(`p${index}`));
    for (const each of people) await removed(each);
    await pass(HOUR, MINUTE);
    for (const each of people) await removed(each);
    await pass(HOUR, MINUTE);
    await restart();
    await removed(person('ann'));
    await pass(MINUTE);
    expect(people.flatMap(heard)).toEqual([]);
    expect(await written()).toEqual([[undefined, undefined, 'failed', NO_SERVER_NOTICES]]);
    expect(state.troubles).toEqual([NO_SERVER_NOTICES, NO_SERVER_NOTICES]);
  });

  it('are said again once it has them: what happens from then on', async () => {
    const { state, world, person, removed, pass, heard } = await desk({ hasServerNotices: false });
    const [ann, bob, cem] = [person('ann'), person('bob'), person('cem')];
    await removed(ann);
    await removed(cem);
    await pass(MINUTE);
    world.serverNotices.isEnabled = true;
    await pass(11 * MINUTE);
    await removed(bob);
    await pass(MINUTE);
    expect([heard(ann), heard(cem), heard(bob)]).toEqual([[], [], ['Farewell']]);
    expect(state.troubles).toEqual([NO_SERVER_NOTICES, undefined]);
  });
});
