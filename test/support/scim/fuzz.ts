import { env } from 'node:process';
import type { Parameters } from 'fast-check';
import type { Member } from '../../../src/directory/group.ts';
import type { SourceId } from '../../../src/directory/resource.ts';
import type { ListQuery, Store } from '../../../src/store/store.ts';

/** The sources whose tokens `startScimServer` knows. */
const SOURCES = ['first', 'second'] as SourceId[];

const EVERYTHING: ListQuery = {
  startIndex: 1,
  count: Number.MAX_SAFE_INTEGER,
  where: {},
  order: { by: 'creation', isDescending: false },
};

/** Milliseconds: a long run is given a day. */
export const FUZZ_TIMEOUT = env.FUZZ_RUNS === undefined ? 30_000 : 86_400_000;

/**
 * How a property is tried: the same input each time, few enough to wait for. FUZZ_RUNS and FUZZ_SEED ask for more,
 * and for other input; a failure says with which seed it can be repeated.
 */
export function fuzzed<T>(runs: number): Parameters<T> {
  return { numRuns: Number(env.FUZZ_RUNS ?? runs), seed: Number(env.FUZZ_SEED ?? 1) };
}

/** All that SCIM shows of the store, and who is marked as work. */
export async function stateOf(store: Store) {
  const sources = await Promise.all(SOURCES.map((source) => directoryOf(store, source)));
  return { sources, work: await store.work.all() };
}

async function directoryOf({ users, groups }: Store, source: SourceId) {
  const { resources } = await groups.list(source, EVERYTHING);
  return {
    users: (await users.list(source, EVERYTHING)).resources,
    groups: await Promise.all(
      resources.map(async (group) => ({ ...group, members: await membersOf(groups.members(group.id)) })),
    ),
  };
}

async function membersOf(pieces: AsyncIterable<readonly Member[]>): Promise<readonly Member[]> {
  const members: Member[] = [];
  for await (const some of pieces) members.push(...some);
  return members;
}

/** Deletes all users and groups, so that the next run starts where the first one did. */
export async function emptied(store: Store): Promise<void> {
  for (const source of SOURCES) {
    for (const kind of [store.users, store.groups]) {
      const { resources } = await kind.list(source, EVERYTHING);
      for (const { id } of resources) await kind.remove(source, id, 0);
    }
  }
}
