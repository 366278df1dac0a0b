import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { EventBacklog, EventStore, StoredEvent } from '../event-store.ts';
import type { Connection } from './database.ts';
import { storedJson } from './json.ts';

type Row = {
  readonly seq: number;
  readonly id: string;
  readonly at: number;
  readonly resource: string;
  readonly external_id: string | null;
  readonly operation: string;
  readonly payload: string;
};

const TRIGGERS = join(import.meta.dirname, 'event-triggers.sql');

export function createEventStore(db: Connection): EventStore {
  const statements = {
    next: db.prepare<[string, number], Row>(`
      SELECT * FROM events WHERE resource NOT IN (SELECT value FROM json_each(?)) ORDER BY seq LIMIT ?`),
    // The first is the oldest: numbers grow, and times with them.
    backlog: db.prepare<[], { waiting: number; oldestAt: number | null }>(`
      SELECT count(*) AS waiting, (SELECT at FROM events ORDER BY seq LIMIT 1) AS oldestAt FROM events`),
    remove: db.prepare('DELETE FROM events WHERE seq IN (SELECT value FROM json_each(?))'),
    // Up to the first that is young enough: numbers grow, and times with them.
    trim: db.prepare<{ before: number; most: number }>(`
      DELETE FROM events WHERE
        seq < coalesce((SELECT seq FROM events WHERE at >= @before ORDER BY seq LIMIT 1), 9007199254740991)
        OR seq <= (SELECT max(seq) FROM events) - @most`),
    clear: db.prepare('DELETE FROM events'),
  };
  return {
    record(kinds, now) {
      db.function('event_time', { deterministic: false }, now);
      db.function('changed_names', { deterministic: true }, changedNames);
      db.function('names_in', { deterministic: true }, (json) => JSON.stringify(Object.keys(objectIn(json))));
      const told = new Set<unknown>(kinds);
      db.function('is_told', { deterministic: true }, (action) => (told.has(action) ? 1 : 0));
      db.exec(readFileSync(TRIGGERS, 'utf8'));
    },
    next: async (limit, except = []) => statements.next.all(JSON.stringify(except), limit).map(toEvent),
    async backlog(): Promise<EventBacklog> {
      const row = statements.backlog.get();
      return { waiting: row?.waiting ?? 0, oldestAt: row?.oldestAt ?? undefined };
    },
    async remove(seqs) {
      statements.remove.run(JSON.stringify(seqs));
    },
    trim: async (before, most) => statements.trim.run({ before, most }).changes,
    async clear() {
      statements.clear.run();
    },
  };
}

/** A JSON array: names of what is there in one and not, or otherwise, in the other. */
function changedNames(before: unknown, after: unknown): string {
  const [old, next] = [objectIn(before), objectIn(after)];
  const names = new Set([...Object.keys(old), ...Object.keys(next)]);
  return JSON.stringify([...names].filter((name) => !isDeepStrictEqual(old[name], next[name])));
}

function objectIn(json: unknown): Readonly<Record<string, unknown>> {
  return storedJson(String(json));
}

/** The payload is as the triggers wrote it. */
function toEvent({ external_id, payload, ...row }: Row): StoredEvent {
  const event = { ...row, externalId: external_id ?? undefined, payload: storedJson(payload) };
  return event as StoredEvent;
}
