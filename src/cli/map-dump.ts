import type { GroupNames } from '../directory/group.ts';
import type { ResourceId } from '../directory/resource.ts';
import { type DraftGroup, keyOf, renderDraft } from '../plan/group-map-draft.ts';
import { sameGroup } from '../plan/group-map-parse.ts';
import { verifyIdentity } from '../reconcile/pass.ts';
import { openStoreReadOnly } from '../store/sqlite/open-store.ts';
import type { Store } from '../store/store.ts';
import { readOnly } from '../synapse/read-only.ts';
import { connect } from './connection.ts';
import { createLookout, type Lookout } from './map-lookout.ts';
import { createProgress, EXIT, print, readConfig, type Terminal } from './terminal.ts';

/** So many members of a group are looked at. */
const SAMPLE = 20;
/** So many are asked for an account, to find those. */
const MOST_ASKED = 60;
/** The share of them that has to be in a room, in per cent. */
const SHARE = 80;

/** Prints a map of the rooms that groups are in today. Changes nothing; may run beside the service. */
export async function dumpCommand(terminal: Terminal): Promise<number> {
  const config = readConfig(terminal);
  const store = openStoreReadOnly(config.dataDir);
  const progress = createProgress(terminal);
  try {
    const homeserver = readOnly(connect(config).homeserver);
    await verifyIdentity(homeserver, config.matrix.adminUserId);
    const lookout = await createLookout({ config, store, homeserver });
    const drafts: DraftGroup[] = [];
    const groups = await readGroups(store);
    for (const group of groups) {
      progress.show(`looking at ${drafts.length + 1} of ${groups.length} groups …`);
      drafts.push(await draftOf(group, lookout));
    }
    progress.clear();
    const problems = lookout.problems().map((problem) => `Left out: ${problem}`);
    print(terminal, renderDraft(drafts, [...explain(), ...problems]));
    return EXIT.ok;
  } finally {
    progress.clear();
    await store.close();
  }
}

function explain(): readonly string[] {
  return [
    `Made by "usher map dump": for each group that was pushed, the rooms with a name that at least ${SHARE} % of its members are in.`,
    `Of a group with more than ${SAMPLE} members with an account, about ${SAMPLE} are looked at. A suggestion: take out what is chance.`,
    'Then see what it would do: usher plan --map FILE',
  ];
}

/** Groups that one key of a map selects are one here. */
type Pushed = {
  readonly names: GroupNames;
  readonly key: string | undefined;
  readonly members: readonly ResourceId[];
};

async function readGroups(store: Store): Promise<readonly Pushed[]> {
  const groups = await store.groups.names();
  const members = new Map<ResourceId, Set<ResourceId>>();
  for (const [user, ofUser] of await store.people.membersOf(groups.map(({ id }) => id))) {
    for (const group of ofUser) members.set(group, (members.get(group) ?? new Set()).add(user));
  }
  const byKey = Map.groupBy(groups, (names) => {
    const key = keyOf(names);
    return key === undefined ? names.id : sameGroup(key);
  });
  return [...byKey.values()].flatMap((alike) => {
    const [names] = alike;
    const all = new Set(alike.flatMap(({ id }) => [...(members.get(id) ?? [])]));
    return names ? [{ names, key: keyOf(names), members: [...all].sort() }] : [];
  });
}

async function draftOf({ names, key, members }: Pushed, lookout: Lookout): Promise<DraftGroup> {
  const asked = spread(members, MOST_ASKED);
  const accounts = new Set<string>();
  const counts = new Map<string, number>();
  let count = 0;
  for (const userId of asked) {
    if (accounts.size === SAMPLE) break;
    count += 1;
    const found = await lookout.roomsOf(userId);
    if (found === undefined || accounts.has(found.account)) continue;
    accounts.add(found.account);
    for (const roomId of found.rooms) counts.set(roomId, (counts.get(roomId) ?? 0) + 1);
  }
  const isSample = count < members.length;
  const shared = [...counts].filter(([, inside]) => inside * 100 >= accounts.size * SHARE);
  const rooms = await lookout.describe(new Map(shared), isSample ? undefined : accounts);
  return { key, name: names.displayName, members: members.length, lookedAt: accounts.size, isSample, rooms };
}

/** At most so many, from all over the list. */
function spread<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all;
  return all.filter(
    (_, index) => Math.floor((index * most) / all.length) !== Math.floor(((index - 1) * most) / all.length),
  );
}
