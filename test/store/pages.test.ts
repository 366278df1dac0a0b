import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { ResourceId, SourceId } from '../../src/directory/resource.ts';
import type { RoomId, UserId } from '../../src/matrix/ids.ts';
import { type Part, UnknownCursor } from '../../src/store/page-store.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import type { JournalEntry, Store } from '../../src/store/store.ts';
import { linkOf } from '../support/people.ts';
import { tempDir } from '../support/temp-dir.ts';

const [IDP, OTHER] = ['idp' as SourceId, 'other' as SourceId];
const NOW = Date.UTC(2026, 10, 22);

let store: Store;
beforeEach(() => {
  store = openStore(tempDir());
  onTestFinished(() => store.close());
});

const make = async (attributes: Record<string, unknown>, source = IDP): Promise<ResourceId> =>
  (await store.users.create(source, attributes, NOW)).id;

/** All of a list, by pages of so many. */
async function all<T>(page: (cursor: string | undefined) => Promise<Part<T>>): Promise<readonly T[]> {
  const found: T[] = [];
  let cursor: string | undefined;
  for (let count = 0; count < 100; count += 1) {
    const { items, next } = await page(cursor);
    found.push(...items);
    if (next === undefined) return found;
    cursor = next;
  }
  throw new RangeError('the list has no end');
}
const names = (search: string | undefined, limit = 2, isFailing = false) =>
  all((cursor) => store.pages.people({ search, isFailing, cursor, limit })).then((users) =>
    users.map(({ attributes }) => attributes.userName),
  );

describe('people', () => {
  it('come page by page, by name within each source', async () => {
    for (const userName of ['cem', 'Ann', 'bob', 'dee']) await make({ userName });
    await make({ userName: 'ann' }, OTHER);
    for (const limit of [1, 2, 5, 9]) {
      expect(await names(undefined, limit), `${limit}`).toEqual(['Ann', 'bob', 'cem', 'dee', 'ann']);
    }
  });

  it('are found once by the beginning of any of their names, whatever the case', async () => {
    const ann = await make({
      ...{ userName: 'ann', externalId: 'X-17', displayName: 'Änne Ant' },
      emails: [{ value: 'Ann@example.com' }, { value: 'ant@example.com' }],
    });
    await make({ userName: 'zoe', name: { formatted: 'Anneliese Zoll' } });
    await make({ userName: 'bob' });
    await store.people.saveLink(linkOf(ann, '@old-name:example.com' as UserId));
    for (const limit of [1, 2, 9]) {
      expect(await names('AN', limit), `${limit}`).toEqual(['ann', 'zoe']);
      expect(await names('@old-', limit)).toEqual(['ann']);
      expect(await names('old-name', limit)).toEqual(['ann']);
    }
    expect(await names('änne a')).toEqual(['ann']);
    expect(await names('x-1')).toEqual(['ann']);
    expect(await names('nn')).toEqual([]);
    expect(await names('%')).toEqual([]);
  });

  it('are found by what they are called now', async () => {
    const ann = await make({ userName: 'ann', externalId: 'one' });
    await store.users.update(IDP, ann, () => ({ userName: 'eve', externalId: 'two' }), NOW);
    expect([await names('ann'), await names('one'), await names('eve'), await names('two')]).toEqual([
      [],
      [],
      ['eve'],
      ['eve'],
    ]);
  });

  it('are only those at whom the last look failed, if that is asked for', async () => {
    const people: ResourceId[] = [];
    for (const userName of ['ann', 'bob', 'cem']) people.push(await make({ userName }));
    for (const kind of ['conflict', 'refused'] as const) {
      const item = await store.work.next({
        ...{ now: NOW, order: 'oldest', urgencies: ['small'], except: [] },
      });
      if (item !== undefined) await store.work.postpone(item, NOW + 1, { kind, message: 'no' });
    }
    const failing = (await names(undefined, 1, true)).toSorted();
    expect(failing).toHaveLength(2);
    expect((await all((cursor) => store.pages.failing({ kind: undefined, cursor, limit: 1 }))).length).toBe(
      2,
    );
    const conflicts = await all((cursor) => store.pages.failing({ kind: 'conflict', cursor, limit: 1 }));
    expect(conflicts.map(({ lastError }) => lastError?.kind)).toEqual(['conflict']);
    const [first = ''] = failing.map(String);
    expect(await names(first, 1, true)).toEqual([first]);
    const [fine = ''] = ['ann', 'bob', 'cem'].filter((name) => !failing.includes(name));
    expect(await names(fine, 1, true)).toEqual([]);
  });

  it.each(['nonsense', 'W10', btoa('[1,2]'), btoa('["key","a"]')])('refuse the cursor %s', async (cursor) => {
    await expect(
      store.pages.people({ search: 'a', isFailing: false, cursor, limit: 2 }),
    ).rejects.toBeInstanceOf(UnknownCursor);
  });
});

