import { describe, expect, it } from 'vitest';
import type { RoomId } from '../../src/matrix/ids.ts';
import { createRoomDesk } from '../../src/reconcile/room-desk.ts';

const [A, B, C] = ['!a', '!b', '!c'] as [RoomId, RoomId, RoomId];

function atDesk() {
  const clock = { now: 1_000 };
  const desk = createRoomDesk({ store: {} as never, house: {} as never, now: () => clock.now });
  return { desk, clock, next: (isQuiet = true) => desk.next(clock.now, isQuiet) };
}

describe('the desk of the rooms', () => {
  it('gives each room once, in the order in which they were asked for', () => {
    const { desk, next } = atDesk();
    desk.request([B, A]);
    desk.request([A, C]);
    expect([next(), next(), next(), next()]).toEqual([B, A, C, undefined]);
  });

  it('counts the ten seconds from when a room was first asked for', () => {
    const { desk, clock, next } = atDesk();
    desk.request([A]);
    clock.now = 5_000;
    desk.request([A, B]);
    expect(desk.nextDue()).toBe(11_000);
    clock.now = 10_999;
    expect(next(false)).toBe(undefined);
    clock.now = 11_000;
    expect([next(false), next(false)]).toEqual([A, undefined]);
    expect(desk.nextDue()).toBe(15_000);
  });

  it('passes over a room that waits after a failure', () => {
    const { desk, clock, next } = atDesk();
    desk.settle(A, [], 60_000);
    desk.request([A, B]);
    expect([next(), next()]).toEqual([B, undefined]);
    clock.now = 59_999;
    expect(next()).toBe(undefined);
    clock.now = 60_000;
    expect(next()).toBe(A);
  });

  it('lets a room wait no longer when it is urgent, and none when all hurry', () => {
    const { desk, next } = atDesk();
    for (const room of [A, B, C]) desk.settle(room, [], 60_000);
    desk.request([B], true);
    expect([next(), next()]).toEqual([B, undefined]);
    desk.hurry();
    expect([next(), next(), next()]).toEqual([A, C, undefined]);
  });

  it('counts the attempts until one succeeds', () => {
    const { desk } = atDesk();
    expect(desk.attempts(A)).toBe(0);
    desk.settle(A, [], 60_000);
    desk.settle(A, [], 60_000);
    desk.settle(B, [], 60_000);
    expect([desk.attempts(A), desk.attempts(B)]).toEqual([2, 1]);
    desk.settle(A, []);
    expect([desk.attempts(A), desk.attempts(B)]).toEqual([0, 1]);
  });

  it('knows the problems of each room as they were last found', () => {
    const { desk } = atDesk();
    const problem = (target: RoomId, message: string) => ({ target, message });
    desk.settle(A, [problem(A, 'old')]);
    desk.settle(B, [problem(B, 'one'), problem(B, 'two')], 60_000);
    desk.settle(A, [problem(A, 'new')]);
    expect(desk.problems().map(({ message }) => message)).toEqual(['new', 'one', 'two']);
    desk.settle(B, []);
    expect(desk.problems()).toEqual([problem(A, 'new')]);
  });

  it('has nothing due while nothing was asked for', () => {
    const { desk, next } = atDesk();
    expect([next(), desk.nextDue()]).toEqual([undefined, undefined]);
    desk.settle(A, []);
    expect([next(), desk.nextDue()]).toEqual([undefined, undefined]);
  });
});
