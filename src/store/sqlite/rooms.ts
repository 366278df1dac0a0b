import type { RoomId } from '../../matrix/ids.ts';
import type { RoomStore } from '../store.ts';
import type { Connection } from './database.ts';
import { type EntitlementRow, toEntitlement } from './people.ts';

export function createRoomStore(db: Connection): RoomStore {
  const statements = {
    resolutions: db.prepare<[], { target: string; room_id: string }>('SELECT target, room_id FROM targets'),
    saveResolution: db.prepare(
      'INSERT OR REPLACE INTO targets (target, room_id, resolved_at) VALUES (?, ?, ?)',
    ),
    entitled: db.prepare<[], { room_id: string }>('SELECT DISTINCT room_id FROM entitlements'),
    entitlements: db.prepare<[string], EntitlementRow>(
      'SELECT * FROM entitlements WHERE room_id = ? ORDER BY account',
    ),
  };

  return {
    async resolutions() {
      return new Map(statements.resolutions.all().map((row) => [row.target, row.room_id as RoomId]));
    },
    async saveResolution(target, roomId, now) {
      statements.saveResolution.run(target, roomId, now);
    },
    entitled: async () => statements.entitled.all().map((row) => row.room_id as RoomId),
    entitlements: async (roomId) => statements.entitlements.all(roomId).map(toEntitlement),
  };
}
