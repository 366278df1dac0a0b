import type { ResourceId } from '../directory/resource.ts';
import { othersTurn } from '../pieces.ts';
import { CAUTIONS } from '../plan/guard.ts';
import { type HoldView, sizeOf } from '../plan/holds.ts';
import type { Affected } from '../store/guard-store.ts';
import type { Store } from '../store/store.ts';
import { Refused } from './error.ts';
import { numbersOf, readHolds } from './held.ts';

export type Verdict = 'approved' | 'rejected';

/** Who decided, for the journal; undefined: somebody at a terminal. `now`: milliseconds since 1970. */
type Occasion = { readonly who: string | undefined; readonly now: number };

/** What was decided, in numbers and words, and how many people are looked at because of it. */
export type Decided = {
  /** Undefined if there was nothing in the hold, which is over. */
  readonly numbers: string | undefined;
  readonly people: number;
  /** Of what was rejected, which goes by another digest now: to take it back. */
  readonly digest: string | undefined;
};

type Deciding = Pick<Store, 'guard' | 'work' | 'journal' | 'backup'>;

/** Whether a scope is about Usher as a whole: its hold goes on though what is in it is rejected. */
export function isCaution(scope: string): boolean {
  return CAUTIONS.some((caution) => caution === scope);
}

/**
 * Lets happen what is in a hold, or keeps it from happening: exactly what the view has. Rejects with `Refused` if that is
 * another by now. Before anything is let through there is a backup; if there can be none, it rejects, and nothing was done.
 */
export async function decideHold(
  store: Deciding,
  hold: HoldView,
  verdict: Verdict,
  { who, now }: Occasion,
): Promise<Decided> {
  const { digest, scope } = hold;
  const backup = verdict === 'approved' ? await store.backup('before-approve') : undefined;
  const affected = await store.guard.decide(hold, verdict);
  if (affected === undefined) {
    backup?.discard();
    throw new Refused(`what is in hold ${digest} changed just now: look at it again. Nothing was done.`);
  }
  const numbers = numbersOf(hold.counts);
  // At once: whatever fails from here on, it is decided.
  await store.journal.append({
    at: now,
    action: verdict === 'approved' ? 'approve' : 'reject',
    outcome: 'done',
    account: undefined,
    roomId: undefined,
    userId: undefined,
    detail: `${verdict} ${digest} (${scope}: ${hold.reason}): ${numbers}`,
    cause: who,
  });
  const people = await markAll(store, affected, `${verdict} ${digest}`, now);
  backup?.keep();
  return {
    numbers: sizeOf(hold) === 0 ? undefined : numbers,
    people,
    digest: verdict === 'approved' ? undefined : await digestNow(store, scope),
  };
}

/** What was just rejected goes by another digest. */
async function digestNow(store: Deciding, scope: string): Promise<string | undefined> {
  const holds = await readHolds(store);
  return holds.find((hold) => hold.scope === scope && hold.verdict === 'rejected')?.digest;
}

/**
 * Has whom it is about looked at, for what led to it; users who are gone, by the account that they had. Resolves with how
 * many that are.
 */
async function markAll(
  { work }: Deciding,
  affected: readonly Affected[],
  decision: string,
  now: number,
): Promise<number> {
  const seen = new Set<ResourceId>();
  for (const [cause, some] of Map.groupBy(affected, (each) => each.cause)) {
    const people = some.flatMap((each) => each.people).filter((id) => !seen.has(id));
    for (const id of people) seen.add(id);
    if (people.length === 0) continue;
    await othersTurn();
    await work.mark(people, 'removal', now, cause === undefined ? decision : `${decision}; ${cause}`);
  }
  return seen.size;
}
