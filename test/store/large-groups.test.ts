import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Member, MemberChange } from '../../src/directory/group.ts';
import type { ResourceId, SourceId } from '../../src/directory/resource.ts';
import { createCommits } from '../../src/store/sqlite/commits.ts';
import { openForWriting } from '../../src/store/sqlite/database.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import { createUserStore } from '../../src/store/sqlite/users.ts';
import type { Store } from '../../src/store/store.ts';
import { tempDir } from '../support/temp-dir.ts';

vi.setConfig({ testTimeout: 30_000 });

const IDP = 'idp' as SourceId;
const NOW = 1_700_000_000_000;

type Scene = {
  readonly store: Store;
  readonly folder: string;
  /** Ids of users whom nobody has marked. */
  readonly people: readonly ResourceId[];
  /** The same tables, seen beside the store. */
  readonly db: Database.Database;
  /** What a query gives: a single number. */
  readonly count: (sql: string) => number;
};

/** A store with users in it who were all written at once, which takes the time of one. */
async function open(size = 0): Promise<Scene> {
  const folder = tempDir();
  const { db: writable, close } = openForWriting(folder);
  const users = createUserStore(writable, () => {}, createCommits(writable));
  const people: ResourceId[] = [];
  writable.exec('BEGIN');
  for (let index = 0; index < size; index += 1) {
    people.push((await users.create(IDP, { userName: `user-${index}`, externalId: `ext-${index}` }, NOW)).id);
  }
  writable.exec('COMMIT');
  close();
  const store = openStore(folder);
  const db = new Database(join(folder, 'usher.db'));
  onTestFinished(() => store.close());
  onTestFinished(() => void db.close());
  return { store, folder, people, db, count: (sql) => Number(db.prepare(sql).pluck().get()) };
}

/** Rows of members, whosever they are. */
const ROWS =
  'SELECT (SELECT count(*) FROM user_members) + (SELECT count(*) FROM group_members) + (SELECT count(*) FROM unknown_members)';
const SETS = 'SELECT count(*) FROM member_sets';
const NOBODYS = 'SELECT count(*) FROM member_sets WHERE group_seq IS NULL';

const numbered = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

const createGroup = (store: Store, displayName: string, members: readonly string[]) =>
  store.groups.create(IDP, { attributes: { displayName }, members }, NOW);

const change = (store: Store, id: ResourceId, ...members: readonly MemberChange[]) =>
  store.groups.update(IDP, id, ({ attributes }) => ({ attributes, members }), NOW + 1);

const replace = (store: Store, id: ResourceId, values: readonly string[]) =>
  change(store, id, { kind: 'replace', values });

async function membersOf(store: Store, id: ResourceId): Promise<readonly Member[]> {
  const members: Member[] = [];
  for await (const some of store.groups.members(id)) members.push(...some);
  return members;
}

const valuesOf = async (store: Store, id: ResourceId) =>
  (await membersOf(store, id)).map(({ value }) => value).sort();

/** Who is marked how; the marks are gone then. */
function takeWork({ db }: Scene): Record<'removal' | 'small' | 'bulk', readonly string[]> {
  const marked = db
    .prepare<[number], string>('SELECT user_id FROM work WHERE urgency = ? ORDER BY user_id')
    .pluck();
  const [removal = [], small = [], bulk = []] = [0, 1, 2].map((urgency) => marked.all(urgency));
  db.exec('DELETE FROM work');
  return { removal, small, bulk };
}

/** Lets the others have a turn again and again, until the promise is settled; tells how often they had one. */
async function during(promise: Promise<unknown>, act: (turn: number) => Promise<void>): Promise<number> {
  let isOver = false;
  const settled = promise.finally(() => {
    isOver = true;
  });
  let turn = 0;
  for (; !isOver; turn += 1) {
    await act(turn);
    await new Promise(setImmediate);
  }
  await settled;
  return turn;
}

