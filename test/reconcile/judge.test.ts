import { describe, expect, it } from 'vitest';
import { keyOf } from '../../src/plan/guard.ts';
import { GROUPS_SEEN } from '../../src/reconcile/judge.ts';
import { ask, ENG, GONE, guardDesk, NOW, OPS, personOf, SIZE, some } from '../support/guard-desk.ts';

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

describe('the narrowest scope', () => {
  it('is looked at first: what is held in a room does not count for all rooms', async () => {
    const { fill, judge } = await guardDesk();
    await fill();
    const [one, all] = [ask(0), some(0, SIZE, { roomId: OPS })];
    const { scopes, opened } = await judge.judge([one, ...all]);
    expect(opened.map(({ scope }) => scope)).toEqual([`room:${OPS}`]);
    expect(scopes.has(keyOf(one))).toBe(false);
    expect(scopes.size).toBe(all.length);
  });

  it('leaves for all rooms what its own room lets go', async () => {
    const { fill, judge } = await guardDesk();
    await fill([ENG, OPS], 16);
    const { scopes, opened } = await judge.judge([...some(0, 4), ...some(0, 4, { roomId: OPS })]);
    expect(opened).toEqual([]);
    expect(scopes.size).toBe(0);
    const third = await guardDesk();
    await third.fill([ENG, OPS], 16);
    third.terms(ENG, { limit: { percent: 50 } });
    third.terms(OPS, { limit: { percent: 50 } });
    const asked = [...some(0, 5), ...some(0, 4, { roomId: OPS })];
    const judged = await third.judge.judge(asked);
    expect(judged.opened).toMatchObject([
      { scope: 'total', reason: /^9 removals from rooms, of 32 memberships/ },
    ]);
    expect([...judged.scopes.values()]).toEqual(asked.map(() => 'total'));
  });

  it('takes those along who wait for the same room, and nobody else', async () => {
    const { fill, judge, state } = await guardDesk();
    await fill();
    state.waiting = some(1, SIZE);
    const { opened, scopes } = await judge.judge([ask(0), ask(0, { roomId: OPS })]);
    expect(opened.map(({ scope }) => scope)).toEqual([`room:${ENG}`]);
    expect([...scopes.keys()]).toEqual([keyOf(ask(0))]);
  });

  it('opens nothing for all rooms when nothing that is asked is left', async () => {
    const { fill, judge, state } = await guardDesk();
    await fill();
    state.waiting = some(0, SIZE, { roomId: OPS });
    const { opened } = await judge.judge(some(0, 6));
    expect(opened.map(({ scope }) => scope)).toEqual([`room:${ENG}`]);
  });

  it('that is closed holds what comes, and is not opened again', async () => {
    const { fill, judge, close } = await guardDesk();
    await fill();
    await close(`room:${ENG}`);
    const { scopes, opened } = await judge.judge([ask(0), ask(0, { roomId: OPS })]);
    expect(opened).toEqual([]);
    expect([...scopes]).toEqual([[keyOf(ask(0)), `room:${ENG}`]]);
  });

  it('is that of Usher as a whole, if there is such a hold', async () => {
    const { fill, judge, close } = await guardDesk();
    await fill();
    for (const scope of [`room:${ENG}`, 'map', 'imported']) await close(scope);
    const asking = [ask(0), ask(0, { roomId: OPS })];
    const { scopes, opened } = await judge.judge(asking);
    expect(opened).toEqual([]);
    expect([...scopes]).toEqual(asking.map((change) => [keyOf(change), 'imported']));
  });
});

