import type { ResourceId } from '../../directory/resource.ts';
import type { RoomId, UserId } from '../../matrix/ids.ts';
import { othersTurn } from '../../pieces.ts';
import { CAUTIONS, type TakeAway } from '../../plan/guard.ts';
import type { HeldChange, HeldCount, Hold } from '../../plan/holds.ts';
import { type Affected, DECIDED, type GuardStore, type Shown, type TakenQuery } from '../guard-store.ts';
import type { Connection } from './database.ts';
import { storedJson } from './json.ts';

export type HeldRow = {
  readonly kind: TakeAway['kind'];
  readonly account: string;
  /** Empty if it is about the account. */
  readonly room_id: string;
  readonly user_id: string | null;
  readonly scope: string;
  readonly detail: string;
  readonly cause: string | null;
  readonly since: number;
  readonly verdict: 'approved' | 'rejected' | null;
};

type CountRow = Pick<HeldRow, 'scope' | 'kind' | 'room_id' | 'since'> & {
  /** Empty while nobody decided. */
  readonly verdict: '' | 'approved' | 'rejected';
  readonly changes: number;
  readonly mark: string;
};
type AffectedRow = Pick<HeldRow, 'user_id' | 'cause'> & {
  /** A JSON list. */
  readonly holders: string;
};
type Decision = { readonly scope: string; readonly before: string | null };

/** Rows in one go: some milliseconds. */
const PIECE = 500;

/** No limit looks back further than an hour; a day leaves room for other ones, and the table small. */
const TAKEN_KEPT_MS = 24 * 60 * 60 * 1000;

