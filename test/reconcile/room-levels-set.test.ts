import { describe, expect, it } from 'vitest';
import { HomeserverError } from '../../src/matrix/error.ts';
import type { UserId } from '../../src/matrix/ids.ts';
import type { LevelsPlan } from '../../src/plan/levels.ts';
import { actingStage, failed, levelsPlan, planned } from '../support/room-acting.ts';
import { ANN, at, BOB, BOT, OWNER } from '../support/room-stage.ts';

const [CYD, DEE] = [at('cyd'), at('dee')];
const DONE = { problems: [], isDone: true };
const NONE_LOWERED = { percent: 0, count: 0 };

/** All are in the room and have a level that we gave. */
async function leveled(users: Readonly<Record<string, number>>, limit?: Parameters<typeof actingStage>[0]) {
  const stage = await actingStage(limit);
  await stage.user('anybody');
  for (const account of Object.keys(users)) stage.member(account.slice(1, account.indexOf(':')));
  stage.setLevels({ [OWNER]: 100, [BOT]: 100, ...users });
  const given = Object.entries(users).map(([account, level]) => [account as UserId, [level]] as const);
  await stage.store.rooms.saveLevels(stage.room, new Map(given));
  return {
    ...stage,
    given: async () => Object.fromEntries(await stage.store.rooms.levels(stage.room)),
    set: (levels: Partial<LevelsPlan>, rest: Parameters<typeof planned>[0] = {}, faults = {}) =>
      stage.look(planned({ levels: levelsPlan(levels), ...rest }), faults),
    heldLevels: async () =>
      (await stage.store.guard.heldOfRoom(stage.room)).map(({ kind, account }) => [kind, account]),
  };
}

describe('the levels of a room', () => {
  it('are set by one write, and what was given is written down', async () => {
    const { set, levels, given, changes, room } = await leveled({ [ANN]: 50, [BOB]: 50, [CYD]: 10 });
    const raised = new Map([[CYD, 20]]);
    const lowered = new Map([
      [ANN, 40],
      [BOB, undefined],
    ]);
    expect(await set({ raised, lowered })).toEqual(DONE);
    expect(await levels()).toEqual({ [OWNER]: 100, [BOT]: 100, [ANN]: 40, [CYD]: 20 });
    expect(await given()).toEqual({ [ANN]: [40], [CYD]: [20] });
    const all = new Map([...raised, ...lowered]);
    expect(changes).toEqual([{ kind: 'set-levels', roomId: room, levels: all, lowers: true }]);
  });

  it('are said to lower nobody if they do not, and the journal has why', async () => {
    const { set, changes, journal, room } = await leveled({ [ANN]: 10 });
    await set({ raised: new Map([[ANN, 20]]) });
    expect(changes).toMatchObject([{ lowers: false }]);
    expect(await journal()).toMatchObject([
      {
        ...{ action: 'set-levels', outcome: 'done', account: ANN, roomId: room, userId: undefined },
        ...{ detail: 'give @ann:x the power level 20', cause: 'the power levels of #room:x' },
      },
    ]);
  });

  it('are nobody’s business when there is nothing to set; what was found is written down', async () => {
    const { set, given, changes } = await leveled({ [ANN]: 10 });
    const records = new Map([
      [ANN, []],
      [BOB, [50]],
    ]);
    expect(await set({ records }, {}, { setPowerLevels: failed })).toEqual(DONE);
    expect([await given(), changes]).toEqual([{ [BOB]: [50] }, []]);
  });

  it('may be either until the homeserver has said that they are set', async () => {
    const { set, given, room, levels } = await leveled({ [ANN]: 50, [BOB]: 50, [CYD]: 10 });
    const change = {
      raised: new Map([
        [CYD, 20],
        [DEE, 30],
      ]),
      lowered: new Map([
        [ANN, 40],
        [BOB, undefined],
      ]),
      beyond: new Map([[OWNER, 'is not told of now']]),
    };
    expect(await set(change, {}, { setPowerLevels: failed })).toEqual({
      problems: [
        {
          target: room,
          message: `set power levels in ${room}: @cyd:x 20, @dee:x 30, @ann:x 40, @bob:x as everybody: did not answer in time`,
        },
      ],
      isDone: true,
    });
    expect(await levels()).toMatchObject({ [ANN]: 50, [CYD]: 10 });
    expect(await given()).toEqual({ [ANN]: [50, 40], [BOB]: [50], [CYD]: [10, 20], [DEE]: [30] });
    await set(change, {}, { setPowerLevels: failed });
    expect(await given()).toEqual({ [ANN]: [50, 40], [BOB]: [50], [CYD]: [10, 20], [DEE]: [30] });
  });

  it('that can’t be set are problems of the room', async () => {
    const { set, room } = await leveled({});
    const beyond = new Map([
      [ANN, 'has the level 100'],
      [BOB, 'created the room'],
    ]);
    const about = (who: string, why: string) => ({
      target: room,
      message: `The power level of ${who} in #room:x can't be set: she ${why}.`,
    });
    expect(await set({ beyond }, { problems: [about('x', 'y')] })).toEqual({
      problems: [about('x', 'y'), about(ANN, 'has the level 100'), about(BOB, 'created the room')],
      isDone: true,
    });
  });

  it('are looked at again when the homeserver did not answer at all', async () => {
    const { set } = await leveled({ [ANN]: 10 });
    const setPowerLevels = () => Promise.reject(new HomeserverError('unavailable', 'no connection'));
    await expect(set({ raised: new Map([[ANN, 20]]) }, {}, { setPowerLevels })).rejects.toThrow(
      'no connection',
    );
  });
});

