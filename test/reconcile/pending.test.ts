import { describe, expect, it } from 'vitest';
import type { RoomId, UserId } from '../../src/matrix/ids.ts';
import type { TakeAway } from '../../src/plan/guard.ts';
import { createPending } from '../../src/reconcile/pending.ts';

const [ENG, OPS] = ['!eng', '!ops'] as [RoomId, RoomId];
const kick = (name: string, roomId: RoomId = ENG): TakeAway => ({
  kind: 'kick',
  account: `@${name}:x` as UserId,
  roomId,
});
const lock: TakeAway = { kind: 'restrict', account: '@ann:x' as UserId, roomId: undefined };

/** What is about to be taken, and how often and for how long it is looked for. */
function waiting(...losses: TakeAway[]) {
  const state = { marks: 1, now: 1_000, takes: 0, looks: 0, losses };
  const pending = createPending({
    store: { work: { markings: () => state.marks } as never },
    async *leavers() {
      state.looks += 1;
      state.now += state.takes;
      for (const loss of state.losses) yield [loss];
    },
    now: () => state.now,
  });
  return { state, pending };
}

describe('what is about to be taken', () => {
  it('is counted in its room and in all rooms, or for its account', async () => {
    const { pending } = waiting(kick('ann'), kick('bob'), kick('ann', OPS), lock);
    expect([pending.has(kick('ann')), pending.count('total', new Set())]).toEqual([false, 0]);
    await pending.refresh();
    expect(pending.has(kick('ann'))).toBe(true);
    expect(pending.has(kick('bob', OPS))).toBe(false);
    const count = (scope: Parameters<typeof pending.count>[0]) => pending.count(scope, new Set());
    expect([count(`room:${ENG}`), count(`room:${OPS}`), count('accounts'), count('total')]).toEqual([
      2, 1, 1, 3,
    ]);
    expect(count('room:!none' as `room:${RoomId}`)).toBe(0);
    expect(pending.accounts()).toEqual(new Set(['@ann:x', '@bob:x']));
  });

  it('does not count for all rooms where its room is closed', async () => {
    const { pending } = waiting(kick('ann'), kick('bob'), kick('ann', OPS), lock);
    await pending.refresh();
    expect(pending.count('total', new Set([`room:${ENG}`]))).toBe(1);
    expect(pending.count('total', new Set([`room:${ENG}`, `room:${OPS}`, 'room:!none']))).toBe(0);
    expect(pending.count('total', new Set(['accounts', `levels:${ENG}`, 'exclusive:!eng']))).toBe(3);
    expect(pending.count(`room:${ENG}`, new Set([`room:${ENG}`]))).toBe(2);
  });

  it('is not what is held or made since', async () => {
    const { pending } = waiting(kick('bob'), kick('cyd'));
    await pending.refresh();
    expect(pending.count('total', new Set())).toBe(2);
    pending.drop(kick('bob'));
    pending.drop(kick('bob'));
    pending.drop(kick('nobody'));
    expect([pending.has(kick('bob')), pending.has(kick('cyd'))]).toEqual([false, true]);
    expect([pending.count('total', new Set()), pending.count(`room:${ENG}`, new Set())]).toEqual([1, 1]);
  });

  it('is looked for again only when somebody was marked since, or nothing is believed any more', async () => {
    const { state, pending } = waiting(kick('ann'));
    await pending.refresh();
    state.losses = [kick('bob')];
    await pending.refresh();
    expect([state.looks, pending.has(kick('ann'))]).toEqual([1, true]);
    state.marks += 1;
    await pending.refresh();
    expect([state.looks, pending.has(kick('ann')), pending.has(kick('bob'))]).toEqual([2, false, true]);
    pending.forget();
    await pending.refresh();
    expect(state.looks).toBe(3);
  });

  it.each([
    [249, 0],
    [250, 500],
    [1_000, 2_000],
  ])('is not looked for at once when that took %i ms, but after %i ms more', async (takes, pause) => {
    const { state, pending } = waiting(kick('ann'));
    state.takes = takes;
    await pending.refresh();
    state.marks += 1;
    state.now += Math.max(pause - 1, 0);
    await pending.refresh();
    expect(state.looks).toBe(pause === 0 ? 2 : 1);
    state.marks += 1;
    state.now += 1;
    await pending.refresh();
    expect(state.looks).toBe(pause === 0 ? 3 : 2);
  });

  it('is looked for at once when nothing is believed any more, however long that takes', async () => {
    const { state, pending } = waiting(kick('ann'));
    state.takes = 1_000;
    await pending.refresh();
    pending.forget();
    await pending.refresh();
    expect(state.looks).toBe(2);
  });

  it('names a hundred accounts at most', async () => {
    const { pending } = waiting(...Array.from({ length: 150 }, (_, index) => kick(`p${index}`)));
    await pending.refresh();
    expect(pending.accounts()).toHaveProperty('size', 100);
    expect(pending.count('total', new Set())).toBe(150);
  });
});
