import type { ResourceId } from '../../directory/resource.ts';
import { inPieces } from '../../pieces.ts';
import type { Urgency, WorkItem, WorkStore, WorkSummary } from '../store.ts';
import type { Connection } from './database.ts';

/** Nothing waits longer before it is tried again, but for what Synapse asks in a throttled answer. */
const LONGEST_WAIT_MS = 2 * 3_600_000;

const URGENCIES: readonly Urgency[] = ['removal', 'small', 'bulk'];

export type WorkRow = {
  readonly user_id: string;
  readonly urgency: number;
  readonly generation: number;
  readonly attempts: number;
  readonly error_kind: string | null;
  readonly error_message: string | null;
  readonly cause: string | null;
};

/** When a write happens, and what caused it, as in `WorkItem`. */
export type Occasion = { readonly now: number; readonly cause: string | undefined };

/** Marks people inside the transaction of the change that made them worth a look. */
export type Marker = (people: readonly ResourceId[], urgency: Urgency, occasion: Occasion) => void;

/** A marker, how often it marked somebody, and who is told. */
export type CountingMarker = {
  readonly mark: Marker;
  readonly count: () => number;
  readonly onMarked: (people: readonly ResourceId[]) => void;
};

/** `onMarked` is told of whom is marked, perhaps in vain: the transaction may be undone. */
export function createMarker(
  db: Connection,
  onMarked: (people: readonly ResourceId[]) => void = () => {},
): CountingMarker {
  const insert = db.prepare(`
    INSERT INTO work (user_id, urgency, generation, since, marked, not_before, cause)
    SELECT value, @urgency, 1, @now, @now, @now, @cause FROM json_each(@people) WHERE true
    ON CONFLICT (user_id) DO UPDATE SET
      generation = generation + 1, marked = @now, not_before = @now, attempts = 0,
      urgency = min(urgency, excluded.urgency), cause = coalesce(@cause, cause)`);
  let count = 0;
  return {
    mark(people, urgency, { now, cause }) {
      const row = { urgency: URGENCIES.indexOf(urgency), now, cause: cause ?? null };
      insert.run({ people: JSON.stringify(people), ...row });
      if (people.length > 0) count += 1;
      onMarked(people);
    },
    count: () => count,
    onMarked,
  };
}

/** People who may wait as `small` before more of whom it is not known that anybody waits for them count as a bulk. */
const FEW = 50;

/** How urgent somebody new is: in a first sync thousands come one by one, and no single change waits behind them. */
export function createArrivals(db: Connection): () => Urgency {
  const isCrowded = db
    .prepare<[number, number], number>('SELECT 1 FROM work WHERE urgency = ? LIMIT 1 OFFSET ?')
    .pluck();
  return () => (isCrowded.get(URGENCIES.indexOf('small'), FEW) === undefined ? 'small' : 'bulk');
}

