import type { Store } from '../store/store.ts';
import { PROMISE, utc } from './texts.ts';

/**
 * Before anything is done with a database: is it the one that was used last in its folder? If it is an old copy or another
 * one, what it knows is not what is so, and nothing is taken away by it before a person has looked. `warn` is told why.
 */
export async function sealAtStart(
  store: Store,
  dataDir: string,
  warn: (reason: string) => void,
): Promise<void> {
  const now = Date.now();
  const age = await ageOf(store);
  await store.seal(now, async (finding) => {
    if (finding !== 'older' && finding !== 'other') return;
    const what =
      finding === 'older'
        ? `an old copy${age}: it lacks what became of people since`
        : `not the one that was used there before${age}`;
    const reason = `The database in ${dataDir} is ${what}. ${PROMISE}`;
    await store.guard.forgetApproved();
    await store.words.drop();
    await store.guard.openHold({ scope: 'restored', reason, since: now });
    warn(reason);
  });
}

/** As far as the database says it. */
async function ageOf({ facts }: Store): Promise<string> {
  const [backup, seal] = await Promise.all([timeOf(facts.get('backup')), timeOf(facts.get('seal'))]);
  if (backup !== undefined) return ` (a backup made ${utc(backup)})`;
  return seal === undefined ? '' : ` (last used ${utc(seal)})`;
}

async function timeOf(fact: Promise<unknown>): Promise<number | undefined> {
  const value = await fact;
  if (typeof value !== 'object' || value === null || !('at' in value)) return undefined;
  return typeof value.at === 'number' ? value.at : undefined;
}
