import { cursorOf, placeOf } from '../cursor.ts';
import type { JournalPageQuery, JournalRow, Part } from '../page-store.ts';
import type { Connection } from './database.ts';
import { type Row, toEntry } from './journal.ts';

type Filter = {
  readonly account: string | null;
  readonly roomId: string | null;
  readonly action: string | null;
  readonly since: number;
  readonly at: number;
  readonly seq: number;
  readonly limit: number;
};
type NumberedRow = Row & { readonly seq: number };
type Walk = 'ofAccount' | 'ofRoom' | 'ofAction' | 'ofAll';

/** That one page looks at: some milliseconds. */
const MOST_CANDIDATES = 3000;
const PIECE = 500;

export function createJournalPages(db: Connection) {
  // Each walks along the index that leaves the least to walk over.
  const walks = (order: 'newest' | 'oldest') => {
    // From the oldest on, `since` is where it begins: with two lower bounds, SQLite would walk from the wrong one.
    const [bounds, by] =
      order === 'newest'
        ? ['at >= @since AND (at, seq) < (@at, @seq)', 'DESC']
        : ['(at, seq) > (@at, @seq)', 'ASC'];
    const walk = (condition: string) =>
      db.prepare<Filter, NumberedRow>(`
        SELECT * FROM journal WHERE ${condition} AND ${bounds}
        ORDER BY at ${by}, seq ${by} LIMIT @limit`);
    return {
      ofAccount: walk('account = @account'),
      ofRoom: walk('room_id = @roomId'),
      ofAction: walk('action = @action'),
      ofAll: walk('true'),
    };
  };
  const statements = {
    newest: walks('newest'),
    oldest: walks('oldest'),
    after: db.prepare<[number, number], NumberedRow>(
      'SELECT * FROM journal WHERE seq > ? ORDER BY seq LIMIT ?',
    ),
    last: db.prepare<[], number>('SELECT coalesce(max(seq), 0) FROM journal').pluck(),
  };

  return {
    page(query: JournalPageQuery): Part<JournalRow> {
      const { account, roomId, action, since = 0, order, cursor, limit } = query;
      const begin = order === 'newest' ? Number.MAX_SAFE_INTEGER : since;
      let [at, seq] = placeOf(cursor, order === 'newest' ? [begin, begin] : [begin, 0]);
      const walk = statements[order][walkFor(query)];
      const items: JournalRow[] = [];
      for (let seen = 0; seen < MOST_CANDIDATES; seen += PIECE) {
        const rows = walk.all({
          ...{ account: account ?? null, roomId: roomId ?? null, action: action ?? null },
          ...{ since, at, seq, limit: PIECE },
        });
        for (const row of rows) {
          const isWanted =
            (roomId === undefined || row.room_id === roomId) &&
            (action === undefined || row.action === action);
          if (isWanted && items.length === limit) return { items, next: cursorOf([at, seq]) };
          if (isWanted) items.push({ seq: row.seq, ...toEntry(row) });
          [at, seq] = [row.at, row.seq];
        }
        if (rows.length < PIECE) return { items, next: undefined };
      }
      return { items, next: cursorOf([at, seq]) };
    },
    after: (seq: number, limit: number): readonly JournalRow[] =>
      statements.after.all(seq, limit).map((row) => ({ seq: row.seq, ...toEntry(row) })),
    last: (): number => statements.last.get() ?? 0,
  };
}

/** One person is in few rooms, but a room may have very many people. */
function walkFor({ account, roomId, action }: JournalPageQuery): Walk {
  if (account !== undefined) return 'ofAccount';
  if (roomId !== undefined) return 'ofRoom';
  return action === undefined ? 'ofAll' : 'ofAction';
}
