import type { ResourceId } from '../../directory/resource.ts';
import type { UserId } from '../../matrix/ids.ts';
import { inPieces, othersTurn } from '../../pieces.ts';
import type { RoomRecord } from '../../plan/rooms.ts';
import type { RecordsOf, Seat, SurveyStore, UserNumber } from '../survey-store.ts';
import type { Connection } from './database.ts';
import { createUserRanges } from './user-ranges.ts';

/** Rows that are read in one go: some milliseconds. */
const ROWS = 4000;

type SeatRow = { readonly id: string; readonly account: string | null };
type RecordsRow = Pick<RoomRecord, 'state' | 'mode'> & { readonly via: string; readonly accounts: string };

export function createSurveyStore(db: Connection): SurveyStore {
  const ranges = createUserRanges(db, ROWS);
  const statements = {
    withoutAccount: db
      .prepare<[number, number], string>(`
        SELECT u.id FROM users u LEFT JOIN links l ON l.user_id = u.id
        WHERE u.seq > ? AND u.seq <= ? AND l.user_id IS NULL ORDER BY u.seq`)
      .pluck(),
    seats: db.prepare<[number, number], SeatRow>(`
      SELECT u.id, l.account FROM users u LEFT JOIN links l ON l.user_id = u.id
      WHERE u.seq > ? AND u.seq <= ? AND u.active = 1 ORDER BY u.seq`),
    seatsOf: db.prepare<[string], SeatRow>(`
      SELECT u.id, l.account FROM json_each(?) j CROSS JOIN users u ON u.seq = j.value AND u.active = 1
      LEFT JOIN links l ON l.user_id = u.id`),
    setsIn: db
      .prepare<[string], number>(`
        WITH RECURSIVE inside (seq) AS (
          SELECT seq FROM groups WHERE id = ?
          UNION SELECT m.group_seq FROM inside
            CROSS JOIN member_sets s ON s.group_seq = inside.seq CROSS JOIN group_members m ON m.set_id = s.id
        )
        SELECT s.id FROM inside CROSS JOIN member_sets s ON s.group_seq = inside.seq`)
      .pluck(),
    // As one list: read much faster than rows are.
    numbers: db
      .prepare<[number, number, number], string>(`
        SELECT json_group_array(user_seq) FROM (
          SELECT user_seq FROM user_members WHERE set_id = ? AND user_seq > ? ORDER BY user_seq LIMIT ?)`)
      .pluck(),
    // A list for each way in which people got in: seldom more than one.
    records: db.prepare<{ roomId: string; after: number; rows: number }, RecordsRow>(`
      SELECT some.state, t.mode, t.via, json_group_array(some.account) AS accounts FROM (
        SELECT account, state, terms FROM entitlement_rows
        WHERE room = (SELECT no FROM names WHERE name = @roomId) AND account > @after ORDER BY account LIMIT @rows) some
        CROSS JOIN terms t ON t.no = some.terms
      GROUP BY some.state, some.terms`),
    names: db.prepare<[string], { readonly no: number; readonly name: string }>(
      'SELECT n.no, n.name FROM json_each(?) j CROSS JOIN names n ON n.no = j.value',
    ),
  };

  /** By number; a name never changes. */
  const known: (string | undefined)[] = [];
  const namesOf = (numbers: readonly number[]): readonly string[] => {
    const missing = numbers.filter((no) => known[no] === undefined);
    const rows = missing.length === 0 ? [] : statements.names.all(JSON.stringify(missing));
    for (const { no, name } of rows) known[no] = name;
    return numbers.map((no) => known[no] ?? '');
  };

  return {
    async *withoutAccount() {
      for await (const range of ranges()) {
        const found = statements.withoutAccount.all(...range);
        if (found.length > 0) yield found as ResourceId[];
      }
    },
    async *numbersIn(group) {
      for (const set of statements.setsIn.all(group)) {
        let after = 0;
        for (let isMore = true; isMore; ) {
          const numbers: number[] = JSON.parse(statements.numbers.get(set, after, ROWS) ?? '[]');
          if (numbers.length > 0) yield numbers as UserNumber[];
          isMore = numbers.length === ROWS;
          after = numbers.at(-1) ?? 0;
          if (isMore) await othersTurn();
        }
      }
    },
    async *seatsOf(numbers) {
      for await (const some of inPieces(numbers, ROWS))
        yield statements.seatsOf.all(JSON.stringify(some)).map(toSeat);
    },
    async *seats() {
      for await (const range of ranges()) yield statements.seats.all(...range).map(toSeat);
    },
    async *records(roomId) {
      let after = 0;
      for (let isMore = true; isMore; ) {
        const rows = statements.records.all({ roomId, after, rows: ROWS });
        const lists = rows.map(({ accounts }): readonly number[] => JSON.parse(accounts));
        const found = rows.map((row, index): RecordsOf => {
          const record = { state: row.state, mode: row.mode, via: JSON.parse(row.via) };
          return { record, accounts: namesOf(lists[index] ?? []) as readonly UserId[] };
        });
        if (found.length > 0) yield found;
        isMore = lists.reduce((sum, { length }) => sum + length, 0) === ROWS;
        for (const list of lists) after = Math.max(after, list.at(-1) ?? 0);
        if (isMore) await othersTurn();
      }
    },
  };
}

function toSeat({ id, account }: SeatRow): Seat {
  return { userId: id as ResourceId, account: (account ?? undefined) as UserId | undefined };
}
