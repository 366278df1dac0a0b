import { profileOf } from '../directory/user.ts';
import { oneLine } from '../plan/legible.ts';
import type { Store } from '../store/store.ts';

const MOST = 100;

/** People who are not as they should be, one line each: who, and why. For a terminal, not for a log. */
export async function listTroubles(store: Store): Promise<readonly string[]> {
  const items = await store.work.failing(MOST);
  return Promise.all(
    items.map(async ({ userId, lastError }) => {
      const person = await store.people.person(userId);
      const who = person === undefined ? 'a deleted user' : profileOf(person.user.attributes).userName;
      return oneLine(`${who} (${userId}): ${lastError?.message ?? ''}`);
    }),
  );
}
