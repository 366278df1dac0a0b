import { describe, expect, it } from 'vitest';
import type { AccountSummary, Homeserver } from '../../src/matrix/homeserver.ts';
import { type UserId, userId } from '../../src/matrix/ids.ts';
import { whole } from '../../src/pieces.ts';
import { differingAccounts, idsOf, readRoster } from '../../src/reconcile/roster.ts';
import { directoryDesk, NOW } from '../support/survey-desk.ts';

const SHARED = userId('shared', 'usher.test');

describe('the roster', () => {
  it('has everybody who has an account, whatever became of her', async () => {
    const { person, user, remove, store } = directoryDesk();
    const [ann, away, gone] = [
      await person('ann', { displayName: 'Ann' }),
      await person('away', { active: false }, { restriction: 'lock', inactiveSince: NOW }),
      await person('gone'),
    ];
    await user('nobody');
    await remove(gone.id);
    const { entries } = await readRoster(store);
    expect(idsOf(entries)).toEqual([ann.id, away.id, gone.id]);
    expect(entries).toMatchObject([
      { account: ann.account, status: 'active', displayName: 'Ann', restriction: undefined },
      { account: away.account, status: 'inactive', restriction: 'lock', inactiveSince: NOW },
      { account: gone.account, status: 'deleted', number: undefined },
    ]);
  });

  it('knows all who have an account, however many they are', async () => {
    const { person, remove, store } = directoryDesk();
    const ann = await person('ann');
    const shared = [];
    for (const name of ['one', 'two', 'three']) shared.push(await person(name, {}, { account: SHARED }));
    const ids = shared.map(({ id }) => id);
    const before = await readRoster(store);
    expect(idsOf(before.holdersOf(SHARED))).toEqual(ids);
    expect(idsOf(before.holdersOf(ann.account))).toEqual([ann.id]);
    expect(before.holdersOf(userId('stranger', 'usher.test'))).toEqual([]);
    for (const id of ids.slice(0, 1)) await remove(id);
    expect(new Set(idsOf((await readRoster(store)).holdersOf(SHARED)))).toEqual(new Set(ids));
  });

  it('has a seat for whoever is active and has an account, and finds it by number', async () => {
    const { person, user, store } = directoryDesk();
    await user('first');
    const ann = await person('ann');
    await person('away', { active: false });
    await user('nobody');
    const bob = await person('bob');
    const { entries, seating } = await readRoster(store);
    const seats = await whole(seating.seats());
    expect(seats.map(({ userId: id, account }) => ({ id, account }))).toEqual([ann, bob]);
    const numbers = entries.flatMap(({ number }) => number ?? []);
    expect(numbers).toHaveLength(3);
    const found = await whole(seating.seatsOf(numbers.toReversed()));
    expect(found.map(({ userId: id }) => id)).toEqual([bob.id, ann.id]);
    expect(await whole(seating.seatsOf([]))).toEqual([]);
  });
});

describe('an account of the homeserver', () => {
  const summary = (account: UserId, rest: Partial<AccountSummary> = {}): AccountSummary => ({
    ...{ userId: account, displayName: undefined, deactivated: false, locked: false, ...rest },
  });
  const listing = (...list: readonly AccountSummary[]) =>
    ({
      async *accounts() {
        yield* list;
      },
    }) as Partial<Homeserver> as Homeserver;

  it('differs when somebody changed it, or when it is gone and somebody active has it', async () => {
    const { person, store } = directoryDesk();
    const [ann, bob, away] = [
      await person('ann', { displayName: 'Ann' }),
      await person('bob'),
      await person('away', { active: false }, { restriction: 'lock' }),
    ];
    await person('lost', { active: false });
    const { entries } = await readRoster(store);
    const found = listing(
      summary(ann.account, { displayName: 'Anna' }),
      summary(userId('stranger', 'usher.test'), { locked: true }),
      summary(away.account),
    );
    expect(await differingAccounts(found, entries)).toEqual([
      { userId: ann.id, drift: 'has the display name "Anna" instead of "Ann"' },
      { userId: away.id, drift: 'was unlocked by somebody' },
      { userId: bob.id, drift: 'is not on the homeserver any more' },
    ]);
  });

  it('does not differ when it is as it is to be', async () => {
    const { person, store } = directoryDesk();
    const [ann, away] = [
      await person('ann', { displayName: 'Ann' }),
      await person('away', { active: false }, { restriction: 'lock' }),
    ];
    const { entries } = await readRoster(store);
    const found = listing(
      summary(ann.account, { displayName: 'Ann' }),
      summary(away.account, { locked: true }),
    );
    expect(await differingAccounts(found, entries)).toEqual([]);
  });

  it('that several have is as the active one is to be, whenever she came', async () => {
    const names = [
      ['here', 'away'],
      ['away', 'here'],
    ] as const;
    for (const order of names) {
      const { person, store } = directoryDesk();
      for (const name of order) {
        const attributes = { displayName: name, active: name === 'here' };
        await person(name, attributes, { account: SHARED });
      }
      const { entries, holdersOf } = await readRoster(store);
      const active = holdersOf(SHARED).filter(({ status }) => status === 'active');
      const differing = await differingAccounts(listing(summary(SHARED, { displayName: 'x' })), entries);
      expect(differing).toEqual([
        { userId: idsOf(active)[0], drift: 'has the display name "x" instead of "here"' },
      ]);
      expect(await differingAccounts(listing(), entries)).toEqual([
        { userId: idsOf(active)[0], drift: 'is not on the homeserver any more' },
      ]);
    }
  });
});
