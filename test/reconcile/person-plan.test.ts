import { describe, expect, it } from 'vitest';
import type { ResourceId } from '../../src/directory/resource.ts';
import type { RoomId, UserId } from '../../src/matrix/ids.ts';
import type { Ours } from '../../src/plan/account-view.ts';
import { emptyPlan, linksAfter, nothingLeft } from '../../src/reconcile/person-plan.ts';
import type { AccountLink, Person } from '../../src/store/store.ts';
import { holdersWith, linkOf, personWith } from '../support/people.ts';

const ACCOUNT = '@ann:x' as UserId;
const [ANN, BOB, GONE] = ['ann', 'bob', 'gone'] as [ResourceId, ResourceId, ResourceId];
const NOW = Date.UTC(2026, 0, 1);
const KICK = { kind: 'kick', account: ACCOUNT, roomId: '!eng' as RoomId } as const;

/** What is on the account after the plan. */
const OURS: Ours = {
  ...{ externalId: 'new', email: 'new@x', restriction: undefined, beneath: undefined },
  ...{ photo: undefined, avatar: undefined, isAdmin: false },
};
const link = (userId: ResourceId, rest: Partial<AccountLink> = {}): AccountLink =>
  linkOf(userId, ACCOUNT, {
    ...{ externalId: 'old', email: 'old@x', restriction: 'lock', photo: 'photo', avatar: 'avatar', ...rest },
  });
/** What a plan for somebody leaves of these links. */
const leftOf = (
  links: readonly AccountLink[],
  persons: readonly Person[],
  { who = ANN, exists = true } = {},
) => linksAfter(who, ACCOUNT, holdersWith(links, persons), OURS, exists, NOW);

it('a plan for nobody’s account changes and decides nothing', () => {
  expect(emptyPlan(ANN)).toEqual({
    ...{ userId: ANN, account: undefined, changes: [], findings: [], linksNow: [], links: [] },
    ...{ newcomers: [], superseded: [], records: new Map(), ended: [], words: new Map(), edition: 0 },
    isDecided: expect.any(Function),
  });
  expect(emptyPlan(ANN).isDecided(KICK)).toBe(false);
});

it('of an account that is gone nothing is remembered, and that is certain', () => {
  const plan = nothingLeft(ANN, ACCOUNT, holdersWith([link(ANN), link(GONE)], []), [KICK.roomId]);
  expect(plan).toMatchObject({
    ...{ account: ACCOUNT, superseded: [ANN, GONE], ended: [KICK.roomId], links: [], changes: [] },
  });
  expect(plan.isDecided(KICK)).toBe(true);
});

describe('the links of an account', () => {
  it('are those of everybody who exists: who is new gets one, who is gone loses hers', () => {
    const after = leftOf([link(ANN), link(GONE)], [personWith(ANN), personWith(BOB)], { who: BOB });
    expect(after.links.map(({ userId }) => userId)).toEqual([ANN, BOB]);
    expect(after.linksNow.map(({ userId }) => userId)).toEqual([ANN, BOB]);
    expect([after.newcomers, after.superseded]).toEqual([[BOB], [GONE]]);
  });

  it('are kept by the last one when nobody exists any more', () => {
    const after = leftOf([link(ANN), link(GONE)], []);
    expect(after.links.map(({ userId }) => userId)).toEqual([ANN]);
    expect([after.newcomers, after.superseded]).toEqual([[], [GONE]]);
  });

  it('say what is on the account now, until the changes are made, and then what the plan put there', () => {
    const { linksNow, links } = leftOf([link(ANN)], [personWith(ANN)]);
    const kept = {
      userId: ANN,
      account: ACCOUNT,
      inactiveSince: undefined,
      photo: 'photo',
      avatar: 'avatar',
      isAdmin: false,
    };
    expect(linksNow).toEqual([
      { ...kept, externalId: 'old', email: 'old@x', restriction: 'lock', isConfirmed: true },
    ]);
    expect(links).toEqual([
      { ...kept, externalId: 'new', email: 'new@x', restriction: undefined, isConfirmed: true },
    ]);
  });

  it('of one that is yet to be made have its external id already, are not certain, and no avatar', () => {
    const { linksNow, links } = leftOf([link(ANN)], [personWith(ANN)], { exists: false });
    expect(linksNow).toMatchObject([
      { externalId: 'new', email: 'old@x', isConfirmed: false, photo: undefined, avatar: undefined },
    ]);
    expect(links).toMatchObject([{ isConfirmed: true, photo: undefined, avatar: undefined }]);
  });

  it('remember since when nobody uses it: from the first that was found, or from now', () => {
    const away = [personWith(ANN, { active: false })];
    const since = (links: readonly AccountLink[], persons = away) =>
      leftOf(links, persons).links[0]?.inactiveSince;
    expect(since([link(ANN)])).toBe(NOW);
    expect(since([link(GONE), link(ANN, { inactiveSince: NOW - 5 })])).toBe(NOW - 5);
    expect(since([link(ANN, { inactiveSince: NOW - 5 })], [personWith(ANN)])).toBeUndefined();
  });
});
