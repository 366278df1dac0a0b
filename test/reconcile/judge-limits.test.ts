import { describe, expect, it } from 'vitest';
import { ask, ENG, GONE, guardDesk, NOW, OPS, SIZE, some } from '../support/guard-desk.ts';

const HOUR = 3_600_000;

describe('a limit', () => {
  it.each([
    [5, undefined],
    [6, `room:${ENG}`],
  ])('of a quarter of a room of 20 makes of %i removals %s', async (count, scope) => {
    const { fill, judge } = await guardDesk();
    await fill([ENG, OPS, GONE]);
    const asking = some(0, count);
    const { scopes, opened } = await judge.judge(asking);
    expect([...scopes.values()]).toEqual(scope === undefined ? [] : asking.map(() => scope));
    expect(opened.map((hold) => hold.scope)).toEqual(scope === undefined ? [] : [scope]);
  });

  it('says why, with the numbers and the name of the room', async () => {
    const { fill, judge } = await guardDesk();
    await fill([ENG, OPS, GONE]);
    const { opened } = await judge.judge(some(0, 6));
    expect(opened).toEqual([
      {
        scope: `room:${ENG}`,
        reason: '6 removals from #eng, of 20 members; without approval 5 an hour (25 %, at least 2)',
      },
    ]);
  });

  it('counts those whose turn has not come, once', async () => {
    const { fill, judge, state } = await guardDesk();
    await fill([ENG, OPS, GONE]);
    state.waiting = some(0, 5);
    expect((await judge.judge([ask(0)])).opened).toEqual([]);
    expect((await judge.judge([ask(7)])).opened).toMatchObject([{ scope: `room:${ENG}` }]);
  });

  it('counts what is held and what was let through within the hour; the same again only once', async () => {
    const { fill, judge, hold, store } = await guardDesk();
    await fill([ENG, OPS, GONE]);
    await hold(`room:${ENG}`, some(0, 3));
    expect((await judge.judge(some(5, 7))).opened).toEqual([]);
    expect((await judge.judge(some(5, 8))).opened).toMatchObject([
      { reason: /^6 removals from #eng, of 20/ },
    ]);
    for (const change of some(10, 12)) await store.guard.take(change, NOW - HOUR + 1);
    await store.guard.take(ask(12), NOW - HOUR - 1);
    expect((await judge.judge(some(10, 12))).opened).toEqual([]);
    expect((await judge.judge([ask(5)])).opened).toMatchObject([
      { reason: /^4 removals from #eng after 2 in the last hour, of 20/ },
    ]);
  });

  it('is about as many as were there an hour ago, when some are gone by now', async () => {
    const { fill, judge, store } = await guardDesk();
    await fill([ENG, OPS, GONE]);
    for (const change of some(0, 4)) {
      await store.guard.take(change, NOW);
      await store.people.endEntitlement(change.account, ENG);
    }
    expect((await judge.judge([ask(4)])).opened).toEqual([]);
    expect((await judge.judge(some(4, 6))).opened).toMatchObject([
      { reason: /^2 removals from #eng after 4 in the last hour, of 20 members/ },
    ]);
  });

  it('of accounts is a share of those who can use theirs', async () => {
    const { fill, judge } = await guardDesk();
    await fill([ENG, OPS, GONE]);
    const lock = { kind: 'restrict', roomId: undefined } as const;
    expect((await judge.judge(some(0, 5, lock))).opened).toEqual([]);
    expect((await judge.judge(some(0, 6, lock))).opened).toMatchObject([
      { scope: 'accounts', reason: /^6 accounts to be locked or more, of 20;/ },
    ]);
  });

  it('of power levels is a share of those that we gave in the room', async () => {
    const { fill, judge, store } = await guardDesk();
    await fill([ENG, OPS, GONE]);
    const levels = new Map(some(0, 12).map(({ account }) => [account, [50]] as const));
    await store.rooms.saveLevels(ENG, levels);
    expect((await judge.judge(some(0, 3, { kind: 'lower' }))).opened).toEqual([]);
    expect((await judge.judge(some(0, 4, { kind: 'lower' }))).opened).toMatchObject([
      { scope: `levels:${ENG}`, reason: /^4 lowered power levels in #eng, of 12;/ },
    ]);
  });

  it('of a room goes before that of the settings; a hundred percent is none', async () => {
    const { fill, judge, terms } = await guardDesk();
    await fill([ENG, OPS, GONE]);
    terms(ENG, { limit: { percent: 50 } });
    expect((await judge.judge(some(0, 10))).opened).toEqual([]);
    expect((await judge.judge(some(0, 11))).opened).toMatchObject([{ reason: /10 an hour \(50 %/ }]);
    terms(ENG, { limit: { percent: 100 } });
    expect((await judge.judge(some(0, 15))).opened).toEqual([]);
    terms(ENG, { limit: { percent: 0, count: 0 } });
    expect((await judge.judge([ask(0)])).opened).toMatchObject([{ scope: `room:${ENG}` }]);
  });

  it('of a hundred percent in the settings holds nothing at all', async () => {
    const { fill, judge } = await guardDesk({ percent: 100, count: 0 });
    await fill();
    expect((await judge.judge(some(0, SIZE))).opened).toEqual([]);
  });

  it('holds also in a room that the map does not name any more', async () => {
    const { fill, judge } = await guardDesk();
    await fill([ENG, OPS, GONE]);
    const { opened } = await judge.judge(some(0, 6, { roomId: GONE }));
    expect(opened).toMatchObject([{ scope: `room:${GONE}` }]);
  });
});
