import type { RoomId } from '../matrix/ids.ts';
import type { Limit } from '../plan/group-map.ts';
import { isAbove, type Scope, scopesOf, type TakeAway, type Tally, WINDOW_MS } from '../plan/guard.ts';
import type { Store } from '../store/store.ts';
import type { House } from './house.ts';
import type { Pending } from './pending.ts';

type Deps = {
  readonly store: Pick<Store, 'guard' | 'rooms' | 'people'>;
  readonly house: House;
  readonly pending: Pending;
  /** Of the settings; a room's own goes before it. */
  readonly limit: Limit;
  readonly now: () => number;
};

/** The tally of a scope that is above its limit. */
export type Excess = { readonly tally: Tally; readonly limit: Limit };

const KINDS = {
  total: 'kick',
  room: 'kick',
  accounts: 'restrict',
  levels: 'lower',
  admins: 'revoke-admin',
} as const;

/** Counts what is taken away against the limits. */
export function createTallies({ store, house, pending, limit, now }: Deps) {
  const limitOf = async (scope: Scope): Promise<Limit> => {
    const roomId = roomIn(scope);
    const own = roomId && (await house.openings()).rooms.get(roomId)?.limit;
    return { ...limit, ...own };
  };

  const sizeOf = async (scope: Scope): Promise<number> => {
    if (scope === 'accounts') return store.people.countAccounts();
    if (scope === 'admins') return store.people.countAdmins();
    const roomId = roomIn(scope);
    if (roomId === undefined || scope.startsWith('room:')) return store.rooms.countJoined(roomId);
    return (await store.rooms.levels(roomId)).size;
  };

  return {
    /**
     * Whether a scope is above its limit: by what was let through within the hour, what is held in it, what is pending,
     * and `asking`, of which none is counted yet. Undefined if not.
     */
    async excess(
      scope: Scope,
      asking: readonly TakeAway[],
      closed: ReadonlySet<string>,
    ): Promise<Excess | undefined> {
      const applied = await limitOf(scope);
      if (applied.percent >= 100) return undefined;
      const word = scope.split(':')[0] as keyof typeof KINDS;
      const query = { kind: KINDS[word], roomId: roomIn(scope), since: now() - WINDOW_MS };
      const done = await store.guard.countTaken(query);
      let own = 0;
      for (const change of asking) {
        if (!scopesOf(change).includes(scope) || pending.has(change)) continue;
        // Let through before, and not made then: it counts once.
        if (!(await store.guard.isTaken(change, query.since))) own += 1;
      }
      const wanted = own + pending.count(scope, closed) + (await store.guard.countHeld(scope));
      const size = await sizeOf(scope);
      if (!isAbove({ wanted, done, of: size }, applied)) return undefined;
      // Who was taken from within the hour was one of them, unless she has it again.
      const tally = { wanted, done, of: size + (await store.guard.countGone(query)) };
      return isAbove(tally, applied) ? { tally, limit: applied } : undefined;
    },
  };
}

/** The room that a scope is about. */
export function roomIn(scope: string): RoomId | undefined {
  const start = scope.indexOf(':');
  return start < 0 ? undefined : (scope.slice(start + 1) as RoomId);
}
