import type { UserId } from '../matrix/ids.ts';
import { type Scope, scopesOf, type TakeAway } from '../plan/guard.ts';
import type { Store } from '../store/store.ts';
import type { Leavers } from './leavers.ts';

/** What is wanted to be taken away, as far as it is neither held nor made: those whose turn has not come. */
export interface Pending {
  /** Looks again if somebody was marked since. */
  refresh(): Promise<void>;
  has(change: TakeAway): boolean;
  /** How many are in a scope; none of those that are in one of the other scopes that are closed. */
  count(scope: Scope, closed: ReadonlySet<string>): number;
  /** Whose they are; not all, if there are many. */
  accounts(): ReadonlySet<UserId>;
  /** It is held now, or let through. */
  drop(change: TakeAway): void;
  /** Nothing that was found is believed any more. */
  forget(): void;
}

type Deps = {
  readonly store: Pick<Store, 'work'>;
  readonly leavers: Leavers;
  readonly now: () => number;
};

/** Looking at very many takes its time: then it is not done again at once. */
const LONG_MS = 250;
const PAUSES = 2;
const SOME = 100;

/** Narrow scopes with the accounts in them: a million changes are kept in as little as that. */
type Found = Map<Scope, Set<UserId>>;

export function createPending({ store, leavers, now }: Deps): Pending {
  let found: Found = new Map();
  let seen = -1;
  let notBefore = 0;
  const accountsIn = (scope: Scope): ReadonlySet<UserId> => found.get(scope) ?? NOBODY;

  return {
    async refresh() {
      const marks = store.work.markings();
      if (marks === seen || now() < notBefore) return;
      const startedAt = now();
      const next: Found = new Map();
      for await (const losses of leavers()) {
        for (const loss of losses) {
          const scope = narrowestOf(loss);
          const accounts = next.get(scope);
          if (accounts === undefined) next.set(scope, new Set([loss.account]));
          else accounts.add(loss.account);
        }
      }
      found = next;
      seen = marks;
      const took = now() - startedAt;
      notBefore = took < LONG_MS ? 0 : now() + took * PAUSES;
    },
    has: (change) => accountsIn(narrowestOf(change)).has(change.account),
    count(scope, closed) {
      if (scope !== 'total') return accountsIn(scope).size;
      let sum = 0;
      for (const [each, { size }] of found) if (each.startsWith('room:') && !closed.has(each)) sum += size;
      return sum;
    },
    accounts() {
      const some = new Set<UserId>();
      for (const accounts of found.values()) {
        for (const account of accounts) {
          if (some.size === SOME) return some;
          some.add(account);
        }
      }
      return some;
    },
    drop(change) {
      found.get(narrowestOf(change))?.delete(change.account);
    },
    forget() {
      seen = -1;
      notBefore = 0;
    },
  };
}

/** What a change is in besides what all are in: there is no other one for the same account. */
function narrowestOf(change: TakeAway): Scope {
  return scopesOf(change)[0];
}

const NOBODY: ReadonlySet<UserId> = new Set();

/** Where nobody waits for her turn: all that is wanted is asked about at once. */
export const NOBODY_WAITS: Pending = {
  refresh: async () => {},
  has: () => false,
  count: () => 0,
  accounts: () => NOBODY,
  drop() {},
  forget() {},
};