export function createGuardStore(db: Connection): GuardStore {
  const statements = {
    holds: db.prepare<[], Hold>('SELECT scope, reason, since FROM holds ORDER BY since, scope'),
    openHold: db.prepare(`
      INSERT INTO holds (scope, reason, since) VALUES (@scope, @reason, @since)
      ON CONFLICT (scope) DO UPDATE SET reason = @reason WHERE reason <> @reason`),
    endHold: db.prepare('DELETE FROM holds WHERE scope = ?'),
    held: db.prepare<[], HeldRow>('SELECT * FROM held ORDER BY since, account, room_id, kind'),
    heldOf: db.prepare<[string], HeldRow>('SELECT * FROM held WHERE account = ? ORDER BY room_id, kind'),
    heldOfRoom: db.prepare<[string], HeldRow>(
      'SELECT * FROM held WHERE room_id = ? AND user_id IS NULL ORDER BY account, kind',
    ),
    heldAfter: db.prepare<[string, string, string], HeldRow>(`
      SELECT * FROM held WHERE (account, room_id, kind) > (?, ?, ?) ORDER BY account, room_id, kind LIMIT ${PIECE}`),
    hold: db.prepare(`
      INSERT INTO held (kind, account, room_id, user_id, scope, detail, cause, since, verdict)
      VALUES (@kind, @account, @roomId, @userId, @scope, @detail, @cause, @since, @verdict)
      ON CONFLICT (account, room_id, kind) DO UPDATE SET user_id = @userId, scope = @scope, cause = @cause,
        verdict = CASE WHEN detail = @detail THEN coalesce(@verdict, verdict) ELSE @verdict END, detail = @detail`),
    forget: db.prepare('DELETE FROM held WHERE account = @account AND room_id = @roomId AND kind = @kind'),
    forgetSome: db.prepare<[string], HeldRow>(`
      DELETE FROM held WHERE (account, room_id, kind) IN (
        SELECT account, room_id, kind FROM held WHERE scope = ? AND verdict IS NULL LIMIT ${PIECE}) RETURNING *`),
    counts: db.prepare<[], CountRow>('SELECT * FROM held_counts ORDER BY scope, verdict, kind, room_id'),
    countsOf: db.prepare<Decision, CountRow>(
      "SELECT * FROM held_counts WHERE scope = @scope AND verdict = coalesce(@before, '')",
    ),
    affected: db.prepare<Decision, AffectedRow>(`
      SELECT max(h.user_id) AS user_id, max(h.cause) AS cause,
        json_group_array(l.user_id) FILTER (WHERE l.user_id IS NOT NULL) AS holders
      FROM held h LEFT JOIN links l ON l.account = h.account
      WHERE h.scope = @scope AND h.verdict IS @before GROUP BY h.account`),
    decide: db.prepare<Decision & { readonly verdict: string }>(
      'UPDATE held SET verdict = @verdict WHERE scope = @scope AND verdict IS @before',
    ),
    remember: db.prepare<{ readonly name: string; readonly value: string }>(
      'INSERT INTO facts (name, value) VALUES (@name, @value) ON CONFLICT (name) DO UPDATE SET value = @value',
    ),
    endDecided: db.prepare<{ readonly scope: string }>(`
      DELETE FROM holds WHERE scope = @scope
        AND NOT EXISTS (SELECT 1 FROM held WHERE scope = @scope AND verdict IS NULL)`),
    take: db.prepare(`
      INSERT INTO taken (kind, account, room_id, at) VALUES (@kind, @account, @roomId, @now)
      ON CONFLICT (account, room_id, kind) DO UPDATE SET at = @now`),
    giveBack: db.prepare('DELETE FROM taken WHERE account = @account AND room_id = @roomId AND kind = @kind'),
    forgetApproved: db.prepare("DELETE FROM held WHERE verdict = 'approved'"),
    mendTaken: db.prepare('UPDATE taken SET at = @now WHERE at > @now'),
    mendHolds: db.prepare('UPDATE holds SET since = @now WHERE since > @now'),
    forgetTaken: db.prepare('DELETE FROM taken WHERE at < ?'),
    isTaken: db.prepare<Key & { readonly since: number }, { found: number }>(`
      SELECT 1 AS found FROM taken
      WHERE account = @account AND room_id = @roomId AND kind = @kind AND at >= @since`),
    countTaken: db.prepare<TakenRow, { count: number }>(`
      SELECT count(*) AS count FROM taken WHERE at >= @since AND kind = @kind AND (@roomId = '' OR room_id = @roomId)`),
    countGone: db.prepare<TakenRow, { count: number }>(`
      SELECT count(*) AS count FROM taken t
      WHERE t.at >= @since AND t.kind = @kind AND (@roomId = '' OR t.room_id = @roomId) AND NOT EXISTS (
        SELECT 1 FROM names a CROSS JOIN names r CROSS JOIN entitlement_rows e ON e.room = r.no AND e.account = a.no
        WHERE t.kind = 'kick' AND a.name = t.account AND r.name = t.room_id AND e.state = 'joined')`),
    countAllHeld: db.prepare<[], { count: number }>('SELECT sum(waiting) AS count FROM held_totals'),
    countHeld: db.prepare<[string], { count: number }>(
      'SELECT waiting AS count FROM held_totals WHERE scope = ?',
    ),
    taken: db.prepare<[number], Pick<HeldRow, 'kind' | 'account' | 'room_id'>>(
      'SELECT kind, account, room_id FROM taken WHERE at >= ? ORDER BY at',
    ),
  };

  const hold = db.transaction((changes: readonly HeldChange[]): void => {
    for (const { verdict = null, userId = null, cause = null, ...change } of changes) {
      statements.hold.run({ ...change, ...keyOf(change), userId, cause, verdict });
    }
  });
  const endSome = db.transaction((scope: string): readonly HeldChange[] => {
    const forgotten = statements.forgetSome.all(scope).map(toHeldChange);
    if (forgotten.length < PIECE) statements.endHold.run(scope);
    return forgotten;
  });
  const decide = db.transaction(
    (
      { scope, verdict: shownAs, counts }: Shown,
      verdict: 'approved' | 'rejected',
    ): readonly Affected[] | undefined => {
      const before = shownAs ?? null;
      const now = statements.countsOf.all({ scope, before }).map(({ mark }) => mark);
      const shown = new Set(counts.map(({ mark }) => mark));
      if (now.length !== shown.size || now.some((mark) => !shown.has(mark))) return undefined;
      const affected = statements.affected.all({ scope, before }).map(toAffected);
      statements.decide.run({ scope, before, verdict });
      // What Usher as a whole is warned of is not settled by a no to some of what follows from it.
      const isCaution = CAUTIONS.some((caution) => caution === scope);
      if (verdict === 'approved' || !isCaution) statements.endDecided.run({ scope });
      statements.remember.run({ name: `${DECIDED}${scope}`, value: JSON.stringify(verdict) });
      return affected;
    },
  );
  const take = db.transaction((change: TakeAway, now: number): void => {
    statements.take.run({ ...keyOf(change), now });
    statements.forgetTaken.run(now - TAKEN_KEPT_MS);
  });

  return {
    holds: async () => statements.holds.all(),
    async openHold(opened) {
      statements.openHold.run(opened);
    },
    async *endHold(scope) {
      for (let isMore = true; isMore; ) {
        const forgotten = endSome.immediate(scope);
        if (forgotten.length > 0) yield forgotten;
        isMore = forgotten.length === PIECE;
        if (isMore) await othersTurn();
      }
    },
    held: async () => statements.held.all().map(toHeldChange),
    heldCounts: async () => statements.counts.all().map(toHeldCount),
    async *heldInPieces() {
      let last: HeldRow | undefined;
      do {
        const rows: readonly HeldRow[] = statements.heldAfter.all(
          last?.account ?? '',
          last?.room_id ?? '',
          last?.kind ?? '',
        );
        if (rows.length > 0) yield rows.map(toHeldChange);
        last = rows.length === PIECE ? rows.at(-1) : undefined;
        if (last !== undefined) await othersTurn();
      } while (last !== undefined);
    },
    heldOf: async (account) => statements.heldOf.all(account).map(toHeldChange),
    heldOfRoom: async (roomId) => statements.heldOfRoom.all(roomId).map(toHeldChange),
    async hold(changes) {
      hold.immediate(changes);
    },
    async forget(change) {
      statements.forget.run(keyOf(change));
    },
    decide: async (shown, verdict) => decide.immediate(shown, verdict),
    async take(change, now) {
      take.immediate(change, now);
    },
    async giveBack(change) {
      statements.giveBack.run(keyOf(change));
    },
    async mendTimes(now) {
      statements.mendTaken.run({ now });
      statements.mendHolds.run({ now });
    },
    async forgetApproved() {
      statements.forgetApproved.run();
    },
    isTaken: async (change, since) => statements.isTaken.get({ ...keyOf(change), since }) !== undefined,
    countTaken: async (query) => statements.countTaken.get(rowOf(query))?.count ?? 0,
    countGone: async (query) => statements.countGone.get(rowOf(query))?.count ?? 0,
    async countHeld(scope) {
      const row = scope === undefined ? statements.countAllHeld.get() : statements.countHeld.get(scope);
      return row?.count ?? 0;
    },
    async taken(since) {
      return statements.taken.all(since).map((row) => ({
        kind: row.kind,
        account: row.account as UserId,
        roomId: toRoomId(row.room_id),
      }));
    },
  };
}

