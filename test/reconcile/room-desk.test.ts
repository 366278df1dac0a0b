import { describe, expect, it } from 'vitest';
import type { ResourceId } from '../../src/directory/resource.ts';
import type { RoomId, UserId } from '../../src/matrix/ids.ts';
import { emptyPlan, type PersonPlan } from '../../src/reconcile/person-plan.ts';
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

  it('keeps what it knows of a room when a look did not find out', () => {
    const { desk } = atDesk();
    const problem = { target: A, message: 'known' };
    desk.settle(A, [problem]);
    desk.settle(A, undefined, 60_000);
    desk.settle(B, undefined, 60_000);
    expect(desk.problems()).toEqual([problem]);
    expect([desk.attempts(A), desk.attempts(B)]).toEqual([1, 1]);
  });

  it('asks for the rooms with problems once more, though not before those that failed are due', () => {
    const { desk, clock, next } = atDesk();
    desk.settle(A, [{ target: A, message: 'found' }]);
    desk.settle(B, [{ target: B, message: 'failed' }], 60_000);
    desk.settle(C, []);
    desk.recheck();
    expect([next(), next()]).toEqual([A, undefined]);
    clock.now = 60_000;
    expect([next(), next()]).toEqual([B, undefined]);
  });

  it('counts the ten seconds from the first request, though it was looked at meanwhile', () => {
    const { desk, clock } = atDesk();
    desk.request([A]);
    clock.now = 5_000;
    desk.settle(A, [], 6_000);
    expect(desk.nextDue()).toBe(11_000);
  });

  it('is asked to look at the rooms of a plan in which somebody has or may have a level', async () => {
    const terms = (hasLevels: boolean) => ({
      mode: 'granted',
      limit: undefined,
      hasLevels,
      isAwaited: false,
    });
    const rooms = new Map([
      [A, terms(true)],
      [B, terms(false)],
      [C, terms(false)],
    ]);
    const levels = async (room: RoomId) => (room === B ? new Map([['@ann:x', [50]]]) : new Map());
    const desk = createRoomDesk({
      store: { rooms: { levels } } as never,
      house: { openings: async () => ({ rooms }) } as never,
      now: () => 1_000,
    });
    const plan = emptyPlan('u1' as ResourceId);
    const concerned = async (more: Partial<PersonPlan>) => {
      await desk.concern({ ...plan, ...more });
      return [desk.next(1_000, true), desk.next(1_000, true)].filter((room) => room !== undefined);
    };
    const account = '@ann:x' as UserId;
    const record = { state: 'joined', via: [], mode: 'granted' } as const;
    expect(await concerned({ records: new Map([A, B, C].map((room) => [room, record])) })).toEqual([A, B]);
    expect(await concerned({ ended: [C, B] })).toEqual([B]);
    expect(await concerned({ changes: [{ kind: 'kick', account, roomId: A, via: [] }] })).toEqual([A]);
    expect(await concerned({ changes: [{ kind: 'restrict', account, restriction: 'lock' }] })).toEqual([]);
    expect(await concerned({ ended: ['!unknown' as RoomId] })).toEqual([]);
    expect(await concerned({})).toEqual([]);
  });

  it('has nothing due while nothing was asked for', () => {
    const { desk, next } = atDesk();
    expect([next(), desk.nextDue()]).toEqual([undefined, undefined]);
    desk.settle(A, []);
    expect([next(), desk.nextDue()]).toEqual([undefined, undefined]);
  });
});
