import type { HeldChange } from '../../plan/holds.ts';
import { cursorOf, placeOf } from '../cursor.ts';
import type { HeldQuery, Part } from '../page-store.ts';
import type { Connection } from './database.ts';
import { type HeldRow, toHeldChange } from './guard.ts';

type Bounds = {
  readonly scope: string;
  readonly verdict: string | null;
  readonly account: string;
  readonly roomId: string;
  readonly kind: string;
  readonly limit: number;
};

export function createHeldPages(db: Connection) {
  const after = db.prepare<Bounds, HeldRow>(`
    SELECT * FROM held
    WHERE scope = @scope AND verdict IS @verdict AND (account, room_id, kind) > (@account, @roomId, @kind)
    ORDER BY account, room_id, kind LIMIT @limit`);
  return ({ scope, verdict, cursor, limit }: HeldQuery): Part<HeldChange> => {
    const [account, roomId, kind] = placeOf(cursor, ['', '', '']);
    const rows = after.all({ scope, verdict: verdict ?? null, account, roomId, kind, limit: limit + 1 });
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const isMore = rows.length > page.length && last !== undefined;
    return {
      items: page.map(toHeldChange),
      next: isMore ? cursorOf([last.account, last.room_id, last.kind]) : undefined,
    };
  };
}
