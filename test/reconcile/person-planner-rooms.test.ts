import { describe, expect, it } from 'vitest';
import type { Homeserver } from '../../src/matrix/homeserver.ts';
import type { RoomId } from '../../src/matrix/ids.ts';
import { ANN, at, codesOf, DAY, type Look, plannerDesk } from '../support/planner-desk.ts';

const unreadable = () => Promise.reject(new Error('it can’t be read'));

/** Ann has an account, and is in the group `eng`. */
async function annsDesk() {
  const desk = await plannerDesk();
  desk.account('ann');
  const { id } = await desk.person('ann');
  const engineers = await desk.group('eng', id);
  return { ...desk, id, engineers, planned: (look: Look = {}) => desk.plan(id, look) };
}

/** Ann was let into the room `eng`, and is in it. */
async function insideDesk() {
  const desk = await annsDesk();
  desk.stand(desk.eng, 'join');
  await desk.entitle(desk.eng);
  return desk;
}

describe('what is to be said', () => {
  const words = { added: 'Welcome', removed: 'Farewell' };

  it('is what the map has for the room that she gets or loses, while another group has it', async () => {
    const { planned, group, stand, entitle, eng, ops } = await annsDesk();
    stand(eng, 'join');
    await entitle(eng);
    await group('other');
    const map = { eng: { room: ops, words }, other: { room: eng, words } };
    expect([...(await planned({ map })).words]).toEqual([
      [eng, { kind: 'removed', text: 'Farewell' }],
      [ops, { kind: 'added', text: 'Welcome' }],
    ]);
  });

  it('is nothing when the map has the room no more: with it the words went', async () => {
    const { planned, changesOf } = await insideDesk();
    const plan = await planned({ map: {} });
    expect(changesOf(plan)).toEqual(['kick eng']);
    expect(plan.words.size).toBe(0);
  });

  it('is nothing to who is deactivated', async () => {
    const desk = await plannerDesk();
    desk.account('ann');
    const { id } = await desk.person('ann', { active: false });
    await desk.group('eng', id);
    desk.stand(desk.eng, 'join');
    await desk.entitle(desk.eng);
    const plan = await desk.plan(id, { map: { eng: { room: desk.eng, words } } });
    expect(desk.changesOf(plan)).toContain('kick eng');
    expect(plan.words.size).toBe(0);
  });
});

describe('a room that is open to somebody', () => {
  it('is joined, unless she is in it', async () => {
    const { planned, changesOf, recordsOf, stand, eng, ops } = await annsDesk();
    stand(ops, 'join');
    const made = await planned({ map: { eng: [eng, ops] } });
    expect(changesOf(made)).toEqual(['join eng']);
    expect(recordsOf(made)).toEqual({ eng: 'granted', ops: 'joined' });
  });

  it.each([
    ['left by herself', 'leave', ANN, 'left'],
    ['was removed from by a moderator', 'leave', at('owner'), 'kicked'],
    ['is banned from', 'ban', at('owner'), 'banned'],
  ] as const)('and that she %s is not joined', async (_, membership, sender, state) => {
    const { planned, changesOf, recordsOf, stand, eng } = await insideDesk();
    stand(eng, membership, { sender });
    const made = await planned({ map: { eng } });
    expect(changesOf(made)).toEqual([]);
    expect(recordsOf(made)).toEqual({ eng: state });
    expect(codesOf(made)).toEqual([state]);
  });

  it('and that the bot took from her is joined', async () => {
    const { planned, changesOf, stand, bot, eng } = await annsDesk();
    stand(eng, 'leave', { sender: bot });
    expect(changesOf(await planned({ map: { eng } }))).toEqual(['join eng']);
  });

  it('and of which nobody says any more who took it from her is not joined', async () => {
    const { planned, recordsOf, stand, eng } = await insideDesk();
    stand(eng, 'leave');
    const faults: Partial<Homeserver> = { member: async () => undefined };
    expect(recordsOf(await planned({ map: { eng }, faults }))).toEqual({ eng: 'kicked' });
  });

  it('is asked about only where it matters who took it from her', async () => {
    const { planned, changesOf, stand, eng, ops } = await insideDesk();
    stand(ops, 'ban');
    const made = await planned({ map: { eng: [eng, ops] }, faults: { member: unreadable } });
    expect(changesOf(made)).toEqual([]);
    stand(eng, 'leave');
    await expect(planned({ map: { eng: [eng, ops] }, faults: { member: unreadable } })).rejects.toThrow(
      'it can’t be read',
    );
  });

  it('and was left before is still left, whether it can be read now or not', async () => {
    const { planned, changesOf, recordsOf, entitle, stand, eng } = await annsDesk();
    stand(eng, 'leave');
    await entitle(eng, { state: 'left' });
    for (const look of [{}, { unread: [eng] }]) {
      const made = await planned({ map: { eng }, ...look });
      expect(changesOf(made)).toEqual([]);
      expect(recordsOf(made)).toEqual({ eng: 'left' });
    }
  });

  it('is not asked of who has nothing to do with rooms', async () => {
    const { planned, changesOf, entitle, eng } = await annsDesk();
    const faults: Partial<Homeserver> = { memberships: unreadable };
    expect(changesOf(await planned({ faults }))).toEqual([]);
    await entitle(eng);
    await expect(planned({ faults })).rejects.toThrow('it can’t be read');
  });
});

