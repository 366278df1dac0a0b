import type { ResourceId, SourceId } from '../../directory/resource.ts';
import type { Overview, Urgency, Waiting } from '../store.ts';
import type { Connection } from './database.ts';
import { checkWhole } from './inspect.ts';

type SourceRow = {
  readonly kind: 'users' | 'groups';
  readonly source: string;
  readonly total: number;
};

type WaitingRow = {
  readonly urgency: number;
  readonly attempts: number;
  readonly since: number;
  readonly not_before: number;
  readonly error_kind: string | null;
  readonly error_message: string | null;
  readonly cause: string | null;
};

const URGENCIES: readonly Urgency[] = ['removal', 'small', 'bulk'];

export function createOverview(db: Connection): Overview {
  const statements = {
    sources: db.prepare<[], SourceRow>('SELECT kind, source, total FROM totals ORDER BY source, kind'),
    lastModified: db
      .prepare<{ source: SourceId }, number | null>(`
        SELECT max(at) FROM (
          SELECT max(last_modified) AS at FROM users WHERE source = @source
          UNION ALL SELECT max(last_modified) FROM groups WHERE source = @source)`)
      .pluck(),
    marked: db.prepare<[], { urgency: number; count: number }>(
      'SELECT urgency, count(*) AS count FROM work GROUP BY urgency',
    ),
    waiting: db.prepare<[string], WaitingRow>('SELECT * FROM work WHERE user_id = ?'),
  };
  return {
    schema: async () => Number(db.pragma('user_version', { simple: true })),
    async sources() {
      const bySource = Map.groupBy(statements.sources.all(), ({ source }) => source);
      return [...bySource].map(([source, rows]) => {
        const totalOf = (kind: SourceRow['kind']): number =>
          rows.find((row) => row.kind === kind)?.total ?? 0;
        return { source: source as SourceId, users: totalOf('users'), groups: totalOf('groups') };
      });
    },
    async damage() {
      const found = checkWhole(db, 'quick_check');
      return found === 'ok' ? undefined : found;
    },
    lastModified: async (source) => statements.lastModified.get({ source }) ?? undefined,
    async marked() {
      const counts = new Map(statements.marked.all().map(({ urgency, count }) => [urgency, count]));
      const [removal = 0, small = 0, bulk = 0] = URGENCIES.map((_, index) => counts.get(index));
      return { removal, small, bulk };
    },
    async waiting(userId: ResourceId): Promise<Waiting | undefined> {
      const row = statements.waiting.get(userId);
      return (
        row && {
          urgency: URGENCIES[row.urgency] ?? 'bulk',
          attempts: row.attempts,
          since: row.since,
          dueAt: row.not_before,
          lastError:
            row.error_kind === null ? undefined : { kind: row.error_kind, message: row.error_message ?? '' },
          cause: row.cause ?? undefined,
        }
      );
    },
  };
}