describe('a directory that is empty', () => {
  const held = { userId: undefined, detail: '' };
  const cases: readonly [string, number[], number[], number[], number[], boolean][] = [
    ['two who are asked about', [0, 1], [], [], [], true],
    ['one alone', [0], [], [], [], false],
    ['nobody', [], [], [], [], false],
    ['one, and another who was let go within the hour', [0], [1], [], [], true],
    ['one, who was let go before', [0], [0], [], [], false],
    ['one, and another who is held', [0], [], [1], [], true],
    ['one who is held twice', [], [], [0, 0], [], false],
    ['two who are held', [], [], [0, 1], [], true],
    ['one, and another who waits', [0], [], [], [1], true],
  ];
  it.each(cases)('concerns %s', async (_, asked, taken, heldOnes, waits, isIt) => {
    const desk = await guardDesk();
    await desk.fill();
    await desk.empty('users');
    for (const index of taken) await desk.store.guard.take(ask(index), NOW - HOUR + 1);
    await desk.store.guard.take(ask(9), NOW - HOUR - 1);
    await desk.hold(
      'empty',
      heldOnes.map((index, turn) => ask(index, { ...held, roomId: turn ? OPS : ENG })),
    );
    desk.state.waiting = waits.map((index) => ask(index));
    await desk.pending.refresh();
    expect(await desk.judge.isDirectoryEmpty(asked.map((index) => ask(index)))).toBe(isIt);
  });

  it('is one without a group only if there was a group once', async () => {
    const { fill, empty, judge, store } = await guardDesk();
    await fill();
    const asking = some(0, 2);
    expect(await judge.isDirectoryEmpty(asking)).toBe(false);
    await empty('groups');
    expect(await judge.isDirectoryEmpty(asking)).toBe(false);
    await store.facts.set(GROUPS_SEEN, true);
    expect(await judge.isDirectoryEmpty(asking)).toBe(true);
  });

  it('holds all that is asked, and says so', async () => {
    const { fill, empty, judge } = await guardDesk();
    await fill();
    await empty('users');
    const asking = some(0, 2);
    const { scopes, opened } = await judge.judge(asking);
    expect([...scopes]).toEqual(asking.map((change) => [keyOf(change), 'empty']));
    expect(opened).toMatchObject([
      { scope: 'empty', reason: /^the directory has no group or no active user left/ },
    ]);
  });
});

describe('strangers in a room that is exclusive', () => {
  const stray = { isStray: true } as const;

  it('are asked about once, however few they are', async () => {
    const { fill, judge } = await guardDesk();
    await fill();
    const asking = some(0, 2, stray);
    const { scopes, opened } = await judge.judge([...asking, ask(3)]);
    expect(opened).toEqual([
      {
        scope: `exclusive:${ENG}`,
        reason: '#eng is exclusive now, and people are in it whom no group lets in',
      },
    ]);
    expect([...scopes]).toEqual(asking.map((change) => [keyOf(change), `exclusive:${ENG}`]));
  });

  it('are held with those who are held already', async () => {
    const { fill, judge, close } = await guardDesk();
    await fill();
    await close(`exclusive:${ENG}`);
    const { scopes, opened } = await judge.judge([ask(0, stray)]);
    expect(opened).toEqual([]);
    expect([...scopes.values()]).toEqual([`exclusive:${ENG}`]);
  });

  it.each([
    ['approved', undefined],
    ['rejected', `exclusive:${ENG}`],
  ] as const)('are, once somebody %s it, in %s', async (verdict, scope) => {
    const { fill, judge, store } = await guardDesk();
    await fill();
    await store.guard.decide(`exclusive:${ENG}`, [], verdict);
    const { scopes } = await judge.judge([ask(0, stray)]);
    expect([...scopes.values()]).toEqual(scope === undefined ? [] : [scope]);
  });

  it('are counted as everybody is, once they may go', async () => {
    const { fill, judge, store } = await guardDesk();
    await fill();
    await store.guard.decide(`exclusive:${ENG}`, [], 'approved');
    const { opened } = await judge.judge(some(0, 6, stray));
    expect(opened.map(({ scope }) => scope)).toEqual([`room:${ENG}`]);
  });
});

it('a scope is above its limit by what is held in it and what waits', async () => {
  const { fill, judge, hold, state, close, store } = await guardDesk();
  await fill();
  await hold(`room:${ENG}`, some(0, 5));
  expect(await judge.isAbove(`room:${ENG}`)).toBe(false);
  await hold(`room:${ENG}`, [ask(5)]);
  expect(await judge.isAbove(`room:${ENG}`)).toBe(true);
  expect(await judge.isAbove(`room:${OPS}`)).toBe(false);
  state.waiting = some(0, 11, { roomId: OPS });
  expect(await judge.isAbove('total')).toBe(false); // nobody was marked since
  await store.work.mark([personOf(0)], 'removal', NOW);
  expect([await judge.isAbove('total'), await judge.isAbove(`room:${OPS}`)]).toEqual([true, true]);
  await close(`room:${OPS}`);
  expect(await judge.isAbove('total')).toBe(false);
});
