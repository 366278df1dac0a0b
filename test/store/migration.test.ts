import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Member } from '../../src/directory/group.ts';
import { type Attributes, foldCase, type ResourceId, type SourceId } from '../../src/directory/resource.ts';
import type { UserId } from '../../src/matrix/ids.ts';
import { openStore, openStoreReadOnly } from '../../src/store/sqlite/open-store.ts';
import type { ListQuery, Store } from '../../src/store/store.ts';
import { createOldDatabase } from '../support/old-database.ts';

const [FIRST, SECOND] = ['first', 'second'] as [SourceId, SourceId];
const THEN = Date.UTC(2025, 0, 1);
const NOW = Date.UTC(2026, 0, 1);

/** A row of the old table `members`. */
type OldMember = readonly [group: string, value: string, type: Member['type']];

const USERS: readonly (readonly [id: string, source: SourceId, attributes: Attributes])[] = [
  [
    'ann',
    FIRST,
    {
      userName: 'Ann',
      displayName: 'ÄNN Lee',
      externalId: 'e-ann',
      emails: [{ value: 'Ann@X.example', type: 'work' }, { value: 'ann@home.example' }, { type: 'other' }],
    },
  ],
  ['bob', FIRST, { userName: 'bob', active: false, emails: [] }],
  ['cyd', FIRST, { userName: 'CYD', displayName: '', emails: [{ value: 'ANN@x.example' }] }],
  ['dan', SECOND, { userName: 'ann', displayName: 'Änn Lee', emails: [{ value: 'ann@x.example' }] }],
];
const GROUPS: readonly (readonly [id: string, source: SourceId, displayName: string])[] = [
  ['staff', FIRST, 'Staff'],
  ['inner', FIRST, 'inner'],
  ['empty', FIRST, 'Empty'],
  ['other', SECOND, 'staff'],
];
const MEMBERS: readonly OldMember[] = [
  ['staff', 'inner', 'Group'],
  ['staff', 'e-eve', 'unknown'],
  ['staff', 'bob', 'User'],
  ['inner', 'cyd', 'User'],
  ['inner', 'ann', 'User'],
  ['inner', 'staff', 'Group'],
  ['other', 'dan', 'User'],
  ['other', 'e-eve', 'unknown'],
  // Somebody's id at another provider, which is nobody's here.
  ['other', 'ann', 'unknown'],
];

/** A database as the first version of Usher left it, in a folder of its own. */
const oldDatabase = (): string =>
  createOldDatabase(1, (db) => {
    const user = db.prepare(`
    INSERT INTO users (id, source, user_name_key, external_id, active, display_name, email, attributes, version, created, last_modified)
    VALUES (?, ?, ?, ?, ?, ?, NULL, ?, 3, ${THEN}, ${THEN + 5})`);
    for (const [id, source, attributes] of USERS) {
      const { userName, externalId, active, displayName } = attributes;
      const columns = [
        foldCase(String(userName)),
        externalId ?? null,
        active === false ? 0 : 1,
        displayName ?? null,
      ];
      user.run(id, source, ...columns, JSON.stringify(attributes));
    }
    // Numbers that are not those of the users, and with gaps between them.
    db.exec("INSERT INTO sqlite_sequence (name, seq) VALUES ('groups', 40)");
    const group = db.prepare(`
    INSERT INTO groups (id, source, display_name_key, external_id, attributes, version, created, last_modified)
    VALUES (?, ?, ?, NULL, ?, 7, ${THEN}, ${THEN + 5})`);
    for (const [id, source, displayName] of GROUPS) {
      group.run(id, source, foldCase(displayName), JSON.stringify({ displayName }));
    }
    db.exec("DELETE FROM groups WHERE id = 'empty'");
    group.run('empty', FIRST, 'empty', JSON.stringify({ displayName: 'Empty' }));
    const member = db.prepare('INSERT INTO members (group_id, value, type) VALUES (?, ?, ?)');
    for (const row of MEMBERS) member.run(...row);
    db.exec(`
    INSERT INTO links VALUES ('ann', '@ann:x', 'e-ann', NULL, NULL, 1);
    INSERT INTO entitlements VALUES ('@ann:x', '!r:x', 'joined', '["staff"]', 'granted', ${THEN});
    INSERT INTO work VALUES ('bob', 0, 1, ${THEN}, ${THEN}, ${THEN}, 0, NULL, NULL)`);
  });