export function createWorkStore(db: Connection, { mark, count, onMarked }: CountingMarker): WorkStore {
  // One urgency at a time, so that the index gives the order and no pick sorts the whole queue.
  const next = (direction: 'ASC' | 'DESC') =>
    db.prepare<{ now: number; urgency: number; except: string }, WorkRow>(`
      SELECT * FROM work
      WHERE urgency = @urgency AND not_before <= @now
        AND user_id NOT IN (SELECT value FROM json_each(@except))
      ORDER BY marked ${direction}, user_id ${direction} LIMIT 1`);
  const statements = {
    remind: db.prepare(`
      INSERT INTO work (user_id, urgency, generation, since, marked, not_before, cause)
      VALUES (@userId, @urgency, 1, @now, @now, @now, @cause)
      ON CONFLICT (user_id) DO UPDATE SET urgency = @urgency WHERE urgency > @urgency`),
    isCurrent: db.prepare<[string, number], { found: number }>(
      'SELECT 1 AS found FROM work WHERE user_id = ? AND generation = ?',
    ),
    newest: next('DESC'),
    oldest: next('ASC'),
    done: db.prepare('DELETE FROM work WHERE user_id = ? AND generation = ?'),
    postpone: db.prepare(`
      UPDATE work SET not_before = @until, marked = @until, attempts = attempts + 1, error_kind = @kind, error_message = @message
      WHERE user_id = @userId AND generation = @generation`),
    forgetError: db.prepare<[string, string]>(
      'UPDATE work SET error_kind = NULL, error_message = NULL WHERE user_id = ? AND error_kind = ?',
    ),
    nextDue: db.prepare<[number], { at: number | null }>(
      'SELECT min(not_before) AS at FROM work WHERE not_before > ?',
    ),
    mendTimes: db.prepare<{ now: number; latest: number }>(
      'UPDATE work SET not_before = @now, marked = @now WHERE not_before > @latest',
    ),
    summary: db.prepare<
      { now: number },
      { total: number; due: number; failing: number; oldest: number | null }
    >(`
      SELECT count(*) AS total, count(*) FILTER (WHERE not_before <= @now) AS due,
             count(error_kind) AS failing, min(since) FILTER (WHERE not_before <= @now) AS oldest FROM work`),
    failing: db.prepare<[number], WorkRow>(
      'SELECT * FROM work WHERE error_kind IS NOT NULL ORDER BY marked DESC, user_id LIMIT ?',
    ),
    all: db.prepare<[], ResourceId>('SELECT user_id FROM work ORDER BY urgency, marked').pluck(),
    allOf: db
      .prepare<[number], ResourceId>('SELECT user_id FROM work WHERE urgency = ? ORDER BY marked')
      .pluck(),
  };
  const markAll = db.transaction<Marker>(mark);
  let reminders = 0;
  const remindAll = db.transaction<Marker>((people, urgency, { now, cause = null }) => {
    const row = { urgency: URGENCIES.indexOf(urgency), now, cause };
    onMarked(people.filter((userId) => statements.remind.run({ userId, ...row }).changes > 0));
    reminders += 1;
  });

  return {
    // In the order of the table, so that a piece changes few of its pages.
    async mark(people, urgency, now, cause) {
      for await (const some of inPieces(people.toSorted())) markAll.immediate(some, urgency, { now, cause });
    },
    async remind(people, urgency, now, cause) {
      for await (const some of inPieces(people.toSorted()))
        remindAll.immediate(some, urgency, { now, cause });
    },
    markings: () => count() + reminders,
    isCurrent: async ({ userId, generation }) => statements.isCurrent.get(userId, generation) !== undefined,
    async next({ now, order, urgencies, except }) {
      for (const [index, urgency] of URGENCIES.entries()) {
        if (!urgencies.includes(urgency)) continue;
        const row = statements[order].get({ now, urgency: index, except: JSON.stringify(except) });
        if (row !== undefined) return toItem(row);
      }
      return undefined;
    },
    async done(item) {
      statements.done.run(item.userId, item.generation);
    },
    async postpone(item, until, error) {
      statements.postpone.run({ userId: item.userId, generation: item.generation, until, ...error });
    },
    async forgetError(userId, kind) {
      statements.forgetError.run(userId, kind);
    },
    nextDue: async (after) => statements.nextDue.get(after)?.at ?? undefined,
    async mendTimes(now) {
      statements.mendTimes.run({ now, latest: now + LONGEST_WAIT_MS });
    },
    async summary(now): Promise<WorkSummary> {
      const row = statements.summary.get({ now });
      if (row === undefined) return { total: 0, due: 0, failing: 0, lagMs: 0 };
      const lagMs = row.oldest === null ? 0 : Math.max(0, now - row.oldest);
      return { total: row.total, due: row.due, failing: row.failing, lagMs };
    },
    failing: async (limit) => statements.failing.all(limit).map(toItem),
    all: async (urgency) =>
      urgency === undefined ? statements.all.all() : statements.allOf.all(URGENCIES.indexOf(urgency)),
  };
}

export function toItem(row: WorkRow): WorkItem {
  return {
    userId: row.user_id as ResourceId,
    urgency: URGENCIES[row.urgency] ?? 'bulk',
    generation: row.generation,
    attempts: row.attempts,
    lastError:
      row.error_kind === null ? undefined : { kind: row.error_kind, message: row.error_message ?? '' },
    cause: row.cause ?? undefined,
  };
}
