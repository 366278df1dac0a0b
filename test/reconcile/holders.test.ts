import { describe, expect, it, onTestFinished } from 'vitest';
import type { Attributes, ResourceId, SourceId } from '../../src/directory/resource.ts';
import type { Account } from '../../src/matrix/homeserver.ts';
import type { UserId } from '../../src/matrix/ids.ts';
import {
  createHolderFinder,
  isHers,
  knownView,
  oursOf,
  rungOf,
  sharedWrongly,
} from '../../src/reconcile/holders.ts';
import type { House } from '../../src/reconcile/house.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import type { AccountLink, Person } from '../../src/store/store.ts';
import { holdersWith, linkOf, personWith } from '../support/people.ts';
import { tempDir } from '../support/temp-dir.ts';

const ANN = '@ann:x' as UserId;
const [IDP, OTHER] = ['idp', 'other'] as SourceId[] as [SourceId, SourceId];
const NOW = Date.UTC(2026, 0, 1);
const DAY = 86_400_000;

const link = (userId: string, rest: Partial<AccountLink> = {}): AccountLink =>
  linkOf(userId as ResourceId, ANN, rest);
const person = (id: string, attributes?: Attributes, source?: SourceId): Person =>
  personWith(id as ResourceId, attributes, source);
const account = (...ids: readonly string[]): Account => ({
  ...{ userId: ANN, displayName: undefined, avatarUrl: undefined, threepids: [] },
  ...{ externalIds: ids.map((id) => ({ provider: 'oidc', id })) },
  ...{ admin: false, deactivated: false, locked: false, suspended: false, appservice: false },
});
/** A directory, and who is found to share Ann's account. */
async function directory() {
  const store = openStore(tempDir());
  onTestFinished(() => store.close());
  const house = {} as House;
  const { holdersOf } = createHolderFinder({ store, house });
  const push = (source: SourceId, attributes: Attributes) => store.users.create(source, attributes, NOW);
  const names = (found: readonly Person[]) => found.map(({ user }) => user.attributes.userName);
  return {
    ...{ store, push },
    async holders(self?: Person) {
      const { links, persons, active } = await holdersOf(ANN, self);
      return { links: links.length, persons: names(persons), active: names(active) };
    },
  };
}

describe('who shares an account', () => {
  it('is everybody who is linked to it, and who is about to be; deleted users have a link only', async () => {
    const { store, push, holders: found } = await directory();
    const ann = await push(IDP, { userName: 'ann' });
    const gone = await push(OTHER, { userName: 'ann', active: false });
    for (const id of [ann.id, gone.id, 'deleted']) await store.people.saveLink(link(id));
    expect(await found()).toEqual({ links: 3, persons: ['ann', 'ann'], active: ['ann'] });
    const self = await store.people.person((await push(IDP, { userName: 'new' })).id);
    expect(await found(self)).toEqual({ links: 3, persons: ['ann', 'ann', 'new'], active: ['ann', 'new'] });
    expect(await found(await store.people.person(ann.id))).toMatchObject({ persons: ['ann', 'ann'] });
  });

  it('is, when nobody active is left, who comes with the same external id: anew, or from another source', async () => {
    const { store, push, holders: found } = await directory();
    await store.people.saveLink(link('deleted', { externalId: 'e-ann' }));
    expect(await found()).toEqual({ links: 1, persons: [], active: [] });
    await push(IDP, { userName: 'ann2', externalId: 'e-ann' });
    await push(IDP, { userName: 'bob', externalId: 'e-bob' });
    expect(await found()).toEqual({ links: 1, persons: ['ann2'], active: ['ann2'] });
  });

  it('is not who comes from the source that has somebody for it yet: they are two people', async () => {
    const { store, push, holders: found } = await directory();
    const left = await push(IDP, { userName: 'left', active: false });
    await store.people.saveLink(link(left.id, { externalId: 'e-ann' }));
    await push(IDP, { userName: 'twin', externalId: 'e-ann' });
    expect(await found()).toEqual({ links: 1, persons: ['left'], active: [] });
    await push(OTHER, { userName: 'heir', externalId: 'e-ann' });
    expect(await found()).toEqual({ links: 1, persons: ['left', 'heir'], active: ['heir'] });
  });

  it('is nobody else while somebody active has it, or nobody ever had', async () => {
    const { store, push, holders: found } = await directory();
    await push(OTHER, { userName: 'heir', externalId: 'e-ann' });
    expect(await found()).toEqual({ links: 0, persons: [], active: [] });
    const ann = await push(IDP, { userName: 'ann' });
    await store.people.saveLink(link(ann.id, { externalId: 'e-ann' }));
    expect(await found()).toEqual({ links: 1, persons: ['ann'], active: ['ann'] });
  });
});

