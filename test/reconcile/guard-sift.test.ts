import { describe, expect, it } from 'vitest';
import type { RoomId } from '../../src/matrix/ids.ts';
import { keyOf } from '../../src/plan/guard.ts';
import { type About, IDLE_GUARD } from '../../src/reconcile/guard.ts';
import { accountOf, ask, ENG, guardDesk, keys, NOW, OPS, SIZE, some } from '../support/guard-desk.ts';

const HOUR = 3_600_000;
const isDecided = () => true;
const ofPerson = (index: number): About => ({ account: accountOf(index), isDecided });
const ofRoom = (roomId: RoomId, ...kinds: readonly ('kick' | 'lower')[]): About => ({
  ...{ roomId, kinds, isDecided },
});

describe('what is let through', () => {
  it('counts from then on', async () => {
    const { fill, guard, store } = await guardDesk();
    await fill();
    for (let index = 0; index < 5; index += 1) {
      expect(await guard.sift([ask(index)], ofPerson(index))).toEqual(new Set());
    }
    expect(await store.guard.countTaken({ kind: 'kick', roomId: ENG, since: NOW })).toBe(5);
    expect(await guard.sift([ask(5)], ofPerson(5))).toEqual(keys([ask(5)]));
  });

  it('is among what waits no more', async () => {
    const { fill, guard, pending, state } = await guardDesk();
    await fill();
    state.waiting = some(0, 3);
    await guard.sift([ask(0)], ofPerson(0));
    expect([pending.has(ask(0)), pending.has(ask(1))]).toEqual([false, true]);
  });

  it('does not count any more when it was not made', async () => {
    const { fill, guard, store } = await guardDesk();
    await fill();
    await guard.sift([ask(0)], ofPerson(0));
    await guard.giveBack([ask(0)]);
    expect(await store.guard.isTaken(ask(0), NOW - HOUR)).toBe(false);
  });

  it('is over when it is made: no verdict stays behind', async () => {
    const { hold, guard, store } = await guardDesk();
    await hold(`room:${ENG}`, [ask(0)], 'approved');
    expect(await guard.sift([ask(0)], ofPerson(0))).toEqual(new Set());
    await guard.made(ask(0));
    expect(await store.guard.held()).toEqual([]);
  });

  it('is nothing when nothing is wanted', async () => {
    const { guard, scopes } = await guardDesk();
    expect(await guard.sift([], ofPerson(0))).toEqual(new Set());
    expect(await scopes()).toEqual([]);
  });
});

