import type { Limit } from '../plan/group-map.ts';
import { CAUTIONS, keyOf, reasonFor, type Scope, scopesOf, WINDOW_MS } from '../plan/guard.ts';
import type { Hold } from '../plan/holds.ts';
import { DECIDED } from '../store/guard-store.ts';
import type { Store } from '../store/store.ts';
import type { Request } from './guard.ts';
import type { House } from './house.ts';
import type { Pending } from './pending.ts';
import { createTallies } from './tallies.ts';

/** Which changes may not be made now. Reads, and changes nothing. */
export interface Judge {
  /** `asking` are changes that nobody decided about, none of them counted yet. */
  judge(asking: readonly Request[]): Promise<Judgement>;
  /** Whether a scope is above its limit by what is held in it and what is pending. */
  isAbove(scope: Scope): Promise<boolean>;
  isDirectoryEmpty(asking: readonly Request[]): Promise<boolean>;
}

export type Judgement = {
  /** By key, the scope in which a change is held; one that is not there may be made. */
  readonly scopes: ReadonlyMap<string, string>;
  /** Holds that this opens. */
  readonly opened: readonly Omit<Hold, 'since'>[];
};

type Deps = {
  readonly store: Pick<Store, 'guard' | 'rooms' | 'people' | 'groups' | 'facts'>;
  readonly house: House;
  readonly pending: Pending;
  readonly limit: Limit;
  readonly now: () => number;
};

/** The fact that some group was there once. */
export const GROUPS_SEEN = 'groups-seen';

export function createJudge(deps: Deps): Judge {
  const { store, house, pending, now } = deps;
  const tallies = createTallies(deps);

  const isDirectoryEmpty = async (asking: readonly Request[]): Promise<boolean> => {
    const hadGroups = (await store.facts.get(GROUPS_SEEN)) === true;
    const hasGroups = !hadGroups || (await store.groups.names()).length > 0;
    if (hasGroups && (await store.people.hasActive())) return false;
    const lately = await store.guard.taken(now() - WINDOW_MS);
    const concerned = new Set([...asking, ...lately].map(({ account }) => account)).union(pending.accounts());
    if (concerned.size > 1) return true;
    for await (const held of store.guard.heldInPieces()) {
      for (const { account } of held) if (concerned.add(account).size > 1) return true;
    }
    return false;
  };

  /** Where strangers are asked about, for rooms in which a person did not say yes once. */
  const strayScope = async ({ isStray, roomId }: Request): Promise<string | undefined> => {
    if (isStray !== true || roomId === undefined) return undefined;
    const scope = `exclusive:${roomId}`;
    return (await store.facts.get(`${DECIDED}${scope}`)) === 'approved' ? undefined : scope;
  };

  const judge: Judge['judge'] = async (asking) => {
    const closed = new Set((await store.guard.holds()).map(({ scope }) => scope));
    const caution = CAUTIONS.find((scope) => closed.has(scope));
    if (caution !== undefined) return { scopes: allIn(asking, caution), opened: [] };
    const scopes = new Map<string, string>();
    const opened: Omit<Hold, 'since'>[] = [];
    for (const change of asking) {
      const stray = await strayScope(change);
      const scope = stray ?? scopesOf(change).find((each) => closed.has(each));
      if (scope !== undefined) scopes.set(keyOf(change), scope);
      if (stray === undefined || closed.has(stray)) continue;
      closed.add(stray);
      const name = change.roomId === undefined ? '' : house.nameOf(change.roomId);
      opened.push({
        scope: stray,
        reason: `${name} is exclusive now, and people are in it whom no group lets in`,
      });
    }
    const isFree = (change: Request): boolean => !scopes.has(keyOf(change));
    if (!asking.some(isFree)) return { scopes, opened };
    await pending.refresh();
    if (await isDirectoryEmpty(asking)) {
      return { scopes: allIn(asking, 'empty'), opened: [{ scope: 'empty', reason: EMPTY }] };
    }
    const limited = new Map<Scope, Request[]>();
    for (const change of asking.filter(isFree)) {
      for (const scope of scopesOf(change)) {
        const some = limited.get(scope);
        if (some === undefined) limited.set(scope, [change]);
        else some.push(change);
      }
    }
    // The narrowest first: what is held in a room does not count for the total.
    const inOrder = [...limited].toSorted(([a], [b]) => Number(a === 'total') - Number(b === 'total'));
    for (const [scope, all] of inOrder) {
      const concerned = all.filter(isFree);
      const excess = concerned.length === 0 ? undefined : await tallies.excess(scope, concerned, closed);
      if (excess === undefined) continue;
      closed.add(scope);
      opened.push({ scope, reason: reasonFor(scope, excess.tally, excess.limit, house.nameOf) });
      for (const change of concerned) scopes.set(keyOf(change), scope);
    }
    return { scopes, opened };
  };

  return {
    judge,
    isDirectoryEmpty,
    async isAbove(scope) {
      await pending.refresh();
      const closed = new Set((await store.guard.holds()).map((hold) => hold.scope));
      return (await tallies.excess(scope, [], closed)) !== undefined;
    },
  };
}

function allIn(changes: readonly Request[], scope: string): ReadonlyMap<string, string> {
  return new Map(changes.map((change) => [keyOf(change), scope]));
}

const EMPTY =
  'the directory has no group or no active user left, which is more often a fault of the provider than meant';

/** Why some of these changes would be held, or would not be made, if all were asked about now. */
export async function reasonsToHold(
  store: Pick<Store, 'guard'>,
  { judge }: Judge,
  wanted: readonly Request[],
): Promise<readonly string[]> {
  const rows = new Map((await store.guard.held()).map((row) => [`${keyOf(row)} ${row.detail}`, row]));
  const verdictOf = (change: Request) => rows.get(`${keyOf(change)} ${change.detail}`)?.verdict;
  const rejected = wanted.filter((change) => verdictOf(change) === 'rejected');
  const { scopes, opened } = await judge(wanted.filter((change) => verdictOf(change) === undefined));
  const known = [...(await store.guard.holds()), ...opened];
  const used = new Set(scopes.values());
  return [
    ...known.filter(({ scope }) => used.has(scope)).map(({ reason }) => reason),
    ...(rejected.length > 0 ? [`${rejected.length} changes were rejected, and are not made`] : []),
  ];
}
