import type { ResourceId } from '../../directory/resource.ts';
import type { Restriction } from '../../matrix/homeserver.ts';
import type { RoomId, UserId } from '../../matrix/ids.ts';
import { othersTurn } from '../../pieces.ts';
import type { AccountLink, Entitlement, PeopleStore, Person, RosterEntry } from '../store.ts';
import type { UserNumber } from '../survey-store.ts';
import type { Connection } from './database.ts';
import { storedJson } from './json.ts';
import { type ResourceRow, toResource } from './listing.ts';
import { createUserRanges } from './user-ranges.ts';

type LinkRow = {
  readonly user_id: string;
  readonly account: string;
  readonly external_id: string | null;
  readonly email: string | null;
  readonly restriction: Restriction | null;
  readonly confirmed: number;
  readonly inactive_since: number | null;
  readonly photo: string | null;
  readonly avatar: string | null;
  readonly admin: number;
};

type ReportRow = {
  readonly user_id: string;
  readonly account: string | null;
  readonly confirmed: number | null;
  readonly restriction: Restriction | null;
  readonly error_message: string | null;
};

export type EntitlementRow = {
  readonly account: string;
  readonly room_id: string;
  readonly state: Entitlement['state'];
  readonly via: string;
  readonly mode: Entitlement['mode'];
  readonly since: number;
};

type RosterRow = Pick<LinkRow, 'user_id' | 'account' | 'restriction' | 'inactive_since'> & {
  readonly seq: number | null;
  readonly display_name: string | null;
  readonly is_current: number;
  readonly is_admin: number;
  readonly status: RosterEntry['status'];
};

/** Of the roster, in one go: some milliseconds. */
const ROWS = 2000;