let folder: string;
let store: Store;
beforeEach(() => {
  folder = oldDatabase();
  store = openStore(folder);
  onTestFinished(() => store.close());
});

const ALL: ListQuery = {
  startIndex: 1,
  count: 100,
  where: {},
  order: { by: 'creation', isDescending: false },
};
const membersOf = async (id: string) => {
  const members: Member[] = [];
  for await (const some of store.groups.members(id as ResourceId)) members.push(...some);
  return members;
};
const usersBy = async (where: ListQuery['where'], source = FIRST) => {
  const { totalResults, resources } = await store.users.list(source, { ...ALL, where });
  expect(totalResults).toBe(resources.length);
  return resources.map(({ id }) => id);
};
const groupsBy = async (where: ListQuery['where'], source = FIRST) =>
  (await store.groups.list(source, { ...ALL, where })).resources.map(({ id }) => id);

describe('a database of the first version', () => {
  it('has every user and group as they were', async () => {
    for (const [id, source, attributes] of USERS) {
      expect(await store.users.get(source, id)).toEqual({
        ...{ id, source, attributes, version: 3, created: THEN, lastModified: THEN + 5 },
      });
    }
    for (const [id, source, displayName] of GROUPS) {
      expect(await store.groups.get(source, id)).toMatchObject({ attributes: { displayName }, version: 7 });
    }
  });

  it('has every member of every group, and of each what it is', async () => {
    expect(await membersOf('staff')).toEqual([
      { value: 'bob', type: 'User' },
      { value: 'inner', type: 'Group' },
      { value: 'e-eve', type: 'unknown' },
    ]);
    expect(await membersOf('inner')).toEqual([
      { value: 'ann', type: 'User' },
      { value: 'cyd', type: 'User' },
      { value: 'staff', type: 'Group' },
    ]);
    expect(await membersOf('empty')).toEqual([]);
    expect(await membersOf('other')).toEqual([
      { value: 'dan', type: 'User' },
      { value: 'ann', type: 'unknown' },
      { value: 'e-eve', type: 'unknown' },
    ]);
  });

  it('has the groups of each user, nested ones too', async () => {
    const groups = await store.groups.ofUsers(['ann', 'bob', 'dan'] as ResourceId[]);
    const found = [...groups].map(([user, memberships]) => [
      user,
      memberships.map(({ group, isDirect }) => `${group} ${isDirect}`),
    ]);
    expect(found).toEqual([
      ['ann', ['staff false', 'inner true']],
      ['bob', ['staff true', 'inner false']],
      ['dan', ['other true']],
    ]);
    expect((await store.people.person('ann' as ResourceId))?.groups).toEqual(new Set(['staff', 'inner']));
    expect(await store.people.membersOf(['staff' as ResourceId])).toEqual(
      new Map([
        ['ann', ['staff']],
        ['cyd', ['staff']],
      ]),
    );
  });

  it('gives a member that waited to whoever has its id or external id, at its own provider', async () => {
    const eve = await store.users.create(FIRST, { userName: 'eve', externalId: 'e-eve' }, NOW);

    expect((await membersOf('staff')).map(({ value }) => value)).toEqual(['bob', eve.id, 'inner']);
    expect(await membersOf('other')).toContainEqual({ value: 'e-eve', type: 'unknown' });
    expect((await store.groups.get(FIRST, 'staff'))?.version).toBe(8);
    expect((await store.groups.get(SECOND, 'other'))?.version).toBe(7);
  });

  it.each<[ListQuery['where'], readonly string[]]>([
    [{ email: 'ANN@X.EXAMPLE' }, ['ann', 'cyd']],
    [{ email: 'ann@home.example' }, ['ann']],
    [{ displayName: 'änn lee' }, ['ann']],
    [{ displayName: 'a\u0308nn LEE' }, ['ann']],
    [{ userName: 'cyd' }, ['cyd']],
    [{ externalId: 'e-ann' }, ['ann']],
    [{ group: 'staff' }, ['ann', 'bob', 'cyd']],
    [{ group: 'other' }, []],
    [{ email: 'nobody@x.example' }, []],
  ])('finds users by %j', async (where, expected) => {
    expect(await usersBy(where)).toEqual(expected);
  });

  it('finds users of the other provider by the same words', async () => {
    expect(await usersBy({ email: 'ann@x.example' }, SECOND)).toEqual(['dan']);
    expect(await usersBy({ displayName: 'änn lee' }, SECOND)).toEqual(['dan']);
  });

  it.each<[ListQuery['where'], readonly string[]]>([
    [{ member: 'ann' }, ['inner']],
    [{ member: 'inner' }, ['staff']],
    [{ member: 'e-eve' }, ['staff']],
    [{ displayName: 'STAFF' }, ['staff']],
  ])('finds groups by %j', async (where, expected) => {
    expect(await groupsBy(where)).toEqual(expected);
  });

  it('knows how many there are, page by page, also after the next write', async () => {
    const page = await store.users.list(FIRST, { ...ALL, startIndex: 2, count: 1 });
    expect([page.totalResults, page.resources.map(({ id }) => id)]).toEqual([3, ['bob']]);
    const names = await store.groups.list(FIRST, {
      ...ALL,
      count: 2,
      order: { by: 'name', isDescending: true },
    });
    expect([names.totalResults, names.resources.map(({ id }) => id)]).toEqual([3, ['staff', 'inner']]);

    await store.users.create(FIRST, { userName: 'eve' }, NOW);
    await store.users.remove(SECOND, 'dan', NOW);
    await store.groups.remove(FIRST, 'empty', NOW);

    const totals = await Promise.all(
      [FIRST, SECOND].flatMap((source) => [store.users.list(source, ALL), store.groups.list(source, ALL)]),
    );
    expect(totals.map(({ totalResults }) => totalResults)).toEqual([4, 2, 0, 1]);
  });

  it('is written to like any other', async () => {
    await store.groups.update(
      FIRST,
      'staff',
      ({ attributes }) => ({
        attributes,
        members: [
          { kind: 'remove', values: ['bob', 'e-eve'] },
          { kind: 'add', values: ['e-ann'] },
        ],
      }),
      NOW,
    );
    expect((await membersOf('staff')).map(({ value }) => value)).toEqual(['ann', 'inner']);
    const { id } = await store.groups.create(
      FIRST,
      { attributes: { displayName: 'new' }, members: ['staff', 'bob'] },
      NOW,
    );
    expect((await membersOf(id)).map(({ value }) => value)).toEqual(['bob', 'staff']);
    await store.users.remove(FIRST, 'ann', NOW);
    await store.groups.remove(FIRST, 'inner', NOW);
    expect(await membersOf('staff')).toEqual([]);
  });

  it('keeps what was written down about accounts, rooms and work', async () => {
    expect(await store.people.link('ann' as ResourceId)).toMatchObject({
      account: '@ann:x',
      isConfirmed: true,
    });
    expect(await store.people.entitlements('@ann:x' as UserId)).toMatchObject([
      { roomId: '!r:x', state: 'joined' },
    ]);
    expect(await store.work.all()).toEqual(['bob']);
  });

  it('finds people by the beginning of their names', async () => {
    const found = await store.pages.people({ search: 'AN', isFailing: false, cursor: undefined, limit: 9 });
    expect(found.items.map(({ id }) => id)).toContain('ann');
  });

  it('is whole, and has nothing that leads nowhere, before and after a restart', async () => {
    for (const _ of ['first', 'second']) {
      await store.close();
      const db = new Database(join(folder, 'usher.db'), { readonly: true });
      expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
      expect(db.pragma('foreign_key_check')).toEqual([]);
      expect(db.pragma('user_version', { simple: true })).toBe(12);
      expect(db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'members'").get()).toBeUndefined();
      db.close();
      store = openStore(folder);
      expect(await membersOf('inner')).toHaveLength(3);
    }
  });
});

describe('a database of the first version that is only read', () => {
  it('is left as it is, and says what to do', () => {
    const old = oldDatabase();
    expect(() => openStoreReadOnly(old)).toThrow(/has schema 1, this Usher needs 12\. Start "usher serve"/);
    const db = new Database(join(old, 'usher.db'), { readonly: true });
    expect(db.pragma('user_version', { simple: true })).toBe(1);
    db.close();
  });
});
