import { describe, expect, it } from 'vitest';
import { type RoomId, userId } from '../../src/matrix/ids.ts';
import { keyOf, type TakeAway } from '../../src/plan/guard.ts';
import type { OffboardingPolicy } from '../../src/plan/offboarding.ts';
import type { FoundRooms } from '../../src/plan/openings.ts';
import { createLeavers } from '../../src/reconcile/leavers.ts';
import type { AccountLink, Entitlement } from '../../src/store/store.ts';
import { type Condition, directoryDesk, NOW } from '../support/survey-desk.ts';

const [ENG, OPS] = ['!eng', '!ops'] as [RoomId, RoomId];
const at = (name: string) => userId(name, 'usher.test');
const kick = (name: string, roomId: RoomId = ENG) => keyOf({ kind: 'kick', account: at(name), roomId });
const restrict = (name: string) => keyOf({ kind: 'restrict', account: at(name), roomId: undefined });

type Look = Condition & {
  readonly map?: object;
  readonly found?: Partial<FoundRooms>;
  readonly policy?: Partial<OffboardingPolicy>;
};

/** People who were let into a room and have left its group since; nobody has looked at them yet. */
function desk() {
  const directory = directoryDesk();
  const { store, person, group, leave } = directory;
  const map = { eng: ENG };
  const losses = async ({ map: given = map, found, policy, ...condition }: Look = {}) => {
    const { house, learn } = directory.house(given, found);
    learn(condition);
    const all: (readonly TakeAway[])[] = [];
    const leavers = createLeavers({
      ...{ store, house, now: () => NOW },
      policy: { onDeactivate: [], onDelete: [], ...policy },
    });
    for await (const some of leavers()) all.push(some);
    return all;
  };
  return {
    ...{ ...directory, losses },
    async leaver(name: string, rest: Partial<Entitlement> = {}, link: Partial<AccountLink> = {}) {
      const { id, account } = await person(name, {}, link);
      const via = await group(`eng of ${name}`, id);
      await leave(via, id);
      await store.people.saveEntitlement({
        ...{ account, roomId: ENG, state: 'joined', via: [via], mode: 'granted', since: NOW, ...rest },
      });
      return { id, account, via };
    },
    /** As one list. */
    look: async (look?: Look): Promise<readonly string[]> =>
      (await losses(look)).flat().map(keyOf).toSorted(),
  };
}

describe('those who leave', () => {
  it('lose each room that nothing opens to them any more, one account after the other', async () => {
    const { leaver, store, losses, group } = desk();
    const [ann, bob, cyd] = [await leaver('ann'), await leaver('bob'), await leaver('cyd')];
    for (const { account, via } of [ann, bob]) {
      await store.people.saveEntitlement({
        ...{ account, roomId: OPS, state: 'joined', via: [via], mode: 'granted', since: NOW },
      });
    }
    await group('ops', bob.id, cyd.id);
    const found = (await losses({ map: { ops: OPS } })).map((some) => some.map(keyOf));
    expect(found).toHaveLength(3);
    expect(found).toEqual(
      expect.arrayContaining([[kick('ann'), kick('ann', OPS)], [kick('bob')], [kick('cyd')]]),
    );
  });

  it('lose the right of a server admin, if we gave it and no group gives it any more', async () => {
    const { leaver, look, group } = desk();
    const map = { eng: ENG, root: { admin: true } };
    const { id } = await leaver('ann', {}, { isAdmin: true });
    await leaver('bob', { state: 'left' });
    expect(await look({ map })).toEqual([kick('ann'), 'revoke-admin @ann:usher.test ']);
    await group('root', id);
    expect(await look({ map })).toEqual([kick('ann')]);
  });

  it('lose nothing that is open to them, and there may be nothing else', async () => {
    const { leaver, losses } = desk();
    await leaver('ann');
    expect(await losses({ map: { '*': ENG } })).toEqual([[]]);
  });

  it('are counted once for all users who share an account, and only if they have one', async () => {
    const { leaver, user, remove, losses } = desk();
    await leaver('ann');
    await leaver('ann2', { account: at('ann') }, { account: at('ann') });
    await remove(await user('new'));
    expect((await losses()).map((some) => some.map(keyOf))).toEqual([[kick('ann')]]);
  });

  it('are those from whom something may be taken, not all who are marked', async () => {
    const { person, store, look } = desk();
    const { id, account } = await person('ann');
    await store.people.saveEntitlement({
      ...{ account, roomId: ENG, state: 'joined', via: [], mode: 'granted', since: NOW },
    });
    expect(await store.work.all()).toContain(id);
    expect(await look()).toEqual([]);
    await store.work.mark([id], 'removal', NOW);
    expect(await look()).toEqual([kick('ann')]);
  });
});

