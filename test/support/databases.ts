import Database from 'better-sqlite3';
import type { ResourceId, SourceId } from '../../src/directory/resource.ts';
import { type RoomId, userId } from '../../src/matrix/ids.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { createOldDatabase } from './old-database.ts';
import { linkOf } from './people.ts';
import { tempDir } from './temp-dir.ts';

export const IDP = 'default' as SourceId;

/** Makes users of these names, each with a confirmed account and a recorded membership, in one group. */
export async function fillStore(store: Store, ...names: readonly string[]): Promise<void> {
  const members: ResourceId[] = [];
  for (const userName of names) {
    const { id } = await store.users.create(IDP, { userName, externalId: `uid-${userName}` }, 1);
    const account = userId(userName, 'usher.test');
    members.push(id);
    await store.people.saveLink(linkOf(id, account));
    await store.people.saveEntitlement({
      ...{
        account,
        roomId: '!room:usher.test' as RoomId,
        state: 'joined',
        via: ['*'],
        mode: 'granted',
        since: 1,
      },
    });
  }
  await store.groups.create(IDP, { attributes: { displayName: 'Staff' }, members }, 1);
}

/** A folder with a database of these users, that nobody has open. */
export async function folderWith(...names: readonly string[]): Promise<string> {
  const folder = tempDir();
  const store = openStore(folder);
  await fillStore(store, ...names);
  await store.close();
  return folder;
}

/** A folder with a database as the first version of Usher left it, with one user. */
export function oldFolder(): string {
  return createOldDatabase(1, (db) => {
    db.exec(`INSERT INTO users (id, source, user_name_key, active, attributes, version, created, last_modified)
      VALUES ('ann', 'default', 'ann', 1, '{"userName": "ann"}', 1, 1, 1)`);
  });
}

/** What a query finds in a file, which is left as it is. */
export function query(file: string, sql: string): readonly unknown[] {
  const db = new Database(file, { readonly: true });
  try {
    return db.prepare(sql).pluck().all();
  } finally {
    db.close();
  }
}
