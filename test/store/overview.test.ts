import { expect, it, onTestFinished } from 'vitest';
import type { SourceId } from '../../src/directory/resource.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import { tempDir } from '../support/temp-dir.ts';

const [ONE, TWO] = ['one', 'two'] as readonly string[] as [SourceId, SourceId];

function open() {
  const store = openStore(tempDir());
  onTestFinished(() => store.close());
  return store;
}

it('counts what each source pushed, and knows when it last did', async () => {
  const { overview, users, groups } = open();
  expect(await overview.sources()).toEqual([]);
  await users.create(ONE, { userName: 'ann' }, 1000);
  await users.create(ONE, { userName: 'bob' }, 3000);
  await groups.create(ONE, { attributes: { displayName: 'eng' }, members: [] }, 2000);
  await groups.create(TWO, { attributes: { displayName: 'eng' }, members: [] }, 5000);
  expect(await overview.sources()).toEqual([
    { source: ONE, users: 2, groups: 1 },
    { source: TWO, users: 0, groups: 1 },
  ]);
  expect(await overview.lastModified(ONE)).toBe(3000);
  expect(await overview.lastModified(TWO)).toBe(5000);
  expect(await overview.lastModified('three' as SourceId)).toBeUndefined();
});

it('tells how somebody waits', async () => {
  const { overview, users, work } = open();
  const { id } = await users.create(ONE, { userName: 'ann' }, 1000, undefined, 'POST /Users');
  expect(await overview.waiting(id)).toEqual({
    urgency: 'small',
    attempts: 0,
    since: 1000,
    dueAt: 1000,
    lastError: undefined,
    cause: 'POST /Users',
  });
  const item = await work.next({ now: 1000, order: 'oldest', urgencies: ['small'], except: [] });
  if (item === undefined) throw new Error('nobody is marked');
  await work.postpone(item, 9000, { kind: 'refused', message: 'no' });
  expect(await overview.waiting(id)).toMatchObject({
    attempts: 1,
    dueAt: 9000,
    lastError: { kind: 'refused', message: 'no' },
  });
  await work.remind([], 'bulk', 0);
  const again = await work.next({ now: 9000, order: 'oldest', urgencies: ['small'], except: [] });
  if (again !== undefined) await work.done(again);
  expect(await overview.waiting(id)).toBeUndefined();
});

it('knows the version of the schema', async () => {
  expect(await open().overview.schema()).toBeGreaterThanOrEqual(3);
});
