import type { ResourceId } from '../directory/resource.ts';
import { CAUTIONS } from '../plan/guard.ts';
import type { HeldChange, HoldView } from '../plan/holds.ts';
import type { Store } from '../store/store.ts';
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

type Deciding = Pick<Store, 'guard' | 'people' | 'work' | 'journal' | 'backup'>;

/** Whether a scope is about Usher as a whole: its hold goes on though what is in it is rejected. */
export function isCaution(scope: string): boolean {
  return CAUTIONS.some((caution) => caution === scope);
}

/**
 * Lets happen what is in a hold, or keeps it from happening: exactly what the view has, as far as it is still held. Before
 * anything is let through there is a backup; if there can be none, it rejects, and nothing was done.
 */
export async function decideHold(
  store: Deciding,
  hold: HoldView,
  verdict: Verdict,
  { who, now }: Occasion,
): Promise<Decided> {
  const { digest, scope } = hold;
  if (verdict === 'approved') await store.backup('before-approve');
  const decided = await store.guard.decide(scope, hold.changes, verdict);
  const numbers = numbersOf(decided);
  const people = await peopleOf(store, decided);
  for (const [userId, cause] of people) {
    const because = cause === undefined ? '' : `; ${cause}`;
    await store.work.mark([userId], 'removal', now, `${verdict} ${digest}${because}`);
  }
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
  return {
    numbers: decided.length === 0 ? undefined : numbers,
    people: people.size,
    digest: verdict === 'approved' ? undefined : await digestNow(store, scope),
  };
}

/** What was just rejected goes by another digest. */
async function digestNow(store: Deciding, scope: string): Promise<string | undefined> {
  const holds = await readHolds(store);
  return holds.find((hold) => hold.scope === scope && hold.verdict === 'rejected')?.digest;
}

/** Who is to be looked at, with what led to it; users who are gone are so by the account that they had. */
async function peopleOf(
  store: Deciding,
  changes: readonly HeldChange[],
): Promise<ReadonlyMap<ResourceId, string | undefined>> {
  const people = new Map<ResourceId, string | undefined>();
  for (const { userId, account, cause } of changes) {
    const holders = await store.people.linksOf(account);
    for (const id of [...(userId === undefined ? [] : [userId]), ...holders.map((link) => link.userId)]) {
      people.set(id, people.get(id) ?? cause);
    }
  }
  return people;
}
