import { describe, expect, it } from 'vitest';
import type { ResourceId } from '../../src/directory/resource.ts';
import type { RoomId, UserId } from '../../src/matrix/ids.ts';
import type { AccountLink } from '../../src/store/store.ts';
import { at, codesOf, DAY, PROVIDER, plannerDesk } from '../support/planner-desk.ts';
import { NOW } from '../support/survey-desk.ts';

const BOSS = at('boss');
const GONE = 'gone' as ResourceId;

/** By now it is linked to another person of the provider. */
const TAKEN_OVER = { externalIds: [{ provider: PROVIDER, id: 'stranger' }] };

/** Somebody in the group `eng` has an account; we let it into two rooms, and it is in `eng` and not in `ops`. */
async function sharedDesk(name: string, link: Partial<AccountLink> = {}) {
  const desk = await plannerDesk();
  const { account, person, group, entitle, stand, eng, ops } = desk;
  const who: UserId = account(name);
  const { id } = await person(name, { externalId: 'e' }, link);
  await group('eng', id);
  stand(eng, 'join', { who });
  for (const room of [eng, ops]) await entitle(room, { account: who });
  return { ...desk, id, who };
}

describe('somebody who can’t have her account any more', () => {
  const since = { inactiveSince: NOW - DAY, restriction: undefined } as const;

  it('is given nothing, and loses the rooms that are not open to her', async () => {
    const { plan, id, world, who, change, changesOf, endedOf, decides, eng } = await sharedDesk('ann', since);
    world.putAccount(who, TAKEN_OVER);
    await change(id, { displayName: 'Ann' });
    const third = world.createRoom(at('owner'), {});
    const made = await plan(id, { map: { eng: third } });
    expect(codesOf(made)).toEqual(['account-relinked']);
    expect(changesOf(made)).toEqual(['kick eng']);
    expect(endedOf(made)).toEqual(['ops']);
    expect(made).toMatchObject({ account: who, records: new Map(), newcomers: [], superseded: [] });
    expect(decides(made, eng)).toBe(true);
    expect(made.isDecided({ kind: 'restrict', account: who, roomId: undefined })).toBe(false);
  });

  it('has what is not known of her rooms left undecided', async () => {
    const { plan, id, world, who, changesOf, decides, eng, ops } = await sharedDesk('ann');
    world.putAccount(who, TAKEN_OVER);
    const made = await plan(id, { unread: [eng] });
    expect(changesOf(made)).toEqual([]);
    expect([decides(made, eng), decides(made, ops)]).toEqual([false, true]);
  });

  it('and shares it with another user loses the rooms that are open to neither', async () => {
    const { plan, id, person, group, world, who, changesOf, endedOf, eng, ops } = await sharedDesk('ann');
    world.putAccount(who, TAKEN_OVER);
    const other = await person('ann2', {}, { account: who });
    await group('other', other.id);
    const made = await plan(id, { map: { other: ops } });
    expect([changesOf(made), endedOf(made)]).toEqual([['kick eng'], []]);
    expect(changesOf(await plan(id, { map: { other: [eng, ops] } }))).toEqual([]);
  });

  it('keeps her link as it is, but for the time since when she was away', async () => {
    const { plan, id, store, world, who } = await sharedDesk('ann', { ...since, email: 'ann@x.org' });
    world.putAccount(who, TAKEN_OVER);
    const { links, linksNow } = await plan(id);
    const kept = [{ ...(await store.people.link(id)), inactiveSince: undefined }];
    expect([links, linksNow]).toEqual([kept, kept]);
  });

  it('decides nothing about the account of another user', async () => {
    const { plan, user, account, link, entitle, stand, eng } = await plannerDesk();
    const who = account('ann');
    await link(GONE, who, { externalId: 'old' });
    stand(eng, 'join');
    await entitle(eng);
    const id = await user('ann', { externalId: 'new' });
    const made = await plan(id);
    expect(codesOf(made)).toEqual(['account-taken']);
    expect(made).toMatchObject({ account: who, changes: [], ended: [], links: [], linksNow: [] });
    expect(made.isDecided({ kind: 'kick', account: who, roomId: eng })).toBe(false);
  });
});

describe('an account that is protected', () => {
  it('is not touched while its user exists, nor are its rooms', async () => {
    const { plan, id, change } = await sharedDesk('boss');
    for (const active of [true, false]) {
      await change(id, { active });
      const made = await plan(id);
      expect(made).toMatchObject({ account: BOSS, changes: [], links: [], superseded: [], ended: [] });
      expect(made.findings).toMatchObject([{ code: 'protected-account', blocking: true }]);
    }
  });

  it.each([
    ['', () => ({})],
    [', whenever rooms are taken', () => ({ policy: { onDelete: [{ step: 'rooms', afterMs: DAY }] } })],
    [', those that can’t be read too', (room: RoomId) => ({ unread: [room] })],
  ] as const)('is let go, in all its rooms%s, when its user was deleted', async (_, lookAt) => {
    const { plan, id, remove, endedOf, eng } = await sharedDesk('boss');
    await remove(id);
    const made = await plan(id, lookAt(eng));
    expect(made.findings).toMatchObject([{ code: 'protected-account', blocking: false, account: BOSS }]);
    expect(made).toMatchObject({ account: BOSS, changes: [], links: [], linksNow: [], superseded: [id] });
    expect(endedOf(made).toSorted()).toEqual(['eng', 'ops']);
  });
});
