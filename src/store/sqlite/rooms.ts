import type { RoomId, UserId } from '../../matrix/ids.ts';
import type { RoomStore } from '../store.ts';
import type { Connection } from './database.ts';
import { storedJson } from './json.ts';
import { type EntitlementRow, toEntitlement } from './people.ts';

type TargetRow = { readonly target: string; readonly room_id: string };

export function createRoomStore(db: Connection): RoomStore {
  const statements = {
    resolutions: db.prepare<[], TargetRow>('SELECT target, room_id FROM targets'),
    saveResolution: db.prepare(
      'INSERT OR REPLACE INTO targets (target, room_id, resolved_at) VALUES (?, ?, ?)',
    ),
    children: db.prepare<[string], string>('SELECT children FROM spaces WHERE space_id = ?').pluck(),
    saveChildren: db.prepare(`
      INSERT INTO spaces (space_id, children) VALUES (@space, @children)
      ON CONFLICT (space_id) DO UPDATE SET children = @children WHERE children <> @children`),
    created: db.prepare<[], { readonly target: string; readonly room_id: string | null }>(
      'SELECT target, room_id FROM created_rooms',
    ),
    forgetCreated: db.prepare('DELETE FROM created_rooms WHERE target = ?'),
    saveCreated: db.prepare(
      'INSERT OR REPLACE INTO created_rooms (target, room_id, created) VALUES (?, ?, ?)',
    ),
    levels: db.prepare<[string], { account: string; levels: string }>(
      'SELECT account, levels FROM levels WHERE room_id = ?',
    ),
    withLevels: db.prepare<[], { room_id: string }>('SELECT DISTINCT room_id FROM levels'),
    saveLevel: db.prepare('INSERT OR REPLACE INTO levels (room_id, account, levels) VALUES (?, ?, ?)'),
    forgetLevel: db.prepare('DELETE FROM levels WHERE room_id = ? AND account = ?'),
    countJoined: db.prepare<[string], number>('SELECT joined FROM room_totals WHERE room_id = ?').pluck(),
    countAllJoined: db.prepare<[], number>('SELECT coalesce(sum(joined), 0) FROM room_totals').pluck(),
    // From one room to the next: as fast as there are few rooms, however many are in them.
    entitled: db
      .prepare<[], string>(`
        WITH RECURSIVE found (room) AS (
          SELECT min(room) FROM entitlement_rows
          UNION ALL SELECT (SELECT min(room) FROM entitlement_rows WHERE room > found.room) FROM found
            WHERE found.room IS NOT NULL
        )
        SELECT name FROM found CROSS JOIN names ON no = found.room ORDER BY name`)
      .pluck(),
    entitlements: db.prepare<[string], EntitlementRow>(
      'SELECT * FROM entitlements WHERE room_id = ? ORDER BY account',
    ),
  };

  const saveResolutions = db.transaction((resolved: ReadonlyMap<string, RoomId>, now: number) => {
    for (const [target, roomId] of resolved) statements.saveResolution.run(target, roomId, now);
  });
  const saveLevels = db.transaction((roomId: RoomId, given: ReadonlyMap<UserId, readonly number[]>) => {
    for (const [account, levels] of given) {
      if (levels.length === 0) statements.forgetLevel.run(roomId, account);
      else statements.saveLevel.run(roomId, account, JSON.stringify(levels));
    }
  });

  return {
    resolutions: async () => toTargets(statements.resolutions.all()),
    async saveResolutions(resolved, now) {
      if (resolved.size > 0) saveResolutions.immediate(resolved, now);
    },
    async children(space) {
      const children = statements.children.get(space);
      return children === undefined ? undefined : storedJson(children);
    },
    async saveChildren(space, children) {
      statements.saveChildren.run({ space, children: JSON.stringify(children) });
    },
    async created() {
      const rows = statements.created.all();
      return new Map(rows.map((row) => [row.target, (row.room_id ?? undefined) as RoomId | undefined]));
    },
    async forgetCreated(target) {
      statements.forgetCreated.run(target);
    },
    async saveCreated(target, roomId, now) {
      statements.saveCreated.run(target, roomId ?? null, now);
    },
    async levels(roomId) {
      const rows = statements.levels.all(roomId);
      return new Map(rows.map((row) => [row.account as UserId, storedJson(row.levels)]));
    },
    withLevels: async () => statements.withLevels.all().map((row) => row.room_id as RoomId),
    async saveLevels(roomId, levels) {
      saveLevels.immediate(roomId, levels);
    },
    async countJoined(roomId) {
      const count =
        roomId === undefined ? statements.countAllJoined.get() : statements.countJoined.get(roomId);
      return count ?? 0;
    },
    entitled: async () => statements.entitled.all() as RoomId[],
    entitlements: async (roomId) => statements.entitlements.all(roomId).map(toEntitlement),
  };
}

function toTargets(rows: readonly TargetRow[]): ReadonlyMap<string, RoomId> {
  return new Map(rows.map(({ target, room_id }) => [target, room_id as RoomId]));
}
