import type { ResourceId } from '../../directory/resource.ts';
import type { RoomId, UserId } from '../../matrix/ids.ts';
import type { Journal, JournalEntry } from '../store.ts';
import type { Connection } from './database.ts';

type Row = {
  readonly at: number;
  readonly action: string;
  readonly outcome: JournalEntry['outcome'];
  readonly account: string | null;
  readonly room_id: string | null;
  readonly user_id: string | null;
  readonly detail: string;
};

export function createJournal(db: Connection): Journal {
  const statements = {
    append: db.prepare(`
      INSERT INTO journal (at, action, outcome, account, room_id, user_id, detail)
      VALUES (@at, @action, @outcome, @account, @roomId, @userId, @detail)`),
    last: db.prepare<[string | null, string, string | null], { detail: string }>(`
      SELECT detail FROM journal WHERE user_id IS ? AND action = ? AND room_id IS ? ORDER BY seq DESC LIMIT 1`),
    prune: db.prepare('DELETE FROM journal WHERE at < ?'),
    recent: db.prepare<[number], Row>('SELECT * FROM journal ORDER BY seq DESC LIMIT ?'),
  };
  const append = (entry: JournalEntry): void => {
    statements.append.run({
      ...entry,
      account: entry.account ?? null,
      roomId: entry.roomId ?? null,
      userId: entry.userId ?? null,
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
    async prune(before) {
      statements.prune.run(before);
    },
    recent: async (limit) => statements.recent.all(limit).map(toEntry),
  };
}

function toEntry(row: Row): JournalEntry {
  return {
    at: row.at,
    action: row.action,
    outcome: row.outcome,
    account: (row.account ?? undefined) as UserId | undefined,
    roomId: (row.room_id ?? undefined) as RoomId | undefined,
    userId: (row.user_id ?? undefined) as ResourceId | undefined,
    detail: row.detail,
  };
}
