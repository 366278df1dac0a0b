import type { MapEdition, MapStore } from '../map-store.ts';
import type { Connection } from './database.ts';

/** Some kilobytes each. */
const KEPT = 100;

export function createMapStore(db: Connection): MapStore {
  const statements = {
    newest: db.prepare<[], { text: string }>('SELECT text FROM maps ORDER BY id DESC LIMIT 1'),
    add: db.prepare('INSERT INTO maps (at, who, text) VALUES (@at, @who, @text)'),
    forget: db.prepare(
      'DELETE FROM maps WHERE id <= (SELECT id FROM maps ORDER BY id DESC LIMIT 1 OFFSET ?)',
    ),
    list: db.prepare<[number], MapEdition>('SELECT * FROM maps ORDER BY id DESC LIMIT ?'),
    get: db.prepare<[number], MapEdition>('SELECT * FROM maps WHERE id = ?'),
  };
  const add = db.transaction((edition: Omit<MapEdition, 'id'>) => {
    if (statements.newest.get()?.text === edition.text) return;
    statements.add.run(edition);
    statements.forget.run(KEPT);
  });
  return {
    async add(edition) {
      add.immediate(edition);
    },
    list: async () => statements.list.all(KEPT),
    get: async (id) => statements.get.get(id),
  };
}
