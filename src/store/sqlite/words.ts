import type { ResourceId } from '../../directory/resource.ts';
import type { RoomId, UserId } from '../../matrix/ids.ts';
import type { Entitlement } from '../store.ts';
import type { StoredWord, WordStore } from '../word-store.ts';
import type { Connection } from './database.ts';

type Row = {
  readonly account: string;
  readonly room_id: string;
  readonly user_id: string;
  readonly kind: StoredWord['kind'];
  readonly text: string;
  readonly at: number;
  /** Of her entitlement to the room, if there is one. */
  readonly state: Entitlement['state'] | null;
};

const STATE = 'SELECT e.state FROM entitlements e WHERE e.account = w.account AND e.room_id = w.room_id';

export function createWordStore(db: Connection): WordStore {
  const statements = {
    add: db.prepare<Record<string, unknown>>(`
      INSERT OR REPLACE INTO words (account, room_id, user_id, kind, text, at)
      VALUES (@account, @roomId, @userId, @kind, @text, @at)`),
    giveBack: db.prepare<Record<string, unknown>>(`
      INSERT OR IGNORE INTO words (account, room_id, user_id, kind, text, at)
      VALUES (@account, @roomId, @userId, @kind, @text, @at)`),
    // A join that is not made yet keeps no other waiting.
    oldest: db
      .prepare<[number], string>(`
        SELECT w.account FROM words w WHERE w.at < ? AND NOT (w.kind = 'added' AND coalesce((${STATE}), '') = 'granted')
        ORDER BY w.at LIMIT 1`)
      .pluck(),
    of: db.prepare<[string], Row>(`
      SELECT w.*, (${STATE}) AS state FROM words w WHERE w.account = ? ORDER BY w.at, w.room_id`),
    forget: db.prepare('DELETE FROM words WHERE account = ? AND room_id = ?'),
    isGone: db
      .prepare<[string], number>(`
        SELECT 1 FROM links WHERE account = ? AND (restriction IS NOT NULL OR inactive_since IS NOT NULL) LIMIT 1`)
      .pluck(),
    drop: db.prepare('DELETE FROM words WHERE at < ?'),
  };

  const takeFrom = (account: string): readonly StoredWord[] => {
    const rows = statements.of
      .all(account)
      .filter((row) => !(row.kind === 'added' && row.state === 'granted'));
    for (const { room_id } of rows) statements.forget.run(account, room_id);
    if (statements.isGone.get(account) !== undefined) return [];
    return rows.filter(isSo).map(toWord);
  };

  const take = db.transaction((before: number): readonly StoredWord[] | undefined => {
    for (;;) {
      const account = statements.oldest.get(before);
      if (account === undefined) return undefined;
      const words = takeFrom(account);
      if (words.length > 0) return words;
    }
  });
  const giveBack = db.transaction((words: readonly StoredWord[]) => {
    for (const word of words) statements.giveBack.run(word);
  });

  return {
    async add(word) {
      statements.add.run(word);
    },
    take: async (before) => take.immediate(before),
    async giveBack(words) {
      giveBack.immediate(words);
    },
    async drop(before = Number.MAX_SAFE_INTEGER) {
      statements.drop.run(before);
    },
  };
}

/** Whether what is to be said is still how it is. */
function isSo({ kind, state }: Row): boolean {
  return kind === 'added' ? state === 'joined' : state === null;
}

function toWord({ account, room_id, user_id, kind, text, at }: Row): StoredWord {
  const ids = { account: account as UserId, roomId: room_id as RoomId, userId: user_id as ResourceId };
  return { ...ids, kind, text, at };
}
