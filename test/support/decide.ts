import { openStoreBeside } from '../../src/store/sqlite/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import type { UsherUnderTest } from './usher.ts';

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

/** Decides as a person does by a command beside the service, and waits until it is done. */
export async function approve(usher: UsherUnderTest, scope: string): Promise<void> {
  await beside(usher, async (store) => {
    const held = (await store.guard.held()).filter((row) => row.scope === scope && row.verdict === undefined);
    const decided = await store.guard.decide(scope, held, 'approved');
    await store.work.mark(
      decided.flatMap(({ userId }) => userId ?? []),
      'removal',
      Date.now(),
      'approved',
    );
  });
  usher.service.loop.requestReview();
  await usher.settle();
}
