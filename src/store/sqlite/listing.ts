import { isDeepStrictEqual } from 'node:util';
import {
  type Attributes,
  foldCase,
  type Resource,
  type ResourceId,
  type SourceId,
} from '../../directory/resource.ts';
import { inPieces } from '../../pieces.ts';
import type { IndexedFilter, ListOrder, ListQuery, Page, ScanQuery } from '../store.ts';
import type { Connection } from './database.ts';
import { storedJson } from './json.ts';

/** The columns that users and groups share. */
export type ResourceRow = {
  readonly seq: number;
  readonly id: string;
  readonly source: string;
  readonly attributes: string;
  readonly version: number;
  readonly created: number;
  readonly last_modified: number;
};

export function toResource(row: ResourceRow): Resource {
  return {
    id: row.id as ResourceId,
    source: row.source as SourceId,
    attributes: storedJson(row.attributes),
    version: row.version,
    created: row.created,
    lastModified: row.last_modified,
  };
}

/** Whether they are stored as they are already: numbers such as -0 and 1e400 are others in JSON. */
export function isSameJson(attributes: Attributes, row: ResourceRow): boolean {
  const text = JSON.stringify(attributes);
  return text === row.attributes || isDeepStrictEqual(JSON.parse(text), storedJson(row.attributes));
}

/** Later than before, also if the clock was set back, or two writes happen within a millisecond. */
export function modifiedAt({ lastModified }: Pick<Resource, 'lastModified'>, now: number): number {
  return Math.max(now, lastModified + 1);
}

/** Rows that are read in one go: each may be a megabyte. */
const READ = 200;

type Table = 'users' | 'groups';
type Condition = { readonly sql: string; readonly value: string };

const NAME_KEY: Record<Table, string> = { users: 'user_name_key', groups: 'display_name_key' };

/** Lists one table. Statements are prepared once for each combination of conditions and order. */
export function createListing(db: Connection, table: Table) {
  const rows = db.prepare<[string], ResourceRow>(
    `SELECT * FROM ${table} WHERE seq IN (SELECT value FROM json_each(?))`,
  );
  const total = db
    .prepare<[Table, SourceId], number>('SELECT total FROM totals WHERE kind = ? AND source = ?')
    .pluck();
  const prepared = new Map<string, ReturnType<typeof prepare>>();
  const prepare = (where: string, orderBy: string) => ({
    count: db.prepare<string[], number>(`SELECT count(*) FROM ${table} WHERE ${where}`).pluck(),
    // Only the numbers, which indexes have: so many rows are skipped without a look at them.
    numbers: db
      .prepare<(string | number)[], number>(
        `SELECT seq FROM ${table} WHERE ${where} ORDER BY ${orderBy} LIMIT ? OFFSET ?`,
      )
      .pluck(),
  });
  const statementsFor = (where: string, orderBy: string) => {
    const key = `${where} ORDER BY ${orderBy}`;
    const found = prepared.get(key) ?? prepare(where, orderBy);
    prepared.set(key, found);
    return found;
  };
  const selection = (source: SourceId, where: IndexedFilter) => {
    const conditions = conditionsOf(where, table);
    return {
      // The plus keeps SQLite from walking the whole source where a list of numbers is given.
      where: [
        conditions.some(({ sql }) => sql.startsWith('seq IN')) ? '+source = ?' : 'source = ?',
        ...conditions.map(({ sql }) => sql),
      ].join(' AND '),
      values: [source, ...conditions.map(({ value }) => value)],
      isAll: conditions.length === 0,
    };
  };
  const read = (numbers: readonly number[]): readonly Resource[] => {
    const found = new Map(rows.all(JSON.stringify(numbers)).map((row) => [row.seq, row]));
    return numbers.flatMap((seq) => found.get(seq) ?? []).map(toResource);
  };

  return {
    list(source: SourceId, { startIndex, count, where, order }: ListQuery): Page<Resource> {
      const selected = selection(source, where);
      const counter = statementsFor(selected.where, orderBy(table, order));
      const totalResults = selected.isAll
        ? (total.get(table, source) ?? 0)
        : (counter.count.get(...selected.values) ?? 0);
      const skipped = startIndex - 1;
      const wanted = Math.min(count, totalResults - skipped);
      if (wanted <= 0) return { totalResults, resources: [] };
      // From the nearer end: the last page is as near as the first.
      const behind = totalResults - skipped - wanted;
      const isNear = skipped <= behind;
      const { numbers } = isNear ? counter : statementsFor(selected.where, orderBy(table, reversed(order)));
      const page = numbers.all(...selected.values, wanted, isNear ? skipped : behind);
      return { totalResults, resources: read(isNear ? page : page.toReversed()) };
    },
    /** All that there are when it begins; who is deleted meanwhile is left out. */
    async *scan(source: SourceId, { where, order }: ScanQuery): AsyncGenerator<readonly Resource[]> {
      const selected = selection(source, where);
      const { numbers } = statementsFor(selected.where, orderBy(table, order));
      for await (const piece of inPieces(numbers.all(...selected.values, -1, 0), READ)) yield read(piece);
    },
  };
}

function orderBy(table: Table, { by, isDescending }: ListOrder): string {
  return `${by === 'name' ? NAME_KEY[table] : 'seq'} ${isDescending ? 'DESC' : 'ASC'}`;
}

function reversed({ by, isDescending }: ListOrder): ListOrder {
  return { by, isDescending: !isDescending };
}

function conditionsOf(where: IndexedFilter, table: Table): readonly Condition[] {
  const conditions: Condition[] = [];
  const add = (sql: string, value: string | undefined): void => {
    if (value !== undefined) conditions.push({ sql, value });
  };
  const byKey = (attribute: string): string =>
    `seq IN (SELECT user_seq FROM user_keys WHERE key = ? AND attribute = '${attribute}')`;
  const folded = (value: string | undefined) => value && foldCase(value);
  add('id = ?', where.id);
  add('external_id = ?', where.externalId);
  add('user_name_key = ?', folded(where.userName));
  add(table === 'groups' ? 'display_name_key = ?' : byKey('displayName'), folded(where.displayName));
  add(byKey('emails.value'), folded(where.email));
  add(WITH_MEMBER, where.member);
  add(IN_GROUP, where.group);
  return conditions;
}

/** Groups that have a member: a user, a group, or a value that nobody has. */
const WITH_MEMBER = `seq IN (
  WITH wanted (value) AS (SELECT ?)
  SELECT s.group_seq FROM wanted CROSS JOIN users u ON u.id = wanted.value
    CROSS JOIN user_members m ON m.user_seq = u.seq CROSS JOIN member_sets s ON s.id = m.set_id
  UNION ALL SELECT s.group_seq FROM wanted CROSS JOIN groups g ON g.id = wanted.value
    CROSS JOIN group_members m ON m.group_seq = g.seq CROSS JOIN member_sets s ON s.id = m.set_id
  UNION ALL SELECT s.group_seq FROM wanted CROSS JOIN unknown_members m ON m.value = wanted.value
    CROSS JOIN member_sets s ON s.id = m.set_id
)`;

/** Users who are in a group, also through groups inside it. */
const IN_GROUP = `seq IN (
  WITH RECURSIVE inside (seq) AS (
    SELECT seq FROM groups WHERE id = ?
    UNION SELECT m.group_seq FROM inside
      CROSS JOIN member_sets s ON s.group_seq = inside.seq CROSS JOIN group_members m ON m.set_id = s.id
  )
  SELECT m.user_seq FROM inside CROSS JOIN member_sets s ON s.group_seq = inside.seq CROSS JOIN user_members m ON m.set_id = s.id
)`;