describe('a group of thousands', () => {
  it('is created with everybody in it, who are all marked, as a bulk', async () => {
    const scene = await open(5_000);
    const { store, people, count } = scene;
    const inner = await createGroup(store, 'inner', [people[0] ?? '']);
    takeWork(scene);
    const unknown = numbered('nobody', 2_000);

    const { id, version } = await createGroup(store, 'all', [
      ...people.slice(1),
      inner.id,
      ...unknown,
      unknown[7] ?? '',
    ]);

    expect(version).toBe(1);
    expect(await valuesOf(store, id)).toEqual([...people.slice(1), inner.id, ...unknown].sort());
    expect(takeWork(scene).bulk).toEqual(people.toSorted());
    expect([count(SETS), count(NOBODYS), count(ROWS)]).toEqual([2, 0, 7_001]);
  });

  it('is replaced by others: who comes is bulk, who goes is a removal, and who stays is let alone', async () => {
    const scene = await open(9_000);
    const { store, people, count } = scene;
    const { id } = await createGroup(store, 'all', people.slice(0, 6_000));
    takeWork(scene);

    const { version } = await replace(store, id, [...people.slice(3_000), ...people.slice(3_000, 3_010)]);

    const work = takeWork(scene);
    expect(version).toBe(2);
    expect(await valuesOf(store, id)).toEqual(people.slice(3_000).toSorted());
    expect(work.bulk).toEqual(people.slice(6_000).toSorted());
    expect(work.removal).toEqual(people.slice(0, 3_000).toSorted());
    expect([count(SETS), count(NOBODYS), count(ROWS)]).toEqual([1, 0, 6_000]);
  });

  it('is changed in the order of a long PATCH', async () => {
    const scene = await open(5_000);
    const { store, people } = scene;
    const { id } = await createGroup(store, 'all', people.slice(0, 3_000));
    takeWork(scene);

    await change(
      store,
      id,
      { kind: 'add', values: people.slice(2_900, 4_500) },
      { kind: 'remove', values: people.slice(0, 1_500) },
      { kind: 'remove-matching', matches: ({ value }) => value === people[2_000] },
      { kind: 'add', values: people.slice(0, 3) },
      { kind: 'remove', values: people.slice(4_499, 4_500) },
    );

    const work = takeWork(scene);
    const expected = [...people.slice(0, 3), ...people.slice(1_500, 2_000), ...people.slice(2_001, 4_499)];
    expect(await valuesOf(store, id)).toEqual(expected.sort());
    expect(work.bulk).toEqual(people.slice(3_000, 4_499).toSorted());
    expect(work.removal).toEqual([...people.slice(3, 1_500), people[2_000]].sort());
  });

  it('is not written again by what changes nothing', async () => {
    const scene = await open(2_500);
    const { store, people } = scene;
    const { id } = await createGroup(store, 'all', people);
    takeWork(scene);

    const { version } = await replace(store, id, people.toReversed());

    expect(version).toBe(1);
    expect(await store.work.all()).toEqual([]);
  });

  it('changes by one as by many, and is deleted with all of its rows', async () => {
    const scene = await open(3_001);
    const { store, people, count } = scene;
    const { id } = await createGroup(store, 'all', people.slice(1));
    takeWork(scene);

    await replace(store, id, people.slice(0, 3_000));
    const { small, removal } = takeWork(scene);
    await store.groups.remove(IDP, id, NOW);

    expect([small, removal]).toEqual([people.slice(0, 1), people.slice(3_000)]);
    expect(takeWork(scene).removal).toEqual(people.slice(0, 3_000).sort());
    expect([count(SETS), count(ROWS)]).toEqual([0, 0]);
  });

  it('marks everybody when it is renamed', async () => {
    const scene = await open(2_500);
    const { store, people } = scene;
    const inner = await createGroup(store, 'inner', people);
    const outer = await createGroup(store, 'outer', [inner.id]);
    takeWork(scene);

    await store.groups.update(
      IDP,
      outer.id,
      () => ({ attributes: { displayName: 'new' }, members: [] }),
      NOW,
    );

    expect(takeWork(scene).removal).toEqual(people.toSorted());
  });
});

