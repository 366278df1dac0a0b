import { describe, expect, it } from 'vitest';
import { keyOf } from '../../src/plan/guard.ts';
import { GROUPS_SEEN, reasonsToHold } from '../../src/reconcile/judge.ts';
import { decideNow } from '../support/decide.ts';
import { ask, ENG, guardDesk, NOW, OPS, personOf, SIZE, some } from '../support/guard-desk.ts';

const HOUR = 3_600_000;

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

  it('that is closed leaves the others to be judged', async () => {
    const { fill, judge, close } = await guardDesk();
    await fill();
    await close(`room:${ENG}`);
    const { scopes, opened } = await judge.judge([ask(0), ...some(0, 6, { roomId: OPS })]);
    expect(opened.map(({ scope }) => scope)).toEqual([`room:${OPS}`]);
    expect(scopes.size).toBe(7);
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
    await decideNow(store, `exclusive:${ENG}`, verdict);
    const { scopes } = await judge.judge([ask(0, stray)]);
    expect([...scopes.values()]).toEqual(scope === undefined ? [] : [scope]);
  });

  it('are counted as everybody is, once they may go', async () => {
    const { fill, judge, store } = await guardDesk();
    await fill();
    await decideNow(store, `exclusive:${ENG}`, 'approved');
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

describe('what a plan says of what would be held', () => {
  it('is the reason of each hold that it meets, opened or yet to be', async () => {
    const { fill, judge, store, close } = await guardDesk();
    await fill();
    await close(`room:${ENG}`);
    await close('levels:!other');
    const reasons = await reasonsToHold(store, judge, [ask(0), ...some(0, 6, { roomId: OPS })]);
    expect(reasons).toEqual([`room:${ENG} is closed`, expect.stringMatching(/^6 removals from #ops, of 20/)]);
  });

  it('is nothing of what was approved, and the number of what was rejected', async () => {
    const { fill, judge, store, hold } = await guardDesk();
    await fill();
    const [approved, rejected] = [some(0, 6), some(6, 8)];
    await hold('total', approved, 'approved');
    await hold('total', rejected, 'rejected');
    expect(await reasonsToHold(store, judge, approved)).toEqual([]);
    expect(await reasonsToHold(store, judge, [...approved, ...rejected])).toEqual([
      '2 changes were rejected, and are not made',
    ]);
  });
});
