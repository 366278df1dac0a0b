import { AsyncLocalStorage } from 'node:async_hooks';
import { expect, it, onTestFinished } from 'vitest';
import type { ResourceId, SourceId } from '../../src/directory/resource.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import { tempDir } from '../support/temp-dir.ts';

const SOURCE = 'idp' as SourceId;
const NOW = Date.now();

/** A store, and whom it told of, with the request in whose course it did. */
function stage() {
  const requests = new AsyncLocalStorage<string>();
  const told: (readonly [string | undefined, ResourceId])[] = [];
  const store = openStore(tempDir(), {
    onMarked: (people) => told.push(...people.map((id) => [requests.getStore(), id] as const)),
  });
  onTestFinished(() => store.close());
  const create = (request: string) =>
    requests.run(request, () => store.users.create(SOURCE, { userName: request, active: true }, NOW));
  return { store, told, requests, create };
}

it('who is marked is told in the course of the request that does, though several are committed together', async () => {
  const { told, create, store, requests } = stage();
  const [ann, bob] = await Promise.all([create('ann'), create('bob')]);
  expect(told).toEqual([
    ['ann', ann.id],
    ['bob', bob.id],
  ]);
  const group = { attributes: { displayName: 'eng' }, members: [ann.id] };
  await requests.run('group', () => store.groups.create(SOURCE, group, NOW));
  expect(told.slice(2)).toEqual([['group', ann.id]]);
});

it('who is reminded is told of only if that changes anything', async () => {
  const { told, create, store } = stage();
  const ann = await create('ann');
  await store.work.remind([ann.id, 'new' as ResourceId], 'small', NOW);
  await store.work.remind([ann.id], 'removal', NOW);
  expect(told.slice(1).map(([, id]) => id)).toEqual(['new', ann.id]);
});
