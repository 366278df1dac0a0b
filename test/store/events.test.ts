import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Group } from '../../src/directory/group.ts';
import type { ResourceId, SourceId } from '../../src/directory/resource.ts';
import type { RoomId, UserId } from '../../src/matrix/ids.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import type { JournalEntry, Store } from '../../src/store/store.ts';
import { tempDir } from '../support/temp-dir.ts';

const IDP = 'idp' as SourceId;
const NOW = Date.UTC(2026, 10, 22);
let store: Store;
let at: number;

beforeEach(() => {
  store = openStore(tempDir());
  onTestFinished(() => store.close());
  at = NOW;
  store.events.record(['join', 'kick'], () => at);
});

const told = async () =>
  (await store.events.next(100_000)).map(({ operation, resource, payload }) => [
    operation,
    resource,
    payload,
  ]);
const forget = () => store.events.clear();
const user = (attributes: Record<string, unknown>) => store.users.create(IDP, attributes, at);
const group = (members: readonly string[], displayName = 'Engineering') =>
  store.groups.create(IDP, { attributes: { displayName, externalId: 'ext' }, members }, at);
const add = (id: ResourceId, ...values: readonly string[]) =>
  store.groups.update(IDP, id, ({ attributes }) => ({ attributes, members: [{ kind: 'add', values }] }), at);

describe('what waits', () => {
  it('is counted, and how long the oldest has', async () => {
    expect(await store.events.backlog()).toEqual({ waiting: 0, oldestAt: undefined });
    await user({ userName: 'ann' });
    at += 5_000;
    await user({ userName: 'bob' });
    expect(await store.events.backlog()).toEqual({ waiting: 2, oldestAt: NOW });
    const [first] = await store.events.next(1);
    await store.events.remove([first?.seq ?? 0]);
    expect(await store.events.backlog()).toEqual({ waiting: 1, oldestAt: NOW + 5_000 });
  });
});

describe('what is recorded', () => {
  it('is each write of a user, with the names of what changed and the version', async () => {
    const { id } = await user({ userName: 'ann', externalId: 'a', active: true });
    await store.users.update(IDP, id, () => ({ userName: 'ann', externalId: 'a', title: 'Dr' }), at);
    await store.users.update(IDP, id, ({ attributes }) => ({ ...attributes, active: false }), at);
    await store.users.update(IDP, id, ({ attributes }) => ({ ...attributes, active: true }), at);
    await store.users.remove(IDP, id, at);
    const path = `/Users/${id}`;
    expect(await told()).toEqual([
      ['create', path, { attributes: ['userName', 'externalId', 'active'], version: 1 }],
      ['put', path, { attributes: ['active', 'title'], version: 2 }],
      ['put', path, { attributes: ['active'], version: 3, active: false }],
      ['put', path, { attributes: ['active'], version: 4, active: true }],
      ['delete', path, {}],
    ]);
    const events = await store.events.next(9);
    expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    expect(new Set(events.map((event) => event.id)).size).toBe(5);
    expect(events.every((event) => event.externalId === 'a' && event.at === NOW)).toBe(true);
  });

  it('is each write of a group, and those that a deleted or arriving member causes', async () => {
    const { id: ann } = await user({ userName: 'ann' });
    const { id } = await group([ann, 'late']);
    await forget();
    const rename = (before: Group) => ({
      attributes: { ...before.attributes, displayName: 'E' },
      members: [],
    });
    await store.groups.update(IDP, id, rename, at);
    await user({ userName: 'late', externalId: 'late' });
    await store.users.remove(IDP, ann, at);
    await store.groups.remove(IDP, id, at);
    const path = `/Groups/${id}`;
    expect((await told()).filter(([, resource]) => resource === path)).toEqual([
      ['put', path, { attributes: ['displayName', 'members'], version: 2 }],
      ['put', path, { attributes: ['members'], version: 3 }],
      ['put', path, { attributes: ['members'], version: 4 }],
      ['delete', path, {}],
    ]);
  });

  it('is one event for a change of many members', async () => {
    const { id } = await group([]);
    await forget();
    await add(id, ...Array.from({ length: 2_500 }, (_, index) => `m${index}`));
    expect(await told()).toEqual([['put', `/Groups/${id}`, { attributes: ['members'], version: 2 }]]);
  });

  it('is nothing of a write that changes nothing or fails', async () => {
    const { id } = await user({ userName: 'ann' });
    await user({ userName: 'bob' });
    await forget();
    await store.users.update(IDP, id, ({ attributes }) => attributes, at);
    await expect(user({ userName: 'ANN' })).rejects.toThrow();
    const refuse = (): never => {
      throw new Error('no');
    };
    await expect(store.users.update(IDP, id, refuse, at)).rejects.toThrow('no');
    await expect(store.users.remove(IDP, id, at, refuse)).rejects.toThrow('no');
    await expect(store.users.update(IDP, id, () => ({ userName: 'bob' }), at)).rejects.toThrow();
    expect(await told()).toEqual([]);
    await user({ userName: 'cem' });
    expect((await store.events.next(1))[0]?.seq).toBe(3);
  });

  it('is what was done on the homeserver, of the kinds that are asked for', async () => {
    const entry: JournalEntry = {
      ...{
        at: NOW,
        action: 'join',
        outcome: 'done',
        account: '@ann:x.test' as UserId,
        roomId: '!eng' as RoomId,
      },
      ...{ userId: 'id-of-ann' as ResourceId, detail: 'join ann', cause: undefined },
    };
    await store.journal.append(entry);
    await store.journal.append({ ...entry, outcome: 'failed' });
    await store.journal.append({ ...entry, action: 'approve' });
    await store.journal.append({ ...entry, action: 'kick', userId: undefined, account: undefined });
    expect(await told()).toEqual([
      ['change', '@ann:x.test', { kind: 'join', account: '@ann:x.test', room: '!eng', user: 'id-of-ann' }],
      ['change', '!eng', { kind: 'kick', room: '!eng' }],
    ]);
  });

  it('is nothing until it is asked for', async () => {
    const other = openStore(tempDir());
    onTestFinished(() => other.close());
    await other.users.create(IDP, { userName: 'ann' }, NOW);
    expect(await other.events.next(1)).toEqual([]);
  });
});

describe('what is kept', () => {
  it('goes when it was taken, or is too old, or the oldest of too many; numbers are never given twice', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
      await user({ userName: name });
      at += 1_000;
    }
    const seqs = async () => (await store.events.next(100)).map(({ seq }) => seq);
    await store.events.remove([2]);
    expect(await seqs()).toEqual([1, 3, 4, 5, 6]);
    expect(await store.events.trim(NOW + 2_500, 100)).toBe(2);
    expect(await seqs()).toEqual([4, 5, 6]);
    expect(await store.events.trim(0, 2)).toBe(1);
    expect(await seqs()).toEqual([5, 6]);
    expect(await store.events.trim(0, 2)).toBe(0);
    await store.events.remove([5, 6]);
    await user({ userName: 'g' });
    expect(await seqs()).toEqual([7]);
    const [last] = await store.events.next(1);
    expect(await store.events.next(9, [String(last?.resource)])).toEqual([]);
  });
});