describe('a large write that fails', () => {
  it('for a name that is taken leaves all as it was, and no rows behind', async () => {
    const scene = await open(6_000);
    const { store, people, count } = scene;
    await createGroup(store, 'taken', []);
    const { id } = await createGroup(store, 'all', people.slice(0, 1_500));
    const before = await store.groups.get(IDP, id);
    takeWork(scene);
    const change = () => ({
      attributes: { displayName: 'TAKEN' },
      members: [{ kind: 'replace', values: people.slice(1_000) } as const],
    });

    await expect(store.groups.update(IDP, id, change, NOW)).rejects.toMatchObject({
      attribute: 'displayName',
    });
    await expect(createGroup(store, 'Taken', people)).rejects.toMatchObject({ attribute: 'displayName' });

    expect(await store.groups.get(IDP, id)).toEqual(before);
    expect(await valuesOf(store, id)).toEqual(people.slice(0, 1_500).toSorted());
    expect(await store.work.all()).toEqual([]);
    expect([count(SETS), count(NOBODYS), count(ROWS)]).toEqual([2, 0, 1_500]);
  });

  it('to delete what it replaced has marked everybody, and is taken up at the next start', async () => {
    const { store, folder, people, db, count } = await open(1_500);
    const { id } = await createGroup(store, 'many', people);
    db.exec(
      "DELETE FROM work; CREATE TRIGGER full BEFORE DELETE ON user_members BEGIN SELECT raise(ABORT, 'full'); END",
    );

    await store.groups.update(
      IDP,
      id,
      ({ attributes }) => ({ attributes, members: [{ kind: 'replace', values: [] }] }),
      NOW,
    );

    expect((await store.work.all()).length).toBe(1_500);
    expect(count(NOBODYS)).toBe(1);
    db.exec('DROP TRIGGER full');
    await store.close();
    const again = openStore(folder);
    expect([count(NOBODYS), count(ROWS)]).toEqual([0, 0]);
    await again.close();
  });

  it('as the process is killed leaves no half group, and no rows after the next start', async () => {
    const { store, folder, count } = await open();
    const old = await createGroup(store, 'old', ['a', 'b']);
    await store.close();
    const source = join(import.meta.dirname, '../../src/store/sqlite/open-store.ts');
    const script = `
      import Database from ${JSON.stringify(import.meta.resolve('better-sqlite3'))};
      import { openStore } from ${JSON.stringify(source)};
      const store = openStore(${JSON.stringify(folder)});
      const rows = new Database(${JSON.stringify(join(folder, 'usher.db'))}, { readonly: true })
        .prepare('SELECT count(*) FROM unknown_members').pluck();
      const values = Array.from({ length: 20_000 }, (_, index) => 'value-' + index);
      const look = () => rows.get() > 10_000 ? process.kill(process.pid, 'SIGKILL') : setImmediate(look);
      look();
      const [write, id] = process.argv.slice(1);
      if (write === 'create') await store.groups.create('idp', { attributes: { displayName: 'new' }, members: values }, 1);
      else await store.groups.update('idp', id, ({ attributes }) => ({ attributes, members: [{ kind: 'replace', values }] }), 1);`;

    for (const write of ['create', 'update']) {
      const args = ['--input-type=module', '-e', script, '--', write, old.id];
      const { signal } = spawnSync(process.execPath, args);
      expect(signal).toBe('SIGKILL');
      expect(count(ROWS)).toBeGreaterThan(10_000);

      const again = openStore(folder);
      const names = await again.groups.names();
      expect(names.map(({ displayName }) => displayName)).toEqual(['old']);
      expect(await again.groups.get(IDP, old.id)).toEqual(old);
      expect(await valuesOf(again, old.id)).toEqual(['a', 'b']);
      await again.close();
      expect([count(SETS), count(NOBODYS), count(ROWS)]).toEqual([1, 0, 2]);
    }
  });
});

