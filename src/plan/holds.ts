import { hash } from 'node:crypto';
import type { ResourceId } from '../directory/resource.ts';
import type { TakeAway } from './guard.ts';

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

/** How many changes of one kind and verdict are held in a scope: of a room, or of accounts. */
export type HeldCount = Pick<HeldChange, 'scope' | 'verdict'> &
  Pick<TakeAway, 'kind' | 'roomId'> & {
    readonly changes: number;
    /** Of the oldest that was among them. */
    readonly since: number;
    /** Another one, never seen before, after each change of what is counted. */
    readonly mark: string;
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
  readonly counts: readonly HeldCount[];
};

const DIGITS = 8;

/** What waits for a person, by scope; and what was rejected, which can still be approved. */
export function holdsOf(holds: readonly Hold[], counts: readonly HeldCount[]): readonly HoldView[] {
  const byScope = new Map(holds.map((hold) => [hold.scope, hold]));
  const having = (verdict: HeldChange['verdict']): ReadonlyMap<string, readonly HeldCount[]> =>
    Map.groupBy(
      counts.filter((count) => count.verdict === verdict),
      ({ scope }) => scope,
    );
  const waiting = having(undefined);
  const rejected = having('rejected');
  return [
    ...[...new Set([...byScope.keys(), ...waiting.keys()])].sort().map((scope): HoldView => {
      const some = waiting.get(scope) ?? [];
      const { since = sinceOf(some), reason = scope } = byScope.get(scope) ?? {};
      return {
        digest: digestOf(scope, undefined, some),
        scope,
        reason,
        since,
        verdict: undefined,
        counts: some,
      };
    }),
    ...[...rejected]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(
        ([scope, some]): HoldView => ({
          ...{ digest: digestOf(scope, 'rejected', some), scope, reason: 'rejected, and still wanted' },
          ...{ since: sinceOf(some), verdict: 'rejected', counts: some },
        }),
      ),
  ];
}

/** How many changes are in a hold. */
export function sizeOf({ counts }: Pick<HoldView, 'counts'>): number {
  return counts.reduce((sum, { changes }) => sum + changes, 0);
}

function sinceOf(counts: readonly HeldCount[]): number {
  return counts.reduce((first, { since }) => Math.min(first, since), Number.POSITIVE_INFINITY);
}

function digestOf(scope: string, verdict: HoldView['verdict'], counts: readonly HeldCount[]): string {
  const marks = counts.map(({ kind, roomId = '', mark }) => `${kind} ${roomId} ${mark}`).sort();
  return hash('sha256', JSON.stringify([scope, verdict ?? null, marks])).slice(0, DIGITS);
}
