import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { MemberChange } from '../../src/directory/group.ts';
import type { ResourceId, SourceId } from '../../src/directory/resource.ts';
import { PIECE } from '../../src/pieces.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { tempDir } from '../support/temp-dir.ts';

const IDP = 'idp' as SourceId;
const NOW = Date.UTC(2026, 0, 1);
const [a, b] = ['a', 'b'] as [ResourceId, ResourceId];

let store: Store;
beforeEach(() => {
  store = openStore(tempDir());
  onTestFinished(() => store.close());
});

/** What marked each; everybody is done afterwards. */
async function causes() {
  const found = new Map<ResourceId, string | undefined>();
  for (const _ of await store.work.all()) {
    const item = await store.work.next({
      ...{ now: NOW, order: 'oldest', urgencies: ['removal', 'small', 'bulk'] },
      except: [],
    });
    if (item === undefined) continue;
    found.set(item.userId, item.cause);
    await store.work.done(item);
  }
  return found;
}

const user = async (userName: string, cause?: string) =>
  (await store.users.create(IDP, { userName }, NOW, undefined, cause)).id;
const change = (id: ResourceId, cause: string, ...members: readonly MemberChange[]) =>
  store.groups.update(IDP, id, ({ attributes }) => ({ attributes, members }), NOW, cause);

describe('the cause of a mark', () => {
  it('is that of the newest mark that has one', async () => {
    await store.work.mark([a, b], 'small', NOW - 2, 'first');
    await store.work.mark([a], 'small', NOW - 1, 'second');
    expect(await causes()).toEqual(
      new Map([
        [b, 'first'],
        [a, 'second'],
      ]),
    );
    await store.work.mark([a, b], 'small', NOW - 1);
    await store.work.mark([b], 'small', NOW - 1, 'third');
    await store.work.mark([b], 'small', NOW);
    expect(await causes()).toEqual(
      new Map([
        [a, undefined],
        [b, 'third'],
      ]),
    );
  });

  it('is not changed by a reminder, but a reminder may be the first', async () => {
    await store.work.mark([a], 'small', NOW - 1, 'a request');
    await store.work.remind([a, b], 'removal', NOW, 'a pass');
    expect(await causes()).toEqual(
      new Map([
        [a, 'a request'],
        [b, 'a pass'],
      ]),
    );
  });

  it('stays while an item waits', async () => {
    await store.work.mark([a], 'small', NOW - 1, 'a request');
    const item = await store.work.next({ now: NOW, order: 'newest', urgencies: ['small'], except: [] });
    if (item !== undefined) await store.work.postpone(item, NOW, { kind: 'refused', message: 'no' });
    expect((await store.work.failing(1))[0]?.cause).toBe('a request');
    expect(await causes()).toEqual(new Map([[a, 'a request']]));
  });

  it('is given by each kind of write to a user', async () => {
    const ann = await user('ann', 'create');
    expect(await causes()).toEqual(new Map([[ann, 'create']]));
    await store.users.update(IDP, ann, () => ({ userName: 'ann', active: false }), NOW, 'update');
    expect(await causes()).toEqual(new Map([[ann, 'update']]));
    await store.users.remove(IDP, ann, NOW, undefined, 'remove');
    expect(await causes()).toEqual(new Map([[ann, 'remove']]));
  });

  it('is given by each kind of write to a group', async () => {
    const [ann, bob] = [await user('ann'), await user('bob')];
    await causes();
    const eng = { attributes: { displayName: 'eng' }, members: [ann] };
    const { id } = await store.groups.create(IDP, eng, NOW, undefined, 'create');
    expect(await causes()).toEqual(new Map([[ann, 'create']]));
    await change(id, 'update', { kind: 'replace', values: [bob] });
    expect(await causes()).toEqual(
      new Map([
        [ann, 'update'],
        [bob, 'update'],
      ]),
    );
    await store.groups.remove(IDP, id, NOW, undefined, 'remove');
    expect(await causes()).toEqual(new Map([[bob, 'remove']]));
  });

  it('is given to everybody by a write in pieces', { timeout: 30_000 }, async () => {
    const members: ResourceId[] = [];
    for (let index = 0; index <= PIECE; index += 1) members.push(await user(`user-${index}`));
    const causeOfAll = async () => [...new Set((await causes()).values())];
    await causeOfAll();
    const eng = { attributes: { displayName: 'eng' }, members };
    const { id } = await store.groups.create(IDP, eng, NOW, undefined, 'create');
    expect(await causeOfAll()).toEqual(['create']);
    await change(id, 'update', { kind: 'replace', values: [] });
    expect(await causeOfAll()).toEqual(['update']);
    await change(id, 'update again', { kind: 'replace', values: members });
    await store.groups.remove(IDP, id, NOW, undefined, 'remove');
    expect(await causeOfAll()).toEqual(['remove']);
  });
});