type Key = ReturnType<typeof keyOf>;

function keyOf({ kind, account, roomId = '' as RoomId }: TakeAway) {
  return { kind, account, roomId };
}

type TakenRow = ReturnType<typeof rowOf>;

function rowOf({ kind, roomId = '' as RoomId, since }: TakenQuery) {
  return { kind, roomId, since };
}

function toRoomId(column: string): RoomId | undefined {
  return column === '' ? undefined : (column as RoomId);
}

export function toHeldChange(row: HeldRow): HeldChange {
  return {
    kind: row.kind,
    account: row.account as UserId,
    roomId: toRoomId(row.room_id),
    userId: (row.user_id ?? undefined) as ResourceId | undefined,
    scope: row.scope,
    detail: row.detail,
    cause: row.cause ?? undefined,
    since: row.since,
    verdict: row.verdict ?? undefined,
  };
}

function toHeldCount({ room_id, verdict, ...row }: CountRow): HeldCount {
  return { ...row, roomId: toRoomId(room_id), verdict: verdict === '' ? undefined : verdict };
}

function toAffected({ user_id, cause, holders }: AffectedRow): Affected {
  const people = new Set<ResourceId>([
    ...(user_id === null ? [] : [user_id as ResourceId]),
    ...(storedJson(holders) as readonly ResourceId[]),
  ]);
  return { people: [...people], cause: cause ?? undefined };
}
