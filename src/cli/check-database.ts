import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import { type Finding, failure, ok, warning } from '../desk/finding.ts';
import type { UserId } from '../matrix/ids.ts';
import { whole } from '../pieces.ts';
import type { GroupMap } from '../plan/group-map.ts';
import { unmatchedRules } from '../plan/openings.ts';
import { StoreUnusable } from '../store/error.ts';
import { openStoreReadOnly } from '../store/sqlite/open-store.ts';
import { asUnusable, describeTrouble } from '../store/sqlite/unusable.ts';
import type { Store } from '../store/store.ts';
import { checkFiles } from './check-files.ts';
import { checkState } from './check-state.ts';
import { listTroubles } from './troubles.ts';

type DatabaseReport = {
  readonly findings: readonly Finding[];
  readonly ours: ReadonlySet<UserId>;
  /** To be closed by the caller; undefined if there is no database that can be read. */
  readonly store: Store | undefined;
};

/** Looks at the database and at what the provider pushed. `ours` are the accounts that Usher linked. */
export async function checkDatabase(config: Config, map: GroupMap): Promise<DatabaseReport> {
  const { dataDir, resyncIntervalMs: resyncMs } = config;
  const folder = resolve(dataDir);
  if (!isWritable(folder)) {
    return only(
      failure('database', {
        found: `${folder} can not be written to, or is no folder`,
        meaning: 'nothing can be stored.',
        remedy: 'give the folder to the user Usher runs as, or set DATA_DIR to another one.',
      }),
    );
  }
  if (!existsSync(resolve(folder, 'usher.db'))) {
    return only(ok('database', `none yet in ${folder}; it is made at the first start`));
  }
  let store: Store | undefined;
  try {
    store = openStoreReadOnly(dataDir);
    const damage = await store.overview.damage();
    if (damage !== undefined) throw new StoreUnusable(describeTrouble(dataDir, 'broken', damage));
    const findings = [
      await checkPeople(store, folder),
      ...checkFiles(folder),
      ...(await checkState(store, dataDir, { resyncMs, now: Date.now() })),
      ...(await checkGroups(store, map)),
    ];
    const ours = new Set((await whole(store.people.roster())).map(({ account }) => account));
    return { findings, ours, store };
  } catch (error) {
    await store?.close();
    const known = asUnusable(dataDir, error);
    if (!(known instanceof StoreUnusable)) throw error;
    const trouble = {
      found: known.message,
      meaning: 'Usher can not start, or not work.',
      remedy: 'as it says.',
    };
    return only(failure('database', trouble));
  }
}

function only(finding: Finding): DatabaseReport {
  return { findings: [finding], ours: new Set(), store: undefined };
}

async function checkPeople(store: Store, folder: string): Promise<Finding> {
  const troubles = await listTroubles(store);
  const { total } = await store.work.summary(Date.now());
  if (troubles.length === 0) return ok('database', `${folder}, ${total} people waiting to be looked at`);
  return warning('database', {
    found: [`${troubles.length} people are not as they should be`, ...troubles].join('\n        '),
    meaning: 'these are tried again slowly, until somebody mends the cause.',
    remedy: 'each line says what to do.',
  });
}

async function checkGroups(store: Store, map: GroupMap): Promise<readonly Finding[]> {
  return unmatchedRules(map, await store.groups.names()).map((found) =>
    warning('group map', {
      found,
      meaning: 'it opens nothing; and what this group opened under another key is taken.',
      remedy: 'correct the key, or have the provider push the group.',
    }),
  );
}

/** Whether the folder can be written to, or made. */
function isWritable(folder: string): boolean {
  if (!existsSync(folder)) return isWritable(dirname(folder));
  try {
    accessSync(folder, constants.W_OK);
    return statSync(folder).isDirectory();
  } catch {
    return false;
  }
}