export function createPeopleStore(db: Connection): PeopleStore {
  const ranges = createUserRanges(db, ROWS);
  // What was done to an account, or when nobody was found to use it, is so for all who share it.
  const ofAll = (value: 'max(restriction)' | 'min(inactive_since)'): string =>
    `(SELECT ${value} FROM links INDEXED BY links_away
      WHERE account = l.account AND (restriction IS NOT NULL OR inactive_since IS NOT NULL))`;
  const rosterFrom = (from: string) =>
    db.prepare<[number | string, number], RosterRow>(`
      SELECT l.user_id, l.account, u.display_name, u.seq,
        CASE WHEN u.id IS NULL THEN 'deleted' WHEN u.active = 1 THEN 'active' ELSE 'inactive' END AS status,
        l.external_id IS u.external_id AND l.email IS u.email AS is_current,
        EXISTS (SELECT 1 FROM links WHERE account = l.account AND admin = 1) AS is_admin,
        ${ofAll('max(restriction)')} AS restriction, ${ofAll('min(inactive_since)')} AS inactive_since ${from}`);
  const statements = {
    user: db.prepare<[string], ResourceRow>('SELECT * FROM users WHERE id = ?'),
    groupsOf: db.prepare<[string], { id: string }>(`
      WITH RECURSIVE above (seq) AS (
        SELECT s.group_seq FROM users u CROSS JOIN user_members m ON m.user_seq = u.seq
          CROSS JOIN member_sets s ON s.id = m.set_id AND s.group_seq IS NOT NULL
        WHERE u.id = ?
        UNION SELECT s.group_seq FROM above CROSS JOIN group_members m ON m.group_seq = above.seq
          CROSS JOIN member_sets s ON s.id = m.set_id AND s.group_seq IS NOT NULL
      )
      SELECT g.id FROM above CROSS JOIN groups g ON g.seq = above.seq`),
    membersOf: db.prepare<[string], { user: string; root: string }>(`
      WITH RECURSIVE inside (root, seq) AS (
        SELECT g.id, g.seq FROM json_each(?) j CROSS JOIN groups g ON g.id = j.value
        UNION SELECT inside.root, m.group_seq FROM inside
          CROSS JOIN member_sets s ON s.group_seq = inside.seq CROSS JOIN group_members m ON m.set_id = s.id
      )
      SELECT DISTINCT u.id AS user, inside.root AS root
      FROM inside CROSS JOIN member_sets s ON s.group_seq = inside.seq
      CROSS JOIN user_members m ON m.set_id = s.id CROSS JOIN users u ON u.seq = m.user_seq AND u.active = 1
      ORDER BY u.seq, inside.root`),
    reports: db.prepare<[string], ReportRow>(`
      SELECT u.value AS user_id, l.account, l.confirmed, l.restriction, w.error_message FROM json_each(?) u
      LEFT JOIN links l ON l.user_id = u.value LEFT JOIN work w ON w.user_id = u.value`),
    entitlementsOf: db.prepare<[string], EntitlementRow>(
      'SELECT * FROM entitlements WHERE account IN (SELECT value FROM json_each(?)) ORDER BY account, room_id',
    ),
    link: db.prepare<[string], LinkRow>('SELECT * FROM links WHERE user_id = ?'),
    linksOf: db.prepare<[string], LinkRow>(`
      SELECT l.* FROM links l LEFT JOIN users u ON u.id = l.user_id
      WHERE l.account = ? ORDER BY coalesce(u.seq, 0), l.user_id`),
    saveLink: db.prepare(`
      INSERT INTO links
        (user_id, account, external_id, email, restriction, confirmed, inactive_since, photo, avatar, admin)
      VALUES
        (@userId, @account, @externalId, @email, @restriction, @confirmed, @inactiveSince, @photo, @avatar, @admin)
      ON CONFLICT (user_id) DO UPDATE SET account = @account, external_id = @externalId, email = @email,
        restriction = @restriction, confirmed = @confirmed, inactive_since = @inactiveSince, photo = @photo,
        avatar = @avatar, admin = @admin
      WHERE (account, external_id, email, restriction, confirmed, inactive_since, photo, avatar, admin)
        IS NOT (@account, @externalId, @email, @restriction, @confirmed, @inactiveSince, @photo, @avatar, @admin)`),
    removeLink: db.prepare('DELETE FROM links WHERE user_id = ?'),
    roster: rosterFrom('FROM users u CROSS JOIN links l ON l.user_id = u.id WHERE u.seq > ? AND u.seq <= ?'),
    rosterOfDeleted: rosterFrom(`
      FROM links l LEFT JOIN users u ON u.id = l.user_id WHERE l.user_id > ? AND u.id IS NULL
      ORDER BY l.user_id LIMIT ?`),
    accountsOf: db.prepare<[string], Pick<LinkRow, 'user_id' | 'account'>>(
      'SELECT l.user_id, l.account FROM json_each(?) j CROSS JOIN links l ON l.user_id = j.value',
    ),
    // By the sources, since an index on users begins with them.
    comingFor: db.prepare<[string], ResourceRow>(`
      SELECT u.* FROM totals t CROSS JOIN users u ON u.source = t.source AND u.external_id = ?
      LEFT JOIN links l ON l.user_id = u.id
      WHERE t.kind = 'users' AND u.active = 1 AND l.user_id IS NULL ORDER BY u.seq`),
    hasActive: db.prepare<[], { found: number }>('SELECT 1 AS found FROM users WHERE active = 1 LIMIT 1'),
    countAccounts: db.prepare<[], { accounts: number }>(
      'SELECT count(DISTINCT account) AS accounts FROM links WHERE restriction IS NULL AND confirmed = 1',
    ),
    countAdmins: db.prepare<[], { accounts: number }>(
      'SELECT count(DISTINCT account) AS accounts FROM links WHERE admin = 1',
    ),
    entitlements: db.prepare<[string], EntitlementRow>(
      'SELECT * FROM entitlements WHERE account = ? ORDER BY room_id',
    ),
    saveName: db.prepare('INSERT INTO names (name) VALUES (?) ON CONFLICT DO NOTHING'),
    saveTerms: db.prepare('INSERT INTO terms (via, mode) VALUES (@via, @mode) ON CONFLICT DO NOTHING'),
    saveEntitlement: db.prepare(`
      INSERT INTO entitlement_rows (room, account, state, terms, since)
      SELECT r.no, a.no, @state, t.no, @since FROM names r, names a, terms t
      WHERE r.name = @roomId AND a.name = @account AND t.via = @via AND t.mode = @mode
      ON CONFLICT (room, account) DO UPDATE SET state = excluded.state, terms = excluded.terms`),
    endEntitlement: db.prepare(`
      DELETE FROM entitlement_rows WHERE account = (SELECT no FROM names WHERE name = ?)
        AND room = (SELECT no FROM names WHERE name = ?)`),
  };

  const saveEntitlement = db.transaction(({ via, ...rest }: Entitlement): void => {
    const row = { ...rest, via: JSON.stringify(via) };
    if (statements.saveEntitlement.run(row).changes > 0) return;
    // The first of the account, of the room, or by these groups.
    statements.saveName.run(rest.account);
    statements.saveName.run(rest.roomId);
    statements.saveTerms.run({ via: row.via, mode: rest.mode });
    statements.saveEntitlement.run(row);
  });

  const toPerson = (row: ResourceRow): Person => {
    const groups = statements.groupsOf.all(row.id).map(({ id }) => id as ResourceId);
    return { user: toResource(row), groups: new Set(groups) };
  };

  return {
    async person(userId) {
      const row = statements.user.get(userId);
      return row && toPerson(row);
    },
    comingFor: async (externalId) => statements.comingFor.all(externalId).map(toPerson),
    async reports(users) {
      const rows = statements.reports.all(JSON.stringify(users));
      const accounts = rows.flatMap(({ account }) => account ?? []);
      const entitlements =
        accounts.length === 0 ? [] : statements.entitlementsOf.all(JSON.stringify(accounts));
      const rooms = Map.groupBy(entitlements, ({ account }) => account);
      return new Map(
        rows.map((row) => [
          row.user_id as ResourceId,
          {
            account: (row.account as UserId | null) ?? undefined,
            isConfirmed: row.confirmed === 1,
            restriction: row.restriction ?? undefined,
            rooms: (rooms.get(row.account ?? '') ?? []).map(toEntitlement),
            lastError: row.error_message ?? undefined,
          },
        ]),
      );
    },
    async link(userId) {
      const row = statements.link.get(userId);
      return row && toLink(row);
    },
    linksOf: async (account) => statements.linksOf.all(account).map(toLink),
    async saveLink(link) {
      const { userId, account } = link;
      statements.saveLink.run({
        userId,
        account,
        externalId: link.externalId ?? null,
        email: link.email ?? null,
        restriction: link.restriction ?? null,
        confirmed: link.isConfirmed ? 1 : 0,
        inactiveSince: link.inactiveSince ?? null,
        photo: link.photo ?? null,
        avatar: link.avatar ?? null,
        admin: link.isAdmin ? 1 : 0,
      });
    },
    async removeLink(userId) {
      statements.removeLink.run(userId);
    },
    async *roster() {
      for await (const range of ranges()) yield statements.roster.all(...range).map(toRosterEntry);
      let deleted: readonly RosterEntry[] = [];
      do {
        deleted = statements.rosterOfDeleted.all(deleted.at(-1)?.userId ?? '', ROWS).map(toRosterEntry);
        yield deleted;
        await othersTurn();
      } while (deleted.length === ROWS);
    },
    async membersOf(groups) {
      const members = new Map<ResourceId, ResourceId[]>();
      for (const { user, root } of statements.membersOf.iterate(JSON.stringify(groups))) {
        const via = members.get(user as ResourceId);
        if (via === undefined) members.set(user as ResourceId, [root as ResourceId]);
        else via.push(root as ResourceId);
      }
      return members;
    },
    async accountsOf(users) {
      const rows = statements.accountsOf.all(JSON.stringify(users));
      return new Map(rows.map((row) => [row.user_id as ResourceId, row.account as UserId]));
    },
    hasActive: async () => statements.hasActive.get() !== undefined,
    countAccounts: async () => statements.countAccounts.get()?.accounts ?? 0,
    countAdmins: async () => statements.countAdmins.get()?.accounts ?? 0,
    entitlements: async (account) => statements.entitlements.all(account).map(toEntitlement),
    async saveEntitlement(entitlement) {
      saveEntitlement.immediate(entitlement);
    },
    async endEntitlement(account, roomId) {
      statements.endEntitlement.run(account, roomId);
    },
  };
}

function toLink(row: LinkRow): AccountLink {
  return {
    userId: row.user_id as ResourceId,
    account: row.account as UserId,
    externalId: row.external_id ?? undefined,
    email: row.email ?? undefined,
    restriction: row.restriction ?? undefined,
    isConfirmed: row.confirmed === 1,
    inactiveSince: row.inactive_since ?? undefined,
    photo: row.photo ?? undefined,
    avatar: row.avatar ?? undefined,
    isAdmin: row.admin === 1,
  };
}

function toRosterEntry(row: RosterRow): RosterEntry {
  return {
    userId: row.user_id as ResourceId,
    account: row.account as UserId,
    number: (row.seq ?? undefined) as UserNumber | undefined,
    displayName: row.display_name ?? undefined,
    status: row.status,
    isCurrent: row.is_current === 1,
    isAdmin: row.is_admin === 1,
    restriction: row.restriction ?? undefined,
    inactiveSince: row.inactive_since ?? undefined,
  };
}

export function toEntitlement(row: EntitlementRow): Entitlement {
  return {
    account: row.account as UserId,
    roomId: row.room_id as RoomId,
    state: row.state,
    via: storedJson(row.via),
    mode: row.mode,
    since: row.since,
  };
}
