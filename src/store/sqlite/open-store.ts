import type { Store } from '../store.ts';
import { type Connection, openForReading, openForWriting } from './database.ts';
import { createGroupStore } from './groups.ts';
import { createJournal } from './journal.ts';
import { createMemberSets } from './member-sets.ts';
import { createPeopleStore } from './people.ts';
import { createRoomStore } from './rooms.ts';
import { createUserStore } from './users.ts';
import { createMarker, createWorkStore } from './work.ts';

/**
 * Opens the SQLite store in a folder, making both if need be. Throws `StoreUnusable` with a sentence for the
 * admin if it can't be used, e.g. while another process has it.
 */
export function openStore(dataDir: string): Store {
  const opened = openForWriting(dataDir);
  createMemberSets(opened.db).tidy();
  return createStore(opened);
}

/** The store of a folder that may be in use by a running service. Every write rejects. */
export function openStoreReadOnly(dataDir: string): Store {
  return createStore(openForReading(dataDir));
}

function createStore({ db, close }: { readonly db: Connection; readonly close: () => void }): Store {
  const mark = createMarker(db);
  return {
    users: createUserStore(db, mark),
    groups: createGroupStore(db, mark),
    people: createPeopleStore(db),
    rooms: createRoomStore(db),
    work: createWorkStore(db, mark),
    journal: createJournal(db),
    async probe() {
      // Writes, since a full disk can still be read.
      db.pragma(`user_version = ${Number(db.pragma('user_version', { simple: true }))}`);
    },
    async close() {
      close();
    },
  };
}
