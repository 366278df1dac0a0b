import type { UserId } from '../matrix/ids.ts';
import { keyOf, type Scope, scopesOf, type TakeAway } from '../plan/guard.ts';
import type { Store } from '../store/store.ts';

/** What is wanted to be taken away, as far as it is neither held nor made: those whose turn has not come. */
export interface Pending {
  /** Looks again if somebody was marked since. `decided` are keys of what is held or was made already. */
  refresh(decided: () => Promise<ReadonlySet<string>>): Promise<void>;
  has(change: TakeAway): boolean;
  /** How many are in a scope; none of those that are in one of the other scopes that are closed. */
  count(scope: Scope, closed: ReadonlySet<string>): number;
  /** Whose they are; not all, if there are many. */
  accounts(): readonly UserId[];
  /** It is held now, or let through. */
  drop(change: TakeAway): void;
  /** Nothing that was found is believed any more. */
  forget(): void;
}

type Deps = {
  readonly store: Pick<Store, 'work'>;
  readonly leavers: () => Promise<readonly TakeAway[]>;
  readonly now: () => number;
};

/** Looking at very many takes its time: then it is not done again at once. */
const LONG_MS = 250;
const PAUSES = 2;
const SOME = 100;

export function createPending({ store, leavers, now }: Deps): Pending {
  let found = new Map<string, TakeAway>();
  let byScope = new Map<Scope, Set<string>>();
  let seen = -1;
  let notBefore = 0;

  return {
    async refresh(decided) {
      const marks = store.work.markings();
      if (marks === seen || now() < notBefore) return;
      const startedAt = now();
      const known = await decided();
      found = new Map();
      byScope = new Map();
      for (const change of await leavers()) {
        const key = keyOf(change);
        if (known.has(key)) continue;
        found.set(key, change);
        for (const scope of scopesOf(change)) byScope.set(scope, (byScope.get(scope) ?? new Set()).add(key));
      }
      seen = marks;
      const took = now() - startedAt;
      notBefore = took < LONG_MS ? 0 : now() + took * PAUSES;
    },
    has: (change) => found.has(keyOf(change)),
    count(scope, closed) {
      const all = byScope.get(scope)?.size ?? 0;
      if (scope !== 'total') return all;
      let elsewhere = 0;
      for (const other of closed)
        elsewhere += other.startsWith('room:') ? (byScope.get(other as Scope)?.size ?? 0) : 0;
      return all - elsewhere;
    },
    accounts: () => [...found.values()].slice(0, SOME).map(({ account }) => account),
    drop(change) {
      const key = keyOf(change);
      if (found.delete(key)) for (const scope of scopesOf(change)) byScope.get(scope)?.delete(key);
    },
    forget() {
      seen = -1;
      notBefore = 0;
    },
  };
}

/** Where nobody waits for her turn: all that is wanted is asked about at once. */
export const NOBODY_WAITS: Pending = {
  refresh: async () => {},
  has: () => false,
  count: () => 0,
  accounts: () => [],
  drop() {},
  forget() {},
};
