import type { FactStore } from '../guard-store.ts';
import type { Connection } from './database.ts';
import { storedJson } from './json.ts';

export function createFactStore(db: Connection): FactStore {
  const statements = {
    get: db.prepare<[string], string>('SELECT value FROM facts WHERE name = ?').pluck(),
    set: db.prepare(
      'INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    ),
    forget: db.prepare('DELETE FROM facts WHERE name = ?'),
    // The last code point ends the range: LIKE would not use the index, and knows characters of its own.
    names: db
      .prepare<{ prefix: string }, string>(
        'SELECT name FROM facts WHERE name >= @prefix AND name < @prefix || char(1114111) ORDER BY name',
      )
      .pluck(),
  };
  return {
    async get(name) {
      const value = statements.get.get(name);
      return value === undefined ? undefined : storedJson(value);
    },
    async set(name, value) {
      if (value === undefined) statements.forget.run(name);
      else statements.set.run(name, JSON.stringify(value));
    },
    names: async (prefix) => statements.names.all({ prefix }),
  };
}