describe('what is held', () => {
  it('is written down as it was asked, in its scope, and told once', async () => {
    const { fill, guard, store, state } = await guardDesk();
    await fill();
    const asking = some(0, 6);
    expect(await guard.sift(asking, ofRoom(ENG, 'kick'))).toEqual(keys(asking));
    expect((await store.guard.held())[0]).toEqual({
      ...{ kind: 'kick', account: accountOf(0), roomId: ENG, userId: asking[0]?.userId },
      ...{ detail: 'kick p0', cause: 'a test', scope: `room:${ENG}`, since: NOW, verdict: undefined },
    });
    expect(await guard.sift([ask(7)], ofPerson(7))).toEqual(keys([ask(7)]));
    expect(state.told).toEqual([`room:${ENG}`]);
    const entries = await store.journal.find({ limit: 10 });
    expect(entries).toMatchObject([{ action: 'hold', outcome: 'found', roomId: ENG, account: undefined }]);
    expect(entries[0]?.detail).toMatch(/^6 removals from #eng/);
  });

  it('stays held while its scope is closed, and is asked about anew when it is not', async () => {
    const { fill, guard, hold, close, heldKeys } = await guardDesk();
    await fill();
    await close(`room:${ENG}`);
    await hold(`room:${ENG}`, [ask(0)]);
    expect(await guard.sift([ask(0)], ofPerson(0))).toEqual(keys([ask(0)]));
    await hold(`room:${OPS}`, [ask(1, { roomId: OPS })]);
    expect(await guard.sift([ask(1, { roomId: OPS })], ofPerson(1))).toEqual(new Set());
    expect(await heldKeys()).toContain(keyOf(ask(0)));
  });

  it('is forgotten when it is not wanted any more, if that is certain; others are not', async () => {
    const { fill, guard, hold, close, heldKeys } = await guardDesk();
    await fill();
    await close(`room:${ENG}`);
    await close(`room:${OPS}`);
    const [eng, ops, other] = [ask(0), ask(0, { roomId: OPS }), ask(1)];
    await hold(`room:${ENG}`, [eng, other]);
    await hold(`room:${OPS}`, [ops]);
    await guard.sift([], { account: accountOf(0), isDecided: ({ roomId }) => roomId === ENG });
    expect(new Set(await heldKeys())).toEqual(keys([ops, other]));
  });

  it.each([
    [undefined, true],
    ['rejected', false],
  ] as const)(
    'has its hold looked at again when it goes without a verdict (%s: %s)',
    async (verdict, isDue) => {
      const { guard, hold, close } = await guardDesk();
      await guard.review(true);
      expect(guard.isReviewDue()).toBe(false);
      await close(`room:${ENG}`);
      await hold(`room:${ENG}`, [ask(0)], verdict);
      await guard.sift([], ofPerson(0));
      expect(guard.isReviewDue()).toBe(isDue);
    },
  );

  it('of a person and of a room are two things', async () => {
    const { guard, hold, heldKeys, close } = await guardDesk();
    for (const scope of [`room:${ENG}`, `levels:${ENG}`, `exclusive:${ENG}`]) await close(scope);
    const hers = ask(0);
    const stray = ask(1, { userId: undefined });
    const strayElsewhere = ask(2, { userId: undefined, roomId: OPS });
    const level = ask(0, { kind: 'lower', userId: undefined });
    await hold(`room:${ENG}`, [hers]);
    await hold(`exclusive:${ENG}`, [stray, strayElsewhere]);
    await hold(`levels:${ENG}`, [level]);
    await guard.sift([hers], ofPerson(0));
    expect(new Set(await heldKeys())).toEqual(keys([hers, stray, strayElsewhere, level]));
    await guard.sift([], ofRoom(ENG, 'kick'));
    expect(new Set(await heldKeys())).toEqual(keys([hers, strayElsewhere, level]));
    await guard.sift([], ofRoom(ENG, 'kick', 'lower'));
    expect(new Set(await heldKeys())).toEqual(keys([hers, strayElsewhere]));
  });
});

describe('a verdict', () => {
  it('is for exactly what was decided', async () => {
    const { fill, guard, hold, close } = await guardDesk();
    await fill();
    await close(`room:${ENG}`);
    await hold(`room:${ENG}`, [ask(0)], 'approved');
    await hold(`room:${ENG}`, [ask(1)], 'rejected');
    expect(await guard.sift([ask(0)], ofPerson(0))).toEqual(new Set());
    expect(await guard.sift([ask(1)], ofPerson(1))).toEqual(keys([ask(1)]));
    expect(await guard.sift([ask(0, { detail: 'in other words' })], ofPerson(0))).toEqual(keys([ask(0)]));
  });

  it('of no holds for as long as it is wanted, also when nothing else is held', async () => {
    const { fill, guard, hold, scopes } = await guardDesk();
    await fill();
    await hold(`room:${ENG}`, [ask(1)], 'rejected');
    expect(await guard.sift([ask(1), ask(1, { roomId: OPS })], ofPerson(1))).toEqual(keys([ask(1)]));
    expect(await scopes()).toEqual([]);
    await guard.sift([], ofPerson(1));
    expect(await guard.sift([ask(1)], ofPerson(1))).toEqual(new Set());
  });
});

it('a hold of Usher as a whole is told once, and ends when it is released', async () => {
  const { guard, state, scopes, store, hold } = await guardDesk();
  await guard.hold('map', 'the map lost half');
  await guard.hold('map', 'the map lost more');
  expect(state.told).toEqual(['map']);
  expect(await store.guard.holds()).toMatchObject([{ reason: 'the map lost more' }]);
  await hold('map', [ask(0)]);
  await guard.release('map');
  expect([await scopes(), await store.guard.held()]).toEqual([[], []]);
  expect(await store.work.all('removal')).toEqual([ask(0).userId]);
});

it('two who ask at once are counted one after the other', async () => {
  const { fill, guard } = await guardDesk();
  await fill();
  const asked = Array.from({ length: SIZE }, (_, index) => guard.sift([ask(index)], ofPerson(index)));
  const stopped = (await Promise.all(asked)).filter(({ size }) => size > 0);
  expect(stopped).toHaveLength(SIZE - 5);
});

it('a guard that is idle holds nothing, and has nothing to look at', async () => {
  expect(await IDLE_GUARD.sift([ask(0)], ofPerson(0))).toEqual(new Set());
  expect(IDLE_GUARD.isReviewDue()).toBe(false);
});