describe('a level that is lowered', () => {
  it('above the limit stays, while others are raised', async () => {
    const { set, levels, given, heldLevels, changes } = await leveled({ [ANN]: 50, [BOB]: 10 }, NONE_LOWERED);
    const change = { raised: new Map([[BOB, 20]]), lowered: new Map([[ANN, 40]]) };
    expect(await set(change)).toEqual(DONE);
    expect(await levels()).toMatchObject({ [ANN]: 50, [BOB]: 20 });
    expect(await given()).toEqual({ [ANN]: [50], [BOB]: [20] });
    expect(await heldLevels()).toEqual([['lower', ANN]]);
    expect(changes).toMatchObject([{ lowers: false }]);
  });

  it('takes nothing from who is not in the room, and asks nobody', async () => {
    const { set, levels, heldLevels } = await leveled({ [ANN]: 50 }, NONE_LOWERED);
    await set({ lowered: new Map([[ANN, undefined]]) }, { absent: new Set([ANN]) });
    expect(await levels()).toEqual({ [OWNER]: 100, [BOT]: 100 });
    expect(await heldLevels()).toEqual([]);
  });

  it('is spoken of no more once it is, but what was not approved is still held', async () => {
    const { set, levels, heldLevels, store } = await leveled({ [ANN]: 50, [BOB]: 50 }, NONE_LOWERED);
    const lowered = new Map([
      [ANN, 40],
      [BOB, 40],
    ]);
    await set({ lowered });
    const ofAnn = (await store.guard.held()).filter(({ account }) => account === ANN);
    await store.guard.hold(ofAnn.map((row) => ({ ...row, verdict: 'approved' })));
    await set({ lowered }, {}, { setPowerLevels: failed });
    expect(await heldLevels()).toHaveLength(2);
    await set({ lowered });
    expect(await heldLevels()).toEqual([['lower', BOB]]);
    expect(await levels()).toMatchObject({ [ANN]: 40, [BOB]: 50 });
  });

  it('and is held is forgotten when it is not wanted any more, but not of who is still in the room', async () => {
    const { set, heldLevels, store, room } = await leveled({ [ANN]: 50, [BOB]: 50 }, NONE_LOWERED);
    const stray = { kind: 'kick', account: CYD, roomId: room, userId: undefined } as const;
    await store.guard.hold([
      {
        ...{ ...stray, detail: 'remove', cause: undefined, scope: `exclusive:${room}` },
        ...{ since: 0, verdict: undefined },
      },
    ]);
    const lowered = new Map([
      [ANN, 40],
      [BOB, 40],
    ]);
    await set({ lowered }, { strays: undefined });
    await set({}, { strays: undefined, staying: new Set([BOB]) });
    expect(new Set(await heldLevels())).toEqual(
      new Set([
        ['kick', CYD],
        ['lower', BOB],
      ]),
    );
  });
});