const MANY = 12_000;

const hire = async (store: Store, index: number) =>
  (await store.users.create(IDP, { userName: `new-${index}`, externalId: `late-${index}` }, NOW)).id;

describe('while a large group is written', () => {
  it.each<[string, readonly string[]]>([
    ['created', []],
    ['replaced', numbered('early', 2_000)],
    ['added to', numbered('late', MANY - 100).concat(numbered('early', 50))],
  ])('whoever arrives is a member of it, and marked when it is there: %s', async (_, before) => {
    const scene = await open();
    const { store, count } = scene;
    const values = numbered('late', MANY);
    const old = before.length > 0 ? await createGroup(store, 'late', before) : undefined;
    const writing = old === undefined ? createGroup(store, 'late', values) : replace(store, old.id, values);
    const arrived: ResourceId[] = [];

    // Those of the last piece are looked up when they are there, those of the first one are not.
    await during(writing, async (turn) => {
      arrived.push(await hire(store, turn % 2 === 0 ? turn : MANY - 1 - turn));
      if (turn < 4) takeWork(scene);
    });

    const { id } = await writing;
    const members = await membersOf(store, id);
    const { small, bulk } = takeWork(scene);
    const wereIn = before.length > MANY / 2 ? [arrived[0], arrived[2]] : [];
    const marked = new Set([...small, ...bulk, ...wereIn]);
    expect(arrived.length).toBeGreaterThan(4);
    expect(members).toHaveLength(MANY);
    expect(members.filter(({ type }) => type === 'User').map(({ value }) => value)).toEqual(arrived);
    expect(arrived.slice(0, 4).filter((user) => !marked.has(user))).toEqual([]);
    expect([count(SETS), count(NOBODYS)]).toEqual([1, 0]);
  });

  it.each<[string, number]>([
    ['many', 9_000],
    ['few', 500],
  ])('whoever arrives and is taken out by it is out, and marked: one of %s', async (_, leaving) => {
    const scene = await open();
    const { store } = scene;
    const { id } = await createGroup(store, 'late', numbered('late', MANY));
    const writing = replace(store, id, numbered('late', MANY - leaving));
    const arrived: ResourceId[] = [];

    await during(writing, async (turn) => {
      if (turn >= 3) return;
      arrived.push(await hire(store, MANY - 1 - turn));
      takeWork(scene);
    });

    await writing;
    expect((await membersOf(store, id)).filter(({ type }) => type === 'User')).toEqual([]);
    expect(takeWork(scene).removal).toEqual(arrived.toSorted());
  });

  it('whoever leaves is in it no more', async () => {
    const scene = await open(MANY);
    const { store, people } = scene;
    const gone: ResourceId[] = [];
    const writing = createGroup(store, 'all', people);

    await during(writing, async (turn) => {
      const leaver = people[turn * 97];
      if (leaver === undefined) return;
      gone.push(leaver);
      await store.users.remove(IDP, leaver, NOW);
    });

    const left = new Set<string>(people).difference(new Set(gone));
    const { bulk, removal } = takeWork(scene);
    expect(gone.length).toBeGreaterThan(8);
    const members = await membersOf(store, (await writing).id);
    const users = members.filter(({ type }) => type === 'User');
    expect(users.map(({ value }) => value)).toEqual([...left]);
    expect(removal).toEqual(gone.toSorted());
    expect(bulk).toEqual([...left].sort());
  });

  it('small writes of others are done, and its own wait', async () => {
    const { store } = await open();
    const small = await createGroup(store, 'small', []);
    const large = await createGroup(store, 'large', []);
    const order: string[] = [];
    const done = (name: string) => () => void order.push(name);
    const writing = replace(store, large.id, numbered('value', 20_000)).then(done('large'));
    const own = change(store, large.id, { kind: 'add', values: ['own'] }).then(done('own'));

    for (let index = 0; index < 5; index += 1) {
      await change(store, small.id, { kind: 'add', values: [`other-${index}`] }).then(done('small'));
      await hire(store, index).then(done('user'));
    }
    await Promise.all([writing, own]);

    expect(order).toEqual([...Array.from({ length: 5 }, () => ['small', 'user']).flat(), 'large', 'own']);
    expect(await membersOf(store, large.id)).toHaveLength(20_001);
  });

  it('a second large write of it waits, and a version is given to each', async () => {
    const { store, count } = await open();
    const { id } = await createGroup(store, 'all', []);
    const lists = ['a', 'b', 'c'].map((name) => numbered(name, 3_000));

    const written = await Promise.all(lists.map((values) => replace(store, id, values)));

    expect(written.map(({ version }) => version)).toEqual([2, 3, 4]);
    expect(await valuesOf(store, id)).toEqual(lists[2]?.toSorted());
    expect([count(SETS), count(ROWS)]).toEqual([1, 3_000]);
  });

  it('the version that it led to is told, although others changed it meanwhile', async () => {
    const { store } = await open();
    const { id } = await createGroup(store, 'late', numbered('late', MANY));
    const writing = replace(store, id, numbered('late', MANY + 2_000));

    await during(writing, async (turn) => {
      if (turn < 3) await hire(store, turn);
    });

    expect((await writing).version).toBe(5);
    expect(await store.groups.get(IDP, id)).toEqual(await writing);
  });

  it('everybody sees what was there before, and then what is there after', async () => {
    const { store, people } = await open(MANY);
    const [before, after] = [people.slice(0, 1_000), people.slice(1_000)];
    const [leaver, newcomer] = [people[0], people[1_000]] as [ResourceId, ResourceId];
    const { id } = await createGroup(store, 'all', before);
    const page = { startIndex: 1, count: 1, order: { by: 'creation', isDescending: false } } as const;
    const groupsOf = async (member: ResourceId) =>
      (await store.groups.list(IDP, { ...page, where: { member } })).totalResults;
    const usersIn = async (where: object) => (await store.users.list(IDP, { ...page, where })).totalResults;
    const views: Record<string, () => Promise<unknown>> = {
      members: () => valuesOf(store, id),
      membersOf: async () => [...(await store.people.membersOf([id])).keys()].sort(),
      ofUsers: async () =>
        [...(await store.groups.ofUsers([leaver, newcomer])).values()].map(({ length }) => length),
      person: async () => (await store.people.person(newcomer))?.groups.size,
      groups: async () => [await groupsOf(leaver), await groupsOf(newcomer)],
      users: () => usersIn({ group: id, id: newcomer }),
    };
    const look = async () =>
      Object.fromEntries(
        await Promise.all(Object.entries(views).map(async ([name, view]) => [name, await view()])),
      );
    const old = await look();
    const seen: (readonly [name: string, what: unknown])[] = [];
    const writing = replace(store, id, after);

    await during(writing, async (turn) => {
      const names = Object.keys(views);
      const name = names[turn % names.length] ?? '';
      seen.push([name, await views[name]?.()]);
    });

    await writing;
    const now = await look();
    const isOld = seen.map(([name, what]) => isDeepStrictEqual(what, old[name]));
    expect(now).toMatchObject({
      members: after.toSorted(),
      ofUsers: [0, 1],
      person: 1,
      groups: [0, 1],
      users: 1,
    });
    expect(old).toMatchObject({
      members: before.toSorted(),
      ofUsers: [1, 0],
      person: 0,
      groups: [1, 0],
      users: 0,
    });
    expect(isOld.filter(Boolean).length).toBeGreaterThanOrEqual(Object.keys(views).length);
    for (const [name, what] of seen.slice(isOld.lastIndexOf(true) + 1)) expect(what).toEqual(now[name]);
    expect(isOld.slice(0, isOld.lastIndexOf(true))).not.toContain(false);
  });
});
