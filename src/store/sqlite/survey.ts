import { setImmediate } from 'node:timers/promises';
import type { ResourceId } from '../../directory/resource.ts';
import type { UserId } from '../../matrix/ids.ts';
import { inPieces } from '../../pieces.ts';
import type { RoomRecord } from '../../plan/rooms.ts';
import type { RecordOf, Seat, SurveyStore, UserNumber } from '../survey-store.ts';
import type { Connection } from './database.ts';

/** Rows that are read in one go: some milliseconds. */
const ROWS = 4000;

type SeatRow = { readonly id: string; readonly account: string | null };
type RecordsRow = Pick<RoomRecord, 'state' | 'mode'> & {
  readonly via: string;
  readonly accounts: string;
  /** The last of them in the order of the table. */
  readonly last: number;
};

export function createSurveyStore(db: Connection): SurveyStore {
  const statements = {
    lastUser: db.prepare<[], number>('SELECT coalesce(max(seq), 0) FROM users').pluck(),
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
    numbers: db
      .prepare<[number, number, number], number>(
        'SELECT user_seq FROM user_members WHERE set_id = ? AND user_seq > ? ORDER BY user_seq LIMIT ?',
      )
      .pluck(),
    // As a list for each way in which people got in: seldom more than one, and read much faster than rows are.
    records: db.prepare<{ roomId: string; after: number; rows: number }, RecordsRow>(`
      SELECT some.state, t.mode, t.via, json_group_array(a.name) AS accounts, max(some.account) AS last FROM (
        SELECT account, state, terms FROM entitlement_rows
        WHERE room = (SELECT no FROM names WHERE name = @roomId) AND account > @after ORDER BY account LIMIT @rows) some
        CROSS JOIN names a ON a.no = some.account CROSS JOIN terms t ON t.no = some.terms
      GROUP BY some.state, some.terms`),
  };

  /** Ranges of the numbers of users, so that each piece looks at as many whatever it finds. */
  async function* ranges(): AsyncGenerator<readonly [after: number, to: number]> {
    const last = statements.lastUser.get() ?? 0;
    for (let after = 0; after < last; after += ROWS) {
      yield [after, after + ROWS];
      await setImmediate();
    }
  }

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
          const numbers = statements.numbers.all(set, after, ROWS);
          if (numbers.length > 0) yield numbers as UserNumber[];
          isMore = numbers.length === ROWS;
          after = numbers.at(-1) ?? 0;
          if (isMore) await setImmediate();
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
        const found = rows.flatMap(toRecords);
        if (found.length > 0) yield found;
        isMore = found.length === ROWS;
        after = Math.max(...rows.map(({ last }) => last));
        if (isMore) await setImmediate();
      }
    },
  };
}

function toSeat({ id, account }: SeatRow): Seat {
  return { userId: id as ResourceId, account: (account ?? undefined) as UserId | undefined };
}

function toRecords({ state, mode, via, accounts }: RecordsRow): readonly RecordOf[] {
  const record: RoomRecord = { state, mode, via: JSON.parse(via) };
  return JSON.parse(accounts).map((account: UserId) => ({ account, record }));
}
