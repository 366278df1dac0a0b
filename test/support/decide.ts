import type { Affected, Shown } from '../../src/store/guard-store.ts';
import { openStoreBeside } from '../../src/store/sqlite/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import type { UsherUnderTest } from './usher.ts';

type Guarded = Pick<Store, 'guard'>;

async function beside<T>({ dataDir }: UsherUnderTest, task: (store: Store) => Promise<T>): Promise<T> {
  const store = openStoreBeside(dataDir);
  try {
    return await task(store);
  } finally {
    await store.close();
  }
}

/** The scopes in which something is held. */
export function heldBy(usher: UsherUnderTest): Promise<readonly string[]> {
  return beside(usher, async (store) => (await store.guard.holds()).map(({ scope }) => scope));
}

/** What somebody sees of a scope now. */
export async function seeHeld({ guard }: Guarded, scope: string, verdict?: 'rejected'): Promise<Shown> {
  const counts = await guard.heldCounts();
  return {
    scope,
    verdict,
    counts: counts.filter((each) => each.scope === scope && each.verdict === verdict),
  };
}

/** Decides what is in a scope now. */
export async function decideNow(
  store: Guarded,
  scope: string,
  verdict: 'approved' | 'rejected',
): Promise<readonly Affected[]> {
  const affected = await store.guard.decide(await seeHeld(store, scope), verdict);
  if (affected === undefined) throw new Error(`what is held in ${scope} changed while it was decided`);
  return affected;
}

/** Decides as a person does by a command beside the service, and waits until it is done. */
export async function approve(usher: UsherUnderTest, scope: string): Promise<void> {
  await beside(usher, async (store) => {
    const affected = await decideNow(store, scope, 'approved');
    await store.work.mark(
      affected.flatMap(({ people }) => people),
      'removal',
      Date.now(),
      'approved',
    );
  });
  usher.service.loop.requestReview();
  await usher.settle();
}
