import type { ResourceId } from '../../directory/resource.ts';
import type { RoomId, UserId } from '../../matrix/ids.ts';
import type { Journal, JournalCount, JournalEntry, JournalQuery } from '../store.ts';
import type { Connection } from './database.ts';

export type Row = {
  readonly at: number;
  readonly action: string;
  readonly outcome: JournalEntry['outcome'];
  readonly account: string | null;
  readonly room_id: string | null;
  readonly user_id: string | null;
  readonly detail: string;
  readonly cause: string | null;
};

type Filter = {
  readonly account: string | null;
  readonly roomId: string | null;
  readonly action: string | null;
  readonly outcome: string | null;
  readonly since: number;
  readonly limit: number;
};

export function createJournal(db: Connection): Journal {
  // Each walks from the newest back along the index that leaves the least to walk over.
  const find = (condition: string) =>
    db.prepare<Filter, Row>(`
      SELECT * FROM journal WHERE ${condition} AND at >= @since
        AND (@action IS NULL OR action = @action) AND (@outcome IS NULL OR outcome = @outcome)
      ORDER BY at DESC, seq DESC LIMIT @limit`);
  const statements = {
    append: db.prepare(`
      INSERT INTO journal (at, action, outcome, account, room_id, user_id, detail, cause)
      VALUES (@at, @action, @outcome, @account, @roomId, @userId, @detail, @cause)`),
    last: db.prepare<[string | null, string, string | null], { detail: string }>(`
      SELECT detail FROM journal WHERE user_id IS ? AND action = ? AND room_id IS ? ORDER BY seq DESC LIMIT 1`),
    counts: db.prepare<[number, number], JournalCount>(`
      SELECT action, outcome, count(*) AS count FROM journal WHERE at >= ? AND at < ?
      GROUP BY action, outcome ORDER BY count DESC, action, outcome`),
    prune: db.prepare('DELETE FROM journal WHERE at < ?'),
    ofAccount: find('account = @account AND (@roomId IS NULL OR room_id = @roomId)'),
    ofRoom: find('room_id = @roomId'),
    ofAll: find('true'),
  };
  const append = (entry: JournalEntry): void => {
    statements.append.run({
      ...entry,
      account: entry.account ?? null,
      roomId: entry.roomId ?? null,
      userId: entry.userId ?? null,
      cause: entry.cause ?? null,
    });
  };
  return {
    async append(entry) {
      append(entry);
    },
    async appendNews(entry) {
      const last = statements.last.get(entry.userId ?? null, entry.action, entry.roomId ?? null);
      if (last?.detail === entry.detail) return false;
      append(entry);
      return true;
    },
    counts: async (since, until) => statements.counts.all(since, until),
    async prune(before) {
      statements.prune.run(before);
    },
    async find(query) {
      const statement = statements[indexFor(query)];
      const rows = statement.all({
        account: query.account ?? null,
        roomId: query.roomId ?? null,
        action: query.action ?? null,
        outcome: query.outcome ?? null,
        since: query.since ?? 0,
        limit: query.limit,
      });
      return rows.map(toEntry);
    },
  };
}

/** One person is in few rooms, but a room may have very many people. */
function indexFor({ account, roomId }: JournalQuery): 'ofAccount' | 'ofRoom' | 'ofAll' {
  if (account !== undefined) return 'ofAccount';
  return roomId === undefined ? 'ofAll' : 'ofRoom';
}

export function toEntry(row: Row): JournalEntry {
  return {
    at: row.at,
    action: row.action,
    outcome: row.outcome,
    account: (row.account ?? undefined) as UserId | undefined,
    roomId: (row.room_id ?? undefined) as RoomId | undefined,
    userId: (row.user_id ?? undefined) as ResourceId | undefined,
    detail: row.detail,
    cause: row.cause ?? undefined,
  };
}
