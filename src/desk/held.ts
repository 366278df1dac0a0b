import { type HeldChange, type HeldCount, type HoldView, holdsOf, sizeOf } from '../plan/holds.ts';
import { cursorOf, placeOf } from '../store/cursor.ts';
import type { PageQuery, Part } from '../store/page-store.ts';
import type { Store } from '../store/store.ts';
import { iso } from './explain-json.ts';
import { count, listed } from './words.ts';

/** What waits for a decision, and what was rejected and is still wanted: in numbers, whatever is in it. */
export async function readHolds({ guard }: Pick<Store, 'guard'>): Promise<readonly HoldView[]> {
  return holdsOf(await guard.holds(), await guard.heldCounts());
}

/** How many holds wait for a decision, and how many were rejected and are still wanted. */
export function tallyOf(holds: readonly HoldView[]): { readonly waiting: number; readonly rejected: number } {
  const rejected = holds.filter(({ verdict }) => verdict === 'rejected').length;
  return { waiting: holds.length - rejected, rejected };
}

/** A page of holds: first those that wait, each kind by scope. */
export function pageOfHolds(holds: readonly HoldView[], { cursor, limit }: PageQuery): Part<HoldView> {
  const [isRejected, scope] = placeOf(cursor, [0, '']);
  const rest = holds.filter(
    (hold) => rankOf(hold) > isRejected || (rankOf(hold) === isRejected && hold.scope > scope),
  );
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  const isMore = rest.length > items.length && last !== undefined;
  return { items, next: isMore ? cursorOf([rankOf(last), last.scope]) : undefined };
}

function rankOf({ verdict }: HoldView): number {
  return verdict === 'rejected' ? 1 : 0;
}

/** What is in a hold, by account. */
export function readChanges(
  { pages }: Pick<Store, 'pages'>,
  { scope, verdict }: HoldView,
  query: PageQuery,
): Promise<Part<HeldChange>> {
  return pages.held({ scope, verdict, ...query });
}

/** All that is in a hold, some at a time. */
export async function* readAllChanges(
  store: Pick<Store, 'pages'>,
  hold: HoldView,
): AsyncGenerator<readonly HeldChange[]> {
  let cursor: string | undefined;
  do {
    const { items, next } = await readChanges(store, hold, { cursor, limit: PIECE });
    yield items;
    cursor = next;
  } while (cursor !== undefined);
}

const PIECE = 1000;

/** A hold as JSON tells it, without what is in it. */
export function holdJson(hold: HoldView) {
  const { digest, scope, reason, since, verdict } = hold;
  return { digest, scope, reason, since: iso(since), verdict, count: sizeOf(hold) };
}

/** What is in it, likewise. */
export function changeJson(change: HeldChange) {
  return { ...change, since: iso(change.since) };
}

/** How many of what: `12 removals from 2 rooms and 3 accounts`. */
export function numbersOf(counts: readonly HeldCount[]): string {
  const of = (kind: HeldCount['kind']) => counts.filter((each) => each.kind === kind);
  const [kicks, lowered, restricted] = [of('kick'), of('lower'), of('restrict')];
  const revoked = of('revoke-admin');
  const sum = (some: readonly HeldCount[]): number => sizeOf({ counts: some });
  const roomsIn = (some: readonly HeldCount[]): string =>
    count(new Set(some.map(({ roomId }) => roomId)).size, 'room');
  const parts = [
    ...(kicks.length > 0 ? [`${count(sum(kicks), 'removal')} from ${roomsIn(kicks)}`] : []),
    ...(restricted.length > 0 ? [`${count(sum(restricted), 'account')} to restrict`] : []),
    ...(revoked.length > 0 ? [`${count(sum(revoked), 'server admin')} to be none any more`] : []),
    ...(lowered.length > 0 ? [`${count(sum(lowered), 'power level')} to lower in ${roomsIn(lowered)}`] : []),
  ];
  return parts.length === 0 ? 'nothing yet' : listed(parts);
}