describe('a room is not about to be taken', () => {
  it.each(['granted', 'left', 'kicked', 'banned'] as const)('from who is not in it (%s)', async (state) => {
    const { leaver, look } = desk();
    await leaver('ann', { state });
    await leaver('bob');
    expect(await look()).toEqual([kick('bob')]);
  });

  it('if it was additive when she was let in, or is now', async () => {
    const { leaver, look } = desk();
    await leaver('ann', { mode: 'additive' });
    expect(await look()).toEqual([]);
    await leaver('bob');
    expect(await look()).toEqual([kick('bob')]);
    expect(await look({ map: { eng: { room: ENG, mode: 'additive' } } })).toEqual([]);
  });

  it('if it was replaced by another one, or it is not known whether it was', async () => {
    const { leaver, look } = desk();
    await leaver('ann');
    await leaver('bob', { roomId: OPS });
    expect(await look({ retired: [ENG] })).toEqual([kick('bob', OPS)]);
    expect(await look({ unread: [ENG] })).toEqual([kick('bob', OPS)]);
  });

  it('if the map does not have it, and has another name that is not known', async () => {
    const { leaver, look, group } = desk();
    const { id } = await leaver('ann');
    await leaver('bob');
    await group('other', id);
    const unknown = { other: '#unknown:x' };
    expect(await look({ map: unknown })).toEqual([kick('bob')]);
    expect(await look({ map: { ...unknown, eng: ENG } })).toEqual([kick('ann'), kick('bob')]);
  });

  it('if it came by a group of which the map has a name that is not known', async () => {
    const { leaver, group, look } = desk();
    const { id } = await leaver('ann');
    const other = await group('other', id);
    await leaver('ann2', { account: at('ann'), via: ['g', other] }, { account: at('ann') });
    const map = { other: '#unknown:x', eng: ENG };
    expect(await look({ map })).toEqual([]);
    expect(await look({ map, found: { resolved: new Map([['#unknown:x', OPS]]) } })).toEqual([kick('ann')]);
  });
});

describe('an account is about to be restricted', () => {
  const lock = { step: 'lock', afterMs: 0 } as const;

  it('if its user left, beside its rooms, when the ladder says so', async () => {
    const { leaver, change, look } = desk();
    const { id } = await leaver('ann');
    await leaver('bob');
    await change(id, { active: false });
    expect(await look({ policy: { onDeactivate: [lock] } })).toEqual([
      kick('ann'),
      kick('bob'),
      restrict('ann'),
    ]);
    const later = { ...lock, afterMs: 1 };
    expect(await look({ policy: { onDeactivate: [later] } })).toEqual([kick('ann'), kick('bob')]);
    const rooms = { step: 'rooms', afterMs: 1 } as const;
    expect(await look({ policy: { onDeactivate: [rooms, later] } })).toEqual([kick('bob')]);
  });

  it('only if it is not restricted so far, or more', async () => {
    const { leaver, change, look } = desk();
    for (const restriction of ['suspend', 'lock', 'erase'] as const) {
      const { id } = await leaver(restriction, {}, { restriction });
      await change(id, { active: false });
    }
    const kicks = (['suspend', 'lock', 'erase'] as const).map((name) => kick(name));
    expect(await look({ policy: { onDeactivate: [lock] } })).toEqual(
      [...kicks, restrict('suspend')].toSorted(),
    );
  });

  it('not while somebody active has it', async () => {
    const { leaver, look } = desk();
    await leaver('ann');
    expect(await look({ policy: { onDeactivate: [lock], onDelete: [lock] } })).toEqual([kick('ann')]);
  });
});

it('what is held, was rejected, or was let through within the hour is not about to be taken', async () => {
  const { leaver, look, store, change } = desk();
  for (const name of ['ann', 'bob', 'cyd', 'dee']) await leaver(name);
  const { id } = await leaver('eve');
  await change(id, { active: false });
  const held = { detail: '', cause: undefined, scope: 'total', since: NOW, userId: id };
  const taking = (name: string) => ({ kind: 'kick', account: at(name), roomId: ENG }) as const;
  await store.guard.hold([
    { ...taking('ann'), ...held, verdict: undefined },
    { ...taking('bob'), ...held, verdict: 'rejected' },
    { ...taking('eve'), ...held, verdict: undefined },
  ]);
  await store.guard.take(taking('cyd'), NOW - 3_599_000);
  await store.guard.take(taking('dee'), NOW - 3_601_000);
  const policy = { onDeactivate: [{ step: 'lock', afterMs: 0 }] } as const;
  expect(await look({ policy })).toEqual([kick('dee'), restrict('eve')]);
});
