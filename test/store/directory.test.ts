import { describe, expect, it, onTestFinished } from 'vitest';
import type { Member, MemberChange } from '../../src/directory/group.ts';
import type { ResourceId, SourceId } from '../../src/directory/resource.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import type { ListQuery, Store } from '../../src/store/store.ts';
import { tempDir } from '../support/temp-dir.ts';

const IDP = 'idp' as SourceId;
const OTHER = 'other' as SourceId;
const NOW = 1_700_000_000_000;

function open(): Store {
  const store = openStore(tempDir());
  onTestFinished(() => store.close());
  return store;
}

const all: ListQuery = {
  startIndex: 1,
  count: 100,
  where: {},
  order: { by: 'creation', isDescending: false },
};

async function group(store: Store, displayName: string, members: readonly string[] = [], source = IDP) {
  return store.groups.create(source, { attributes: { displayName }, members }, NOW);
}

async function user(store: Store, userName: string, more: object = {}, source = IDP) {
  return store.users.create(source, { userName, ...more }, NOW);
}

async function membersOf(store: Store, id: ResourceId) {
  const members: Member[] = [];
  for await (const some of store.groups.members(id)) members.push(...some);
  return members;
}

async function change(store: Store, id: ResourceId, ...members: readonly MemberChange[]) {
  return store.groups.update(IDP, id, ({ attributes }) => ({ attributes, members }), NOW + 1);
}

async function takeAllWork(store: Store) {
  const marked = await store.work.all();
  for (const _ of marked) {
    const item = await store.work.next({
      now: NOW * 2,
      order: 'oldest',
      urgencies: ['removal', 'small', 'bulk'],
      except: [],
    });
    if (item !== undefined) await store.work.done(item);
  }
  return marked;
}

