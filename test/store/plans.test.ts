import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { ResourceId, SourceId } from '../../src/directory/resource.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import type { IndexedFilter } from '../../src/store/store.ts';
import { tempDir } from '../support/temp-dir.ts';

const IDP = 'idp' as SourceId;

/** A walk over all of something, unless it is what a statement was given or found itself. */
const WALK = /^SCAN (?!(j|json_each|u VIRTUAL|inside|above|wanted|found|some|CONSTANT ROW|\()\b)/;

/** What is about everybody. */
const ABOUT_ALL =
  /FROM groups ORDER BY seq$|WHERE active = 1|DISTINCT room_id|FROM (work|targets|created_rooms|totals|room_totals|holds|held_totals|tokens|maps|events|held_counts)\b|FROM held (ORDER|WHERE verdict)|count\(DISTINCT account\)|FROM links l LEFT JOIN users u ON u.id = l.user_id ORDER|WHERE l.user_id IS NULL|group_seq IS NULL$|^UPDATE holds SET since/;

const USERS: readonly IndexedFilter[] = [
  {},
  { id: 'x' },
  { userName: 'x' },
  { displayName: 'x' },
  { externalId: 'x' },
  { email: 'x' },
  { group: 'x' },
  { email: 'x', displayName: 'y', userName: 'z' },
];
const GROUPS: readonly IndexedFilter[] = [
  {},
  { id: 'x' },
  { displayName: 'x' },
  { externalId: 'x' },
  { member: 'x' },
];

it('no statement walks over all people to find some of them', async () => {
  const folder = tempDir();
  const prepared = new Set<string>();
  const prepare = vi.spyOn(Database.prototype, 'prepare');
  const store = openStore(folder);
  onTestFinished(() => store.close());
  for (const by of ['creation', 'name'] as const) {
    for (const isDescending of [false, true]) {
      const page = { startIndex: 1, count: 10, order: { by, isDescending } };
      for (const where of USERS) await store.users.list(IDP, { ...page, where });
      for (const where of GROUPS) await store.groups.list(IDP, { ...page, where });
    }
  }
  await store.people.person('x' as ResourceId);
  for (const [sql] of prepare.mock.calls) prepared.add(sql.trim());
  prepare.mockRestore();

  const db = new Database(join(folder, 'usher.db'), { readonly: true });
  onTestFinished(() => {
    db.close();
  });
  db.function('fold_case', (text) => text);
  const walks = [...prepared].flatMap((sql) => {
    if (!/^(SELECT|UPDATE|DELETE|INSERT|WITH)/.test(sql) || ABOUT_ALL.test(sql)) return [];
    const plan = db
      .prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql.replace(/[?@]\w*/g, 'NULL')}`)
      .all();
    return plan.filter(({ detail }) => WALK.test(detail)).map(({ detail }) => `${detail}: ${sql}`);
  });
  expect(prepared.size).toBeGreaterThan(60);
  expect(walks).toEqual([]);
});
