import { createHash } from 'node:crypto';
import type { ResourceId } from '../directory/resource.ts';
import { keyOf, type TakeAway } from './guard.ts';

/** One change that takes something away, and that waits for a person or was decided by one. */
export type HeldChange = TakeAway & {
  readonly userId: ResourceId | undefined;
  /** The hold that it belongs to. */
  readonly scope: string;
  /** The change in words: what is decided is exactly this. */
  readonly detail: string;
  /** What led to it: a request of the provider, or what a full pass found; for people to read. */
  readonly cause: string | undefined;
  readonly since: number;
  /** A verdict lasts for as long as the change is wanted. */
  readonly verdict: 'approved' | 'rejected' | undefined;
};

/** Why a scope is closed: nothing in it is taken away before a person has looked. */
export type Hold = { readonly scope: string; readonly reason: string; readonly since: number };

/** A hold as people see it, and as they name it: the digest is another one as soon as anything in it is. */
export type HoldView = {
  readonly digest: string;
  readonly scope: string;
  readonly reason: string;
  readonly since: number;
  readonly verdict: undefined | 'rejected';
  readonly changes: readonly HeldChange[];
};

const DIGITS = 8;

/** What waits for a person, by scope; and what was rejected, which can still be approved. */
export function holdsOf(holds: readonly Hold[], held: readonly HeldChange[]): readonly HoldView[] {
  const byScope = new Map(holds.map((hold) => [hold.scope, hold]));
  const having = (verdict: HeldChange['verdict']): ReadonlyMap<string, readonly HeldChange[]> =>
    Map.groupBy(
      held.filter((change) => change.verdict === verdict),
      ({ scope }) => scope,
    );
  const waiting = having(undefined);
  return [
    ...[...new Set([...byScope.keys(), ...waiting.keys()])].sort().map((scope): HoldView => {
      const changes = waiting.get(scope) ?? [];
      const hold = byScope.get(scope);
      const since = hold?.since ?? Math.min(...changes.map((change) => change.since));
      const digest = digestOf(scope, undefined, changes);
      return { digest, scope, reason: hold?.reason ?? scope, since, verdict: undefined, changes };
    }),
    ...[...having('rejected')].map(([scope, changes]): HoldView => {
      const since = Math.min(...changes.map((change) => change.since));
      const digest = digestOf(scope, 'rejected', changes);
      return { digest, scope, reason: 'rejected, and still wanted', since, verdict: 'rejected', changes };
    }),
  ];
}

function digestOf(scope: string, verdict: HoldView['verdict'], changes: readonly HeldChange[]): string {
  const keys = changes.map((change) => `${keyOf(change)} ${change.detail}`).sort();
  const hash = createHash('sha256').update(JSON.stringify([scope, verdict ?? null, keys]));
  return hash.digest('hex').slice(0, DIGITS);
}