describe('users in the store', () => {
  it('come back as they were sent, under an id of ours', async () => {
    const store = open();
    const attributes = {
      userName: 'Ann',
      emails: [{ value: 'A@x', type: 'other' }],
      'urn:x:y': { a: [1, null] },
    };
    const created = await store.users.create(IDP, attributes, NOW);
    expect(created.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(await store.users.get(IDP, created.id)).toEqual({
      id: created.id,
      source: IDP,
      attributes,
      version: 1,
      created: NOW,
      lastModified: NOW,
    });
  });

  it('have a user name of their own in their source, whatever its case', async () => {
    const store = open();
    await user(store, 'Ann');
    await expect(user(store, 'ANN')).rejects.toMatchObject({
      name: 'DirectoryConflict',
      attribute: 'userName',
    });
    await expect(user(store, 'ann', {}, OTHER)).resolves.toBeDefined();
  });

  it('free their name when they are deleted', async () => {
    const store = open();
    const ann = await user(store, 'ann');
    await store.users.remove(IDP, ann.id, NOW);
    const again = await user(store, 'ann');
    expect(again.id).not.toBe(ann.id);
  });

  it('are seen and changed by their own source only', async () => {
    const store = open();
    const ann = await user(store, 'ann');
    expect(await store.users.get(OTHER, ann.id)).toBeUndefined();
    expect((await store.users.list(OTHER, all)).totalResults).toBe(0);
    await expect(store.users.remove(OTHER, ann.id, NOW)).rejects.toMatchObject({ name: 'NotFound' });
    await expect(store.users.update(OTHER, ann.id, () => ({ userName: 'x' }), NOW)).rejects.toMatchObject({
      name: 'NotFound',
    });
  });

  it('keep the version, and not the time, when an update changes nothing', async () => {
    const store = open();
    const ann = await user(store, 'ann');
    const same = await store.users.update(IDP, ann.id, () => ({ userName: 'ann' }), NOW + 5);
    expect([same.version, same.lastModified]).toEqual([1, NOW + 5]);
    const changed = await store.users.update(IDP, ann.id, () => ({ userName: 'ann', title: 'x' }), NOW + 5);
    expect([changed.version, changed.lastModified, changed.created]).toEqual([2, NOW + 6, NOW]);
  });

  it('are unchanged when the change throws or clashes', async () => {
    const store = open();
    const ann = await user(store, 'ann');
    await user(store, 'bob');
    const fail = () => {
      throw new Error('no');
    };
    await expect(store.users.update(IDP, ann.id, fail, NOW)).rejects.toThrow('no');
    await expect(store.users.update(IDP, ann.id, () => ({ userName: 'BOB' }), NOW)).rejects.toMatchObject({
      name: 'DirectoryConflict',
    });
    expect((await store.users.get(IDP, ann.id))?.attributes).toEqual({ userName: 'ann' });
  });

  it('are listed in order of creation, page by page, with an honest total', async () => {
    const store = open();
    for (const name of ['c', 'a', 'b', 'd']) await user(store, name);
    const page = await store.users.list(IDP, { ...all, startIndex: 2, count: 2 });
    expect(page.totalResults).toBe(4);
    expect(page.resources.map((each) => each.attributes.userName)).toEqual(['a', 'b']);
    expect(await store.users.list(IDP, { ...all, count: 0 })).toEqual({ totalResults: 4, resources: [] });
  });

  it('are found by index, and gone through some at a time', async () => {
    const store = open();
    for (const name of ['ann', 'bob', 'cid'])
      await user(store, name, { externalId: `x-${name}`, title: name === 'bob' ? 'b' : 'other' });
    const byName = await store.users.list(IDP, { ...all, where: { userName: 'ANN', externalId: 'x-ann' } });
    expect(byName.totalResults).toBe(1);
    const backwards: ListQuery = { ...all, order: { by: 'name', isDescending: true } };
    const found: unknown[] = [];
    for await (const some of store.users.scan(IDP, backwards)) {
      found.push(...some.map((each) => each.attributes.userName));
    }
    expect(found).toEqual(['cid', 'bob', 'ann']);
  });
});

describe('members of a group', () => {
  it('are added, kept once, removed and replaced', async () => {
    const store = open();
    const [ann, bob, cid] = [await user(store, 'ann'), await user(store, 'bob'), await user(store, 'cid')];
    const eng = await group(store, 'eng', [ann.id]);
    await change(store, eng.id, { kind: 'add', values: [bob.id, ann.id, bob.id] });
    expect(await membersOf(store, eng.id)).toEqual([
      { value: ann.id, type: 'User' },
      { value: bob.id, type: 'User' },
    ]);
    await change(
      store,
      eng.id,
      { kind: 'remove', values: [ann.id, 'nobody'] },
      { kind: 'add', values: [cid.id] },
    );
    expect((await membersOf(store, eng.id)).map((each) => each.value)).toEqual([bob.id, cid.id]);
    await change(store, eng.id, { kind: 'replace', values: [ann.id, cid.id] });
    expect((await membersOf(store, eng.id)).map((each) => each.value)).toEqual([ann.id, cid.id]);
    await change(store, eng.id, { kind: 'remove-matching', matches: (each) => each.value === cid.id });
    expect((await membersOf(store, eng.id)).map((each) => each.value)).toEqual([ann.id]);
  });

  it('wait for somebody with that external id, and are removed by either name', async () => {
    const store = open();
    const eng = await group(store, 'eng', ['ext-1', 'ext-2']);
    expect(await membersOf(store, eng.id)).toEqual([
      { value: 'ext-1', type: 'unknown' },
      { value: 'ext-2', type: 'unknown' },
    ]);
    const ann = await user(store, 'ann', { externalId: 'ext-1' });
    expect((await membersOf(store, eng.id))[0]).toEqual({ value: ann.id, type: 'User' });
    await change(store, eng.id, { kind: 'remove', values: ['ext-1', 'ext-2'] });
    expect(await membersOf(store, eng.id)).toEqual([]);
  });

  it('of another source count for nobody', async () => {
    const store = open();
    const ann = await user(store, 'ann', {}, OTHER);
    const eng = await group(store, 'eng', [ann.id]);
    expect(await membersOf(store, eng.id)).toEqual([{ value: ann.id, type: 'unknown' }]);
    expect((await store.people.person(ann.id))?.groups.size).toBe(0);
  });

  it('lose a deleted user and a deleted group', async () => {
    const store = open();
    const ann = await user(store, 'ann');
    const inner = await group(store, 'inner', [ann.id]);
    const outer = await group(store, 'outer', [inner.id, ann.id]);
    await store.groups.remove(IDP, inner.id, NOW);
    expect((await membersOf(store, outer.id)).map((each) => each.value)).toEqual([ann.id]);
    await store.users.remove(IDP, ann.id, NOW);
    expect(await membersOf(store, outer.id)).toEqual([]);
  });

  it('belong to the outer group through nested ones, also in a circle', async () => {
    const store = open();
    const ann = await user(store, 'ann');
    const inner = await group(store, 'inner', [ann.id]);
    const outer = await group(store, 'outer', [inner.id]);
    await change(store, inner.id, { kind: 'add', values: [outer.id] });
    expect((await store.people.person(ann.id))?.groups).toEqual(new Set([inner.id, outer.id]));
    expect(await store.people.membersOf([outer.id])).toEqual(new Map([[ann.id, [outer.id]]]));
  });

  it('tell whether there are more than a limit', async () => {
    const store = open();
    const eng = await group(store, 'eng', ['a', 'b', 'c']);
    expect(await store.groups.isLargerThan(eng.id, 2)).toBe(true);
    expect(await store.groups.isLargerThan(eng.id, 3)).toBe(false);
  });
});

describe('work that a write leaves', () => {
  it('is the person who was added or removed, and nobody else', async () => {
    const store = open();
    const [ann, bob] = [await user(store, 'ann'), await user(store, 'bob')];
    const eng = await group(store, 'eng', [ann.id]);
    await takeAllWork(store);
    await change(store, eng.id, { kind: 'add', values: [ann.id, bob.id] });
    expect(await takeAllWork(store)).toEqual([bob.id]);
    await change(store, eng.id, { kind: 'remove', values: [ann.id] });
    expect(await takeAllWork(store)).toEqual([ann.id]);
  });

  it('is a bulk when very many come one by one, but not for a change of one of them', async () => {
    const store = open();
    const eng = await group(store, 'eng');
    const people: Awaited<ReturnType<typeof user>>[] = [];
    for (let index = 0; index < 60; index += 1) people.push(await user(store, `new-${index}`));
    const [small, bulk] = [await store.work.all('small'), await store.work.all('bulk')];
    expect([small.length, bulk.length]).toEqual([51, 9]);
    const last = people.at(-1)?.id ?? ('' as ResourceId);
    expect(bulk).toContain(last);
    await change(store, eng.id, { kind: 'add', values: [last] });
    expect(await store.work.all('small')).toContain(last);
  });

  it('is everybody inside a nested group that was added', async () => {
    const store = open();
    const ann = await user(store, 'ann');
    const inner = await group(store, 'inner', [ann.id]);
    const outer = await group(store, 'outer');
    await takeAllWork(store);
    await change(store, outer.id, { kind: 'add', values: [inner.id] });
    expect(await takeAllWork(store)).toEqual([ann.id]);
  });

  it('is everybody in a group that was renamed or deleted', async () => {
    const store = open();
    const ann = await user(store, 'ann');
    const eng = await group(store, 'eng', [ann.id]);
    await takeAllWork(store);
    await store.groups.update(IDP, eng.id, () => ({ attributes: { displayName: 'new' }, members: [] }), NOW);
    expect(await takeAllWork(store)).toEqual([ann.id]);
    expect((await store.groups.names())[0]?.displayName).toBe('new');
    await store.groups.remove(IDP, eng.id, NOW);
    expect(await takeAllWork(store)).toEqual([ann.id]);
    expect(await store.groups.names()).toEqual([]);
  });

  it('is nothing when nothing changed', async () => {
    const store = open();
    const ann = await user(store, 'ann');
    const eng = await group(store, 'eng', [ann.id]);
    await takeAllWork(store);
    await store.users.update(IDP, ann.id, () => ({ userName: 'ann' }), NOW);
    const same = await change(store, eng.id, { kind: 'replace', values: [ann.id] });
    expect(same.version).toBe(1);
    const again = await change(
      store,
      eng.id,
      { kind: 'replace', values: [] },
      { kind: 'add', values: [ann.id, 'x'] },
      { kind: 'remove', values: ['x'] },
    );
    expect(again.version).toBe(1);
    expect(await store.work.all()).toEqual([]);
  });
});