describe('an account', () => {
  it('is hers once the homeserver said so to anybody who shares it', () => {
    const links = [link('a', { isConfirmed: false, externalId: 'e' }), link('b')];
    expect(isHers(holdersWith(links), account(), 'e')).toBe(true);
  });

  it.each([
    ['by the id that she has now', 'now', undefined, ['now'], true],
    ['by the id that she had when it was made', 'now', 'then', ['then'], true],
    ['not by somebody else’s', 'now', 'then', ['stranger'], false],
    ['not without one', 'now', undefined, [], false],
  ])('that was about to be made is hers %s', (_, wanted, recorded, ids, isIt) => {
    const links = [link('a', { isConfirmed: false, externalId: recorded })];
    expect(isHers(holdersWith(links, [person('a')]), account(...ids), wanted)).toBe(isIt);
  });

  it('of somebody without an external id is believed to be hers while she is active', () => {
    const links = [link('a', { isConfirmed: false })];
    expect(isHers(holdersWith(links, [person('a')]), account(), undefined)).toBe(true);
    expect(isHers(holdersWith(links, [person('a', { active: false })]), account(), undefined)).toBe(false);
    expect(isHers(holdersWith(links), account('x'), undefined)).toBe(false);
  });

  it('is known by a link only, as hers, as a stranger’s, or as lost', () => {
    const ours = { ...oursOf([]), beneath: undefined };
    const profile = { externalId: 'e' } as never;
    const made = holdersWith([link('a')]);
    const unsure = holdersWith([link('a', { isConfirmed: false })]);
    expect(knownView(holdersWith([]), ANN, account('e'), ours, profile)).toBeUndefined();
    expect(knownView(made, ANN, undefined, ours, profile)).toEqual({ kind: 'lost', userId: ANN });
    expect(knownView(made, ANN, account(), ours, profile)).toEqual({
      kind: 'linked',
      account: account(),
      ours,
    });
    expect(knownView(unsure, ANN, account('s'), ours, profile)).toMatchObject({ kind: 'taken' });
  });

  it('has on it what the first who has such a thing was given', () => {
    const first = link('a', { photo: 'p', avatar: 'v' });
    const second = link('b', {
      externalId: 'e',
      email: 'm',
      restriction: 'lock',
      photo: 'q',
      avatar: 'w',
      isAdmin: true,
    });
    expect(oursOf([first, second])).toEqual({
      ...{ externalId: 'e', email: 'm', restriction: 'lock', photo: 'p', avatar: 'v', isAdmin: true },
    });
    expect(oursOf([])).toMatchObject({
      externalId: undefined,
      photo: undefined,
      avatar: undefined,
      isAdmin: false,
    });
  });
});

describe('an account of two', () => {
  const free = { kind: 'free', userId: ANN } as const;
  const found = { kind: 'found', account: account('e') } as const;
  const self = person('self');

  it('is wrong by its name alone, whoever the other is', () => {
    for (const other of [person('other'), person('other', {}, OTHER)]) {
      expect(sharedWrongly(free, self, holdersWith([], [self, other]))).toEqual({
        ...{ code: 'account-of-another', blocking: true, account: ANN, roomId: undefined },
        message:
          '@ann:x is the account of another user (SCIM id other). Give her another user name or external id at the identity provider.',
      });
    }
  });

  it('that the external id says to be hers is wrong within one source only', () => {
    expect(sharedWrongly(found, self, holdersWith([], [self, person('other')]))).toMatchObject({
      blocking: true,
    });
    expect(sharedWrongly(found, self, holdersWith([], [self, person('other', {}, OTHER)]))).toBeUndefined();
  });

  it('is nothing wrong with herself', () => {
    expect(sharedWrongly(free, self, holdersWith([], [self]))).toBeUndefined();
  });
});

describe('the ladder', () => {
  const policy = {
    onDeactivate: [{ step: 'lock', afterMs: 0 }],
    onDelete: [{ step: 'deactivate', afterMs: DAY }],
  } as const;

  it('is not for an account that somebody active has', () => {
    expect(rungOf(holdersWith([link('a')], [person('a')]), policy, NOW)).toBeUndefined();
  });

  it('is that of deleted people once nobody is left, else that of deactivated ones', () => {
    const away = [link('a', { inactiveSince: NOW - DAY })];
    expect(rungOf(holdersWith(away), policy, NOW)).toMatchObject({ restriction: 'deactivate' });
    const left = holdersWith(away, [person('a', { active: false })]);
    expect(rungOf(left, policy, NOW)).toMatchObject({ restriction: 'lock' });
  });

  it('begins when the first was found to be gone, or now', () => {
    const since = [link('a'), link('b', { inactiveSince: NOW - DAY })];
    expect(rungOf(holdersWith(since), policy, NOW)).toMatchObject({ restriction: 'deactivate' });
    expect(rungOf(holdersWith([link('a')]), policy, NOW)).toMatchObject({
      ...{ restriction: undefined, next: { step: 'deactivate', at: NOW + DAY } },
    });
  });
});
