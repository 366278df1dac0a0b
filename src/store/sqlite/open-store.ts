import type { ResourceId } from '../../directory/resource.ts';
import type { Store } from '../store.ts';
import { BACKUPS_KEPT, backUp, backUpInTurns, untilDone } from './backup.ts';
import { createCommits } from './commits.ts';
import { type Connection, openBeside, openForWriting } from './database.ts';
import { createEventStore } from './events.ts';
import { createFactStore } from './facts.ts';
import { createGroupStore } from './groups.ts';
import { createGuardStore } from './guard.ts';
import { createJournal } from './journal.ts';
import { createMapStore } from './maps.ts';
import { createMemberSets } from './member-sets.ts';
import { createOverview } from './overview.ts';
import { createPageStore } from './pages.ts';
import { createPeopleStore } from './people.ts';
import { createRoomStore } from './rooms.ts';
import { createSealing } from './seal.ts';
import { createSessionStore } from './sessions.ts';
import { createSurveyStore } from './survey.ts';
import { createTokenStore } from './tokens.ts';
import { asUnusable } from './unusable.ts';
import { createUserStore } from './users.ts';
import { createWordStore } from './words.ts';
import { createMarker, createWorkStore } from './work.ts';

export type StoreOptions = {
  /** How many backups stay; with 0, none is made before the schema changes. */
  readonly backupsKept?: number;
  /** Told of whom is marked as work, by what is under way then; perhaps in vain, as the write may fail. */
  readonly onMarked?: ((people: readonly ResourceId[]) => void) | undefined;
};

type Opened = { readonly db: Connection; readonly close: () => void };

type Place = Pick<StoreOptions, 'onMarked'> & {
  readonly dataDir: string;
  readonly backupsKept: number;
  /** Whether another process may write, and make a backup that takes its time begin again and again. */
  readonly isShared: boolean;
};

/**
 * Opens the SQLite store in a folder, making both if need be. Throws `StoreUnusable` with a sentence for the
 * admin if it can't be used, e.g. while another process has it.
 */
export function openStore(
  dataDir: string,
  { backupsKept = BACKUPS_KEPT, onMarked }: StoreOptions = {},
): Store {
  const opened = openForWriting(dataDir, backupsKept);
  return using(opened, dataDir, () => {
    createMemberSets(opened.db).tidy();
    return createStore(opened, { dataDir, backupsKept, onMarked, isShared: false });
  });
}

/** The store of a folder that may be in use by a running service. Every write rejects. */
export function openStoreReadOnly(dataDir: string): Store {
  const place = { dataDir, backupsKept: Number.POSITIVE_INFINITY, isShared: true };
  const opened = openBeside(dataDir, 'read');
  return using(opened, dataDir, () => createStore(opened, place));
}

/**
 * The store of a folder that may be in use by a running service, for a command that writes a little and ends. Who
 * writes waits up to 5 s for the other. Throws `StoreUnusable` if there is no database, or not of our schema. Users
 * and groups are not to be written by it: the service would go on with the names of groups that it knows.
 */
export function openStoreBeside(dataDir: string, { backupsKept = BACKUPS_KEPT }: StoreOptions = {}): Store {
  const opened = openBeside(dataDir, 'write');
  return using(opened, dataDir, () => createStore(opened, { dataDir, backupsKept, isShared: true }));
}

/** What can't be prepared is closed again. */
function using<T>(opened: Opened, dataDir: string, prepare: () => T): T {
  try {
    return prepare();
  } catch (error) {
    opened.close();
    throw asUnusable(dataDir, error);
  }
}

function createStore({ db, close }: Opened, { dataDir, backupsKept, onMarked, isShared }: Place): Store {
  const marker = createMarker(db, onMarked);
  const commits = createCommits(db);
  const facts = createFactStore(db);
  const dataVersion = (): number => Number(db.pragma('data_version', { simple: true }));
  let seen = dataVersion();
  return {
    users: createUserStore(db, marker.mark, commits),
    groups: createGroupStore(db, marker.mark, commits),
    people: createPeopleStore(db),
    rooms: createRoomStore(db),
    survey: createSurveyStore(db),
    work: createWorkStore(db, marker),
    journal: createJournal(db),
    guard: createGuardStore(db),
    facts,
    tokens: createTokenStore(db),
    sessions: createSessionStore(db),
    maps: createMapStore(db),
    events: createEventStore(db),
    words: createWordStore(db),
    overview: createOverview(db),
    pages: createPageStore(db),
    async changedElsewhere() {
      const before = seen;
      seen = dataVersion();
      return seen !== before;
    },
    async backup(reason) {
      const options = { dataDir, kept: Number.POSITIVE_INFINITY, reason };
      const backup = isShared ? backUp(db, options) : await backUpInTurns(db, options);
      return untilDone(backup, dataDir, Math.max(1, backupsKept));
    },
    seal: createSealing(dataDir, facts),
    async probe() {
      // Writes, since a full disk can still be read.
      db.pragma(`user_version = ${Number(db.pragma('user_version', { simple: true }))}`);
    },
    async close() {
      commits.flush();
      close();
    },
  };
}
