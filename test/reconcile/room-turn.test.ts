import { describe, expect, it } from 'vitest';
import { HomeserverError, type HomeserverErrorKind } from '../../src/matrix/error.ts';
import type { RoomId } from '../../src/matrix/ids.ts';
import { createPauses } from '../../src/reconcile/pauses.ts';
import { createRoomDesk } from '../../src/reconcile/room-desk.ts';
import type { RoomOutcome } from '../../src/reconcile/room-reconciler.ts';
import { createRoomTurn, limitsFor } from '../../src/reconcile/room-turn.ts';

const ROOM = '!room' as RoomId;
const NOW = 1_000_000;
const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];

function turns() {
  const now = () => NOW;
  const random = () => 0;
  const desk = createRoomDesk({ store: {} as never, house: {} as never, now });
  const pauses = createPauses({ now, random, listener: { paused() {}, resumed() {} } });
  const crashes: unknown[] = [];
  /** One look that ends so. */
  const look = async (ends: () => RoomOutcome, signal = new AbortController().signal) => {
    const crashed = (error: unknown) => crashes.push(error);
    const reconcileRoom = async () => ends();
    await createRoomTurn({ rooms: desk, reconcileRoom, pauses, crashed, now, random })(ROOM, signal);
  };
  return {
    ...{ desk, pauses, crashes, look },
    fail: (error: Error, signal?: AbortSignal) =>
      look(() => {
        throw error;
      }, signal),
    /** After so many milliseconds it is looked at again, and not before; undefined if it is not. */
    wait(): number | undefined {
      const waits = [0, SECOND, 5 * SECOND, 7 * SECOND, 10 * SECOND, MINUTE, 2 * MINUTE, HOUR];
      return waits.find((wait) => desk.next(NOW + wait, true) !== undefined);
    },
  };
}

describe('a look at a room', () => {
  it('that is done leaves what it found, and nothing to do', async () => {
    const { desk, look, wait, pauses, crashes } = turns();
    const problems = [{ target: ROOM, message: 'something' }];
    await look(() => ({ problems, isDone: true }));
    expect([desk.problems(), wait(), pauses.current(), crashes]).toEqual([
      problems,
      undefined,
      undefined,
      [],
    ]);
    await look(() => ({ problems: [], isDone: true }));
    expect(desk.problems()).toEqual([]);
  });

  it('that is not done goes on at the next turn', async () => {
    const { look, wait } = turns();
    await look(() => ({ problems: [], isDone: false }));
    expect(wait()).toBe(0);
  });

  it('that failed, and now is done, ends what everything waited for', async () => {
    const { look, fail, pauses } = turns();
    await fail(new HomeserverError('unavailable', 'away'));
    expect(pauses.current()).toMatchObject({ kind: 'unavailable' });
    await look(() => ({ problems: [], isDone: true }));
    expect(pauses.current()).toBeUndefined();
  });

  it('ends it too when it is refused: that is an answer', async () => {
    const { fail, pauses } = turns();
    pauses.begin({ kind: 'unavailable', message: 'away' });
    await fail(new HomeserverError('refused', 'not you'));
    expect(pauses.current()).toBeUndefined();
  });

  it('does not end it if it was about nothing that failed: perhaps nothing was asked', async () => {
    const { look, pauses } = turns();
    pauses.begin({ kind: 'unavailable', message: 'away' });
    await look(() => ({ problems: [], isDone: true }));
    expect(pauses.current()).toMatchObject({ kind: 'unavailable' });
  });

  it('that is aborted changes nothing', async () => {
    const { desk, fail, wait, crashes, pauses } = turns();
    await fail(new Error('aborted'), AbortSignal.abort());
    expect([desk.problems(), wait(), crashes, pauses.current()]).toEqual([[], undefined, [], undefined]);
    expect(desk.attempts(ROOM)).toBe(0);
  });
});

describe('what is of one room', () => {
  it.each<[HomeserverErrorKind, number, number]>([
    ['failed', 5 * SECOND, 10 * SECOND],
    ['protocol', 5 * SECOND, 10 * SECOND],
    ['refused', MINUTE, 2 * MINUTE],
    ['not-found', MINUTE, 2 * MINUTE],
  ])('and "%s" is told, and tried again later and later', async (kind, first, second) => {
    const { desk, fail, wait, pauses, crashes } = turns();
    await fail(new HomeserverError(kind, 'no'));
    expect(desk.problems()).toEqual([{ target: ROOM, message: '!room: no' }]);
    expect(wait()).toBe(first);
    await fail(new HomeserverError(kind, 'no'));
    expect(wait()).toBe(second);
    expect([pauses.current(), crashes]).toEqual([undefined, []]);
  });
});

describe('what is not of one room', () => {
  it.each<HomeserverErrorKind>(['unavailable', 'unauthorised'])(
    'and "%s" has everything wait, and then the room at once',
    async (kind) => {
      const { desk, fail, wait, pauses, crashes } = turns();
      await fail(new HomeserverError(kind, 'no'));
      expect(pauses.current()).toMatchObject({ kind, message: 'no', until: NOW + SECOND });
      expect([desk.problems(), wait(), crashes]).toEqual([[], 0, []]);
    },
  );

  it('and "throttled" has only the room wait, as long as is said and a second at least', async () => {
    const { desk, fail, wait, pauses } = turns();
    await fail(new HomeserverError('throttled', 'slow down', { retryAfterMs: 7 * SECOND }));
    expect([desk.problems(), wait(), pauses.current()]).toEqual([[], 7 * SECOND, undefined]);
    await fail(new HomeserverError('throttled', 'slow down', { retryAfterMs: 5 }));
    expect(wait()).toBe(SECOND);
    await fail(new HomeserverError('throttled', 'slow down'));
    expect(wait()).toBe(SECOND);
  });

  it('but an error of our own is told as one, and the room waits a minute, then longer', async () => {
    const { desk, fail, wait, pauses, crashes } = turns();
    const bug = new TypeError('a bug');
    await fail(bug);
    expect([desk.problems(), wait(), pauses.current(), crashes]).toEqual([[], MINUTE, undefined, [bug]]);
    await fail(Object.assign(new Error('a full disk'), { kind: 'failed' }));
    expect(wait()).toBe(2 * MINUTE);
  });
});

describe('what is known to be wrong with a room', () => {
  it.each<[string, Error]>([
    ['is throttled', new HomeserverError('throttled', 'slow down')],
    ['comes to an outage', new HomeserverError('unavailable', 'away')],
    ['comes to an error of our own', new TypeError('a bug')],
  ])('stays when the next look %s', async (_, error) => {
    const { desk, look, fail } = turns();
    const problems = [{ target: ROOM, message: 'something' }];
    await look(() => ({ problems, isDone: true }));
    await fail(error);
    expect(desk.problems()).toEqual(problems);
  });

  it('stays when the next look was in vain, as the map changed in it', async () => {
    const { desk, look } = turns();
    const problems = [{ target: ROOM, message: 'something' }];
    await look(() => ({ problems, isDone: true }));
    await look(() => ({ problems: undefined, isDone: false }));
    expect(desk.problems()).toEqual(problems);
  });
});

it.each([
  ['failed', 5_000],
  ['protocol', 5_000],
  ['refused', 60_000],
  ['internal', 60_000],
])('after "%s" it waits from %i ms up to an hour', (kind, baseMs) => {
  expect(limitsFor(kind)).toEqual({ baseMs, capMs: HOUR });
});
