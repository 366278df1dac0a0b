import { foldCase, type Resource, type ResourceId, type SourceId } from '../../directory/resource.ts';
import type { IndexedFilter, ListQuery, Page } from '../store.ts';
import type { Connection } from './database.ts';

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
    attributes: JSON.parse(row.attributes),
    version: row.version,
    created: row.created,
    lastModified: row.last_modified,
  };
}

type Condition = { readonly sql: string; readonly value: string };

/** Lists one table. Statements are prepared once for each combination of indexed conditions. */
export function createListing(db: Connection, table: 'users' | 'groups') {
  const prepared = new Map<string, ReturnType<typeof prepare>>();
  const prepare = (where: string) => ({
    count: db.prepare<string[], { total: number }>(`SELECT count(*) AS total FROM ${table} WHERE ${where}`),
    page: db.prepare<(string | number)[], ResourceRow>(
      `SELECT * FROM ${table} WHERE ${where} ORDER BY seq LIMIT ? OFFSET ?`,
    ),
    all: db.prepare<string[], ResourceRow>(`SELECT * FROM ${table} WHERE ${where} ORDER BY seq`),
  });
  const statementsFor = (where: string) => {
    const found = prepared.get(where) ?? prepare(where);
    prepared.set(where, found);
    return found;
  };

  return (source: SourceId, query: ListQuery<Resource>): Page<Resource> => {
    const conditions = conditionsOf(query.where);
    const where = ['source = ?', ...conditions.map((condition) => condition.sql)].join(' AND ');
    const values = [source, ...conditions.map((condition) => condition.value)];
    const statements = statementsFor(where);
    const { matches } = query;
    if (matches === undefined) {
      const rows = query.count === 0 ? [] : statements.page.all(...values, query.count, query.startIndex - 1);
      return {
        totalResults: statements.count.get(...values)?.total ?? 0,
        resources: rows.map(toResource),
      };
    }
    return collect(statements.all.iterate(...values), query, matches);
  };
}

/** Counts every match but keeps only the page. */
function collect(
  rows: Iterable<ResourceRow>,
  query: ListQuery<Resource>,
  matches: (resource: Resource) => boolean,
): Page<Resource> {
  const resources: Resource[] = [];
  let totalResults = 0;
  for (const row of rows) {
    const resource = toResource(row);
    if (!matches(resource)) continue;
    totalResults += 1;
    if (totalResults >= query.startIndex && resources.length < query.count) resources.push(resource);
  }
  return { totalResults, resources };
}

function conditionsOf(where: IndexedFilter): readonly Condition[] {
  const conditions: Condition[] = [];
  if (where.id !== undefined) conditions.push({ sql: 'id = ?', value: where.id });
  if (where.externalId !== undefined) conditions.push({ sql: 'external_id = ?', value: where.externalId });
  if (where.userName !== undefined) {
    conditions.push({ sql: 'user_name_key = ?', value: foldCase(where.userName) });
  }
  if (where.displayName !== undefined) {
    conditions.push({ sql: 'display_name_key = ?', value: foldCase(where.displayName) });
  }
  if (where.member !== undefined) {
    conditions.push({ sql: 'id IN (SELECT group_id FROM members WHERE value = ?)', value: where.member });
  }
  return conditions;
}
