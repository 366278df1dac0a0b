import { describe, expect, it } from 'vitest';
import type { RoomId, UserId } from '../../src/matrix/ids.ts';
import { createGuestList, type Guests } from '../../src/reconcile/guests.ts';
import { readRoster } from '../../src/reconcile/roster.ts';
import { directoryDesk } from '../support/survey-desk.ts';

const [ENG, OPS] = ['!eng:usher.test', '!ops:usher.test'] as [RoomId, RoomId];
const TERMS = { mode: 'granted', leave: 'allowed', powerLevel: undefined } as const;

/** Who is to be in a room, whether the store is asked for each person or everybody was read before. */
async function guests(desk: ReturnType<typeof directoryDesk>, map: object, roomId = ENG): Promise<Guests> {
  const { house } = desk.house(map);
  const guestList = createGuestList({ store: desk.store, house });
  const asked = await guestList(roomId);
  const { open } = await guestList(roomId, (await readRoster(desk.store)).seating);
  expect(open).toEqual(asked.open);
  return asked;
}

const waysOf = ({ open }: Guests): ReadonlyMap<UserId, readonly string[]> =>
  new Map([...open].map(([account, { opening }]) => [account, opening.via]));

describe('a room of groups', () => {
  it('is open to their active members, by all groups that they are in', async () => {
    const desk = directoryDesk();
    const [ann, bob, away] = [
      await desk.person('ann'),
      await desk.person('bob'),
      await desk.person('away', { active: false }),
    ];
    await desk.person('outside');
    const eng = await desk.group('eng', ann.id, bob.id, away.id);
    const ops = await desk.group('ops', bob.id);
    const found = await guests(desk, { eng: [ENG], ops: [ENG] });
    expect(waysOf(found)).toEqual(
      new Map([
        [ann.account, [eng]],
        [bob.account, [eng, ops].toSorted()],
      ]),
    );
    expect(found.awaited).toEqual(new Set());
    expect(found.open.get(ann.account)?.opening).toEqual({ ...TERMS, via: [eng] });
  });

  it('is open to nobody by a group of another room', async () => {
    const desk = directoryDesk();
    const ann = await desk.person('ann');
    await desk.group('eng', ann.id);
    const found = await guests(desk, { eng: [OPS], ops: [ENG] });
    expect(found).toEqual({ open: new Map(), awaited: new Set() });
  });

  it('waits for members who have no account', async () => {
    const desk = directoryDesk();
    const ann = await desk.user('ann');
    await desk.group('eng', ann, await desk.user('away', { active: false }));
    await desk.user('outside');
    expect(await guests(desk, { eng: [ENG] })).toEqual({ open: new Map(), awaited: new Set([ann]) });
  });

  it('counts a group once for an account, however often its holders are in it', async () => {
    const desk = directoryDesk();
    const ann = await desk.person('ann');
    const twin = await desk.person('twin', {}, { account: ann.account });
    const inner = await desk.group('inner', ann.id);
    const eng = await desk.group('eng', ann.id, twin.id, inner);
    expect(waysOf(await guests(desk, { eng: [ENG] }))).toEqual(new Map([[ann.account, [eng]]]));
  });

  it('takes the terms of all groups together', async () => {
    const desk = directoryDesk();
    const [ann, bob] = [await desk.person('ann'), await desk.person('bob')];
    const eng = await desk.group('eng', ann.id, bob.id);
    await desk.group('ops', ann.id);
    const { open } = await guests(desk, {
      eng: [ENG],
      ops: [{ room: ENG, powerLevel: 50, leave: 'undone' }],
    });
    expect(open.get(ann.account)?.opening).toMatchObject({ powerLevel: 50, leave: 'undone' });
    expect(open.get(bob.account)?.opening).toEqual({ ...TERMS, via: [eng] });
  });

  it('has one value for all who come by the same groups', async () => {
    const desk = directoryDesk();
    const some = [await desk.person('ann'), await desk.person('bob'), await desk.person('cyd')];
    const twin = await desk.person('twin', {}, { account: some[0]?.account as UserId });
    const ids = [...some, twin].map(({ id }) => id);
    for (const name of ['eng', 'ops', 'net']) await desk.group(name, ...ids);
    const { open } = await guests(desk, { eng: [ENG], ops: [ENG], net: [ENG] });
    const values = new Set(some.map(({ account }) => open.get(account)));
    expect(values.size).toBe(1);
    expect([...values][0]?.opening.via).toHaveLength(3);
  });
});

describe('a room of everybody', () => {
  it('is open to whoever is active, and waits for those who have no account', async () => {
    const desk = directoryDesk();
    const ann = await desk.person('ann');
    await desk.person('away', { active: false });
    const bob = await desk.user('bob');
    expect(await guests(desk, { '*': [ENG] })).toEqual({
      open: new Map([[ann.account, expect.objectContaining({ opening: { ...TERMS, via: ['*'] } })]]),
      awaited: new Set([bob]),
    });
  });

  it('is open by a group, too, to those who are in it', async () => {
    const desk = directoryDesk();
    const [ann, bob] = [await desk.person('ann'), await desk.person('bob')];
    const eng = await desk.group('eng', ann.id);
    const found = await guests(desk, { '*': [ENG], eng: [{ room: ENG, powerLevel: 50 }] });
    expect(waysOf(found)).toEqual(
      new Map([
        [ann.account, ['*', eng]],
        [bob.account, ['*']],
      ]),
    );
    expect(found.open.get(ann.account)?.opening.powerLevel).toBe(50);
    expect(found.open.get(bob.account)?.opening.powerLevel).toBeUndefined();
  });
});
