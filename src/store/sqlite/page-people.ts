import { foldCase } from '../../directory/resource.ts';
import type { User } from '../../directory/user.ts';
import { cursorOf, type Place, placeOf } from '../cursor.ts';
import type { Part, PeopleQuery } from '../page-store.ts';
import type { Connection } from './database.ts';
import { type ResourceRow, toResource } from './listing.ts';

/** Somebody who may belong on the page. `isOut`: she came before, or is not wanted. */
type Candidate = { readonly seq: number; readonly place: Place; readonly isOut: boolean };

/** Where a search goes on: among the keys of users, or among accounts. */
type SearchPlace = readonly [phase: string, key: string, more: string, seq: number];

type KeyRow = {
  readonly key: string;
  readonly attribute: string;
  readonly seq: number;
  readonly is_earlier: number;
  readonly is_failing: number;
};
type AccountRow = {
  readonly account: string;
  readonly user_id: string;
  readonly seq: number;
  readonly is_found: number;
  readonly is_failing: number;
};
type NameRow = { readonly source: string; readonly user_name_key: string; readonly seq: number };
type FailingRow = { readonly error_kind: string; readonly user_id: string; readonly seq: number | null };

/** That one page looks at: some milliseconds. */
const MOST_CANDIDATES = 4000;
const IS_FAILING = 'EXISTS (SELECT 1 FROM work w WHERE w.user_id = u.id AND w.error_kind IS NOT NULL)';
/** Behind every text that begins with what stands before it. */
const LAST = '\u{10ffff}';

export function createPeoplePages(db: Connection) {
  const statements = {
    byName: db.prepare<[string, string, number], NameRow>(`
      SELECT source, user_name_key, seq FROM users WHERE (source, user_name_key) > (?, ?)
      ORDER BY source, user_name_key LIMIT ?`),
    failing: db.prepare<[string, string, number], FailingRow>(`
      SELECT w.error_kind, w.user_id, u.seq FROM work w INDEXED BY work_failed LEFT JOIN users u ON u.id = w.user_id
      WHERE w.error_kind IS NOT NULL AND (w.error_kind, w.user_id) > (?, ?)
      ORDER BY w.error_kind, w.user_id LIMIT ?`),
    byKey: db.prepare<Record<string, string | number>, KeyRow>(`
      SELECT k.key, k.attribute, k.user_seq AS seq, ${IS_FAILING} AS is_failing,
        EXISTS (SELECT 1 FROM user_keys e WHERE e.user_seq = k.user_seq AND e.key >= @from
          AND (e.key, e.attribute) < (k.key, k.attribute)) AS is_earlier
      FROM user_keys k CROSS JOIN users u ON u.seq = k.user_seq
      WHERE (k.key, k.attribute, k.user_seq) > (@key, @attribute, @seq) AND k.key < @to
      ORDER BY k.key, k.attribute, k.user_seq LIMIT @limit`),
    byAccount: db.prepare<Record<string, string | number>, AccountRow>(`
      SELECT l.account, l.user_id, u.seq, ${IS_FAILING} AS is_failing,
        EXISTS (SELECT 1 FROM user_keys e WHERE e.user_seq = u.seq AND e.key >= @from AND e.key < @to) AS is_found
      FROM links l CROSS JOIN users u ON u.id = l.user_id
      WHERE (l.account, l.user_id) > (@account, @userId) AND l.account < @lastAccount
      ORDER BY l.account, l.user_id LIMIT @limit`),
    users: db.prepare<[string], ResourceRow>(
      'SELECT * FROM users WHERE seq IN (SELECT value FROM json_each(?))',
    ),
  };
  const read = (numbers: readonly number[]): readonly User[] => {
    const found = new Map(statements.users.all(JSON.stringify(numbers)).map((row) => [row.seq, row]));
    return numbers.flatMap((seq) => found.get(seq) ?? []).map(toResource);
  };
  /** Goes through candidates until a page is full, or it has looked at enough. */
  const fill = (limit: number, more: (count: number) => readonly Candidate[]): Part<User> => {
    const wanted: number[] = [];
    const candidates = more(MOST_CANDIDATES);
    for (const { seq, place, isOut } of candidates) {
      if (!isOut) wanted.push(seq);
      if (wanted.length === limit) return { items: read(wanted), next: cursorOf(place) };
    }
    const isMore = candidates.length === MOST_CANDIDATES;
    const last = candidates.at(-1);
    return { items: read(wanted), next: isMore && last ? cursorOf(last.place) : undefined };
  };

  const all = (query: PeopleQuery): Part<User> => {
    const [source, name] = placeOf(query.cursor, ['', '']);
    const rows = statements.byName.all(source, name, query.limit + 1);
    const page = rows.slice(0, query.limit);
    const last = page.at(-1);
    const isMore = rows.length > page.length && last !== undefined;
    return {
      items: read(page.map(({ seq }) => seq)),
      next: isMore ? cursorOf([last.source, last.user_name_key]) : undefined,
    };
  };
  const failing = ({ cursor, limit }: PeopleQuery): Part<User> => {
    const [kind, userId] = placeOf(cursor, ['', '']);
    return fill(limit, (count) =>
      statements.failing.all(kind, userId, count).map((row) => ({
        seq: row.seq ?? 0,
        place: [row.error_kind, row.user_id],
        isOut: row.seq === null,
      })),
    );
  };
  /** First by what the provider calls her, then by account those whom that did not find. */
  const search = ({ cursor, limit, isFailing }: PeopleQuery, from: string): Part<User> => {
    const place = placeOf<SearchPlace>(cursor, ['key', from, '', 0]);
    const to = `${from}${LAST}`;
    const isOut = (row: { readonly is_failing: number }): boolean => isFailing && row.is_failing === 0;
    const byAccount = ([, account, userId]: SearchPlace, most: number): Part<User> =>
      fill(most, (count) =>
        statements.byAccount
          .all({ ...{ account, userId, from, to }, lastAccount: `${accountFrom(from)}${LAST}`, limit: count })
          .map((row) => ({
            seq: row.seq,
            place: ['account', row.account, row.user_id, 0],
            isOut: row.is_found === 1 || isOut(row),
          })),
      );
    if (place[0] === 'account') return byAccount(place, limit);
    const [, key, attribute, seq] = place;
    const found = fill(limit, (count) =>
      statements.byKey.all({ key, attribute, seq, from, to, limit: count }).map((row) => ({
        seq: row.seq,
        place: ['key', row.key, row.attribute, row.seq],
        isOut: row.is_earlier === 1 || isOut(row),
      })),
    );
    if (found.next !== undefined) return found;
    const rest = byAccount(['account', accountFrom(from), '', 0], limit - found.items.length);
    return { items: [...found.items, ...rest.items], next: rest.next };
  };

  return (query: PeopleQuery): Part<User> => {
    const from = foldCase(query.search?.trim() ?? '');
    if (from !== '') return search(query, from);
    return query.isFailing ? failing(query) : all(query);
  };
}

/** Who types no `@` means the name behind it. */
function accountFrom(search: string): string {
  return search.startsWith('@') ? search : `@${search}`;
}
