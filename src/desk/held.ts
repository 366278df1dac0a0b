import { type HoldView, holdsOf } from '../plan/holds.ts';
import type { Store } from '../store/store.ts';
import { iso } from './explain-json.ts';
import { count, listed } from './words.ts';

/** What waits for a decision, and what was rejected and is still wanted. */
export async function readHolds({ guard }: Pick<Store, 'guard'>): Promise<readonly HoldView[]> {
  return holdsOf(await guard.holds(), await guard.held());
}

/** A hold as JSON tells it. */
export function holdJson(hold: HoldView) {
  return {
    ...hold,
    since: iso(hold.since),
    count: hold.changes.length,
    changes: hold.changes.map((change) => ({ ...change, since: iso(change.since) })),
  };
}

/** How many of what: `12 removals from 2 rooms and 3 accounts`. */
export function numbersOf(changes: HoldView['changes']): string {
  const of = (kind: HoldView['changes'][number]['kind']) => changes.filter((change) => change.kind === kind);
  const [kicks, lowered, restricted] = [of('kick'), of('lower'), of('restrict')];
  const roomsIn = (some: HoldView['changes']): string =>
    count(new Set(some.map(({ roomId }) => roomId)).size, 'room');
  const parts = [
    ...(kicks.length > 0 ? [`${count(kicks.length, 'removal')} from ${roomsIn(kicks)}`] : []),
    ...(restricted.length > 0 ? [`${count(restricted.length, 'account')} to restrict`] : []),
    ...(lowered.length > 0
      ? [`${count(lowered.length, 'power level')} to lower in ${roomsIn(lowered)}`]
      : []),
  ];
  return parts.length === 0 ? 'nothing yet' : listed(parts);
}