describe('a room that is open to somebody no more', () => {
  it('is taken from her if we let her in, before anything else is done', async () => {
    const { planned, change, id, changesOf, eng, ops, decides } = await insideDesk();
    await change(id, { displayName: 'Ann' });
    const made = await planned({ map: { eng: ops, other: eng } });
    expect(changesOf(made)).toEqual(['kick eng', 'update-account', 'join ops']);
    expect(made.ended).toEqual([]);
    expect(made.changes[0]).toMatchObject({ account: ANN, via: ['g'] });
    expect(decides(made, eng)).toBe(true);
  });

  it('ends if she is not in it', async () => {
    const { planned, endedOf, entitle, ops } = await annsDesk();
    await entitle(ops);
    const made = await planned();
    expect([made.changes, endedOf(made)]).toEqual([[], ['ops']]);
  });

  it('ends and is not taken if it is additive now, or was replaced by another one', async () => {
    const { planned, endedOf, eng } = await insideDesk();
    for (const look of [{ map: { other: { room: eng, mode: 'additive' } } }, { retired: [eng] }]) {
      const made = await planned(look);
      expect([made.changes, endedOf(made)]).toEqual([[], ['eng']]);
    }
  });

  it('is left as it is while it is not known whether it was replaced', async () => {
    const { planned, entitle, stand, changesOf, eng, ops, decides } = await insideDesk();
    stand(ops, 'join');
    await entitle(ops);
    const made = await planned({ unread: [eng] });
    expect(changesOf(made)).toEqual(['kick ops']);
    expect(made.ended).toEqual([]);
    expect([decides(made, eng), decides(made, ops)]).toEqual([false, true]);
  });

  it('is left as it is while the map has a name that is not known, unless that can’t be hers', async () => {
    const { planned, changesOf, entitle, stand, eng, ops, engineers, decides } = await insideDesk();
    stand(ops, 'join');
    await entitle(ops, { via: [engineers] });
    const unknown = { eng: '#unknown:x', other: [eng, ops] };
    const made = await planned({ map: unknown });
    expect(changesOf(made)).toEqual(['kick eng']);
    expect(made.ended).toEqual([]);
    expect([decides(made, eng), decides(made, ops)]).toEqual([true, false]);
    const unmapped = await planned({ map: { eng: '#unknown:x' } });
    expect(changesOf(unmapped)).toEqual([]);
    expect(decides(unmapped, eng)).toBe(false);
  });
});

describe('the rooms of somebody who left', () => {
  it('are taken with the first step, unless the ladder has them come later', async () => {
    const { planned, id, change, entitle, changesOf, decides, eng, ops } = await insideDesk();
    await entitle(ops);
    await change(id, { active: false });
    const made = await planned({ map: { eng } });
    expect(changesOf(made)).toEqual(['kick eng', 'restrict lock']);
    const policy = { onDeactivate: [{ step: 'rooms', afterMs: DAY }] } as const;
    const later = await planned({ map: { eng }, policy });
    expect(later).toMatchObject({ changes: [], ended: [], findings: [], records: new Map() });
    expect(decides(later, eng)).toBe(true);
  });

  it('are not taken while another user of hers may have them', async () => {
    const { planned, id, person, group, change, remove, changesOf, eng } = await insideDesk();
    const other = await person('ann2', {}, { account: ANN });
    await group('other', other.id);
    expect(changesOf(await planned({ map: { other: eng } }))).toEqual([]);
    await change(id, { active: false });
    expect(changesOf(await planned({ map: { other: eng } }))).toEqual([]);
    await remove(id);
    expect(changesOf(await planned({ map: { other: eng } }))).toEqual([]);
    expect(changesOf(await planned({ map: { eng } }))).toEqual(['kick eng']);
  });
});

describe('a plan', () => {
  it('tells of the account and of the rooms what somebody should know', async () => {
    const { planned, world, stand, eng } = await insideDesk();
    world.putAccount(ANN, { locked: true });
    stand(eng, 'leave');
    expect(codesOf(await planned({ map: { eng } }))).toEqual(['account-locked', 'left']);
  });

  it('decides about the account, and about rooms that were looked at; about levels it does not', async () => {
    const { planned, eng } = await insideDesk();
    const { isDecided } = await planned({ map: { eng } });
    const decided = (['kick', 'lower', 'restrict', 'revoke-admin'] as const).flatMap((kind) =>
      [eng, undefined].map((roomId: RoomId | undefined) => isDecided({ kind, account: ANN, roomId })),
    );
    expect(decided).toEqual([true, false, false, false, true, true, true, true]);
  });
});