describe('members', () => {
  it('come page by page: users, groups, and what is not known yet', async () => {
    const people: ResourceId[] = [];
    for (const userName of ['ann', 'bob', 'cem']) people.push(await make({ userName }));
    const inner = await store.groups.create(IDP, { attributes: { displayName: 'in' }, members: [] }, NOW);
    const members = [...people, inner.id, 'nobody', 'nothing'];
    const { id } = await store.groups.create(IDP, { attributes: { displayName: 'out' }, members }, NOW);
    for (const limit of [1, 2, 3, 4, 5, 9]) {
      const found = await all((cursor) => store.pages.members(id, { cursor, limit }));
      expect(found, `${limit}`).toEqual([
        ...people.map((value) => ({ value, type: 'User' })),
        { value: inner.id, type: 'Group' },
        { value: 'nobody', type: 'unknown' },
        { value: 'nothing', type: 'unknown' },
      ]);
    }
    expect(await store.pages.groups([id, 'none' as ResourceId])).toMatchObject([{ name: 'out', members: 6 }]);
    expect(await store.pages.members('none' as ResourceId, { cursor: undefined, limit: 1 })).toEqual({
      ...{ items: [], next: undefined },
    });
  });

  it('who are active come once each, also out of nested groups', async () => {
    const people: ResourceId[] = [];
    for (let index = 0; index < 7; index += 1) {
      people.push(await make({ userName: `u${index}`, active: index % 3 !== 0 }));
    }
    const group = async (displayName: string, members: readonly string[]) =>
      (await store.groups.create(IDP, { attributes: { displayName }, members }, NOW)).id;
    const inner = await group('inner', people.slice(0, 4));
    const outer = await group('outer', [inner, ...people.slice(2, 6)]);
    const wanted = [1, 2, 4, 5].map((index) => people[index]);
    for (const limit of [1, 2, 3, 9]) {
      const found = await all((cursor) => store.pages.activeIn([outer, inner], { cursor, limit }));
      expect(
        found.map(({ id }) => id),
        `${limit}`,
      ).toEqual(wanted);
      const everybody = await all((cursor) => store.pages.active({ cursor, limit }));
      expect(everybody.map(({ id }) => id)).toEqual(wanted);
    }
  });
});

describe('the journal', () => {
  const entry = (index: number): JournalEntry => ({
    at: NOW + Math.floor(index / 2),
    action: index % 3 === 0 ? 'kick' : 'join',
    outcome: 'done',
    account: `@u${index % 4}:x` as UserId,
    roomId: (index % 2 === 0 ? '!even:x' : '!odd:x') as RoomId,
    ...{ userId: undefined, detail: `${index}`, cause: undefined },
  });
  const details = (query: object, order: 'newest' | 'oldest', limit: number) =>
    all((cursor) => store.pages.journal({ ...query, order, cursor, limit })).then((rows) =>
      rows.map(({ detail }) => Number(detail)),
    );

  it('comes page by page, from either end, by what was asked for', async () => {
    const indices = Array.from({ length: 24 }, (_, index) => index);
    for (const index of indices) await store.journal.append(entry(index));
    const cases: readonly (readonly [object, (each: JournalEntry) => boolean])[] = [
      [{}, () => true],
      [{ account: '@u1:x' }, ({ account }) => account === '@u1:x'],
      [{ roomId: '!odd:x' }, ({ roomId }) => roomId === '!odd:x'],
      [{ action: 'kick' }, ({ action }) => action === 'kick'],
      [
        { action: 'kick', roomId: '!odd:x' },
        ({ action, roomId }) => action === 'kick' && roomId === '!odd:x',
      ],
      [{ account: '@u1:x', roomId: '!even:x' }, () => false],
      [{ since: NOW + 5 }, ({ at }) => at >= NOW + 5],
    ];
    for (const [query, isWanted] of cases) {
      const wanted = indices.filter((index) => isWanted(entry(index)));
      for (const limit of [1, 5, 50]) {
        expect(await details(query, 'oldest', limit), JSON.stringify(query)).toEqual(wanted);
        expect(await details(query, 'newest', limit)).toEqual(wanted.toReversed());
      }
    }
  });

  it('goes on where one left off', async () => {
    expect(await store.pages.lastJournalEntry()).toBe(0);
    for (const index of [0, 1, 2]) await store.journal.append(entry(index));
    const last = await store.pages.lastJournalEntry();
    expect((await store.pages.journalAfter(last - 2, 10)).map(({ detail }) => detail)).toEqual(['1', '2']);
    expect((await store.pages.journalAfter(last - 2, 1)).map(({ detail }) => detail)).toEqual(['1']);
    expect(await store.pages.journalAfter(last, 10)).toEqual([]);
  });
});
