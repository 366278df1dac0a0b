import { groupNamesOf } from '../../directory/group.ts';
import type { ResourceId, SourceId } from '../../directory/resource.ts';
import type { User } from '../../directory/user.ts';
import { cursorOf, placeOf } from '../cursor.ts';
import type { GroupSummary, PageStore } from '../page-store.ts';
import type { Connection } from './database.ts';
import { storedJson } from './json.ts';
import { type ResourceRow, toResource } from './listing.ts';
import { createHeldPages } from './page-held.ts';
import { createJournalPages } from './page-journal.ts';
import { createMemberPages } from './page-members.ts';
import { createPeoplePages } from './page-people.ts';
import { toItem, type WorkRow } from './work.ts';

type GroupRow = ResourceRow & { readonly members: number };

export function createPageStore(db: Connection): PageStore {
  const people = createPeoplePages(db);
  const members = createMemberPages(db);
  const held = createHeldPages(db);
  const journal = createJournalPages(db);
  const membersIn = (table: 'user_members' | 'group_members' | 'unknown_members'): string =>
    `(SELECT count(*) FROM member_sets s CROSS JOIN ${table} m ON m.set_id = s.id WHERE s.group_seq = g.seq)`;
  const failing = (condition: string) =>
    db.prepare<Record<string, string | number>, WorkRow>(`
      SELECT * FROM work INDEXED BY work_failed
      WHERE error_kind IS NOT NULL AND ${condition} (error_kind, user_id) > (@kind, @userId)
      ORDER BY error_kind, user_id LIMIT @limit`);
  const statements = {
    users: db.prepare<[string], ResourceRow>(
      'SELECT u.* FROM json_each(?) j CROSS JOIN users u ON u.id = j.value',
    ),
    groups: db.prepare<[string], GroupRow>(`
      SELECT g.*, ${membersIn('user_members')} + ${membersIn('group_members')}
        + ${membersIn('unknown_members')} AS members FROM json_each(?) j CROSS JOIN groups g ON g.id = j.value
      ORDER BY j.key`),
    failing: failing(''),
    failingOf: failing('error_kind = @kind AND'),
  };
  return {
    people: async (query) => people(query),
    async users(ids) {
      const found = statements.users.all(JSON.stringify(ids)).map(toResource);
      return new Map<ResourceId, User>(found.map((user) => [user.id, user]));
    },
    groups: async (ids) => statements.groups.all(JSON.stringify(ids)).map(toSummary),
    members: async (group, query) => members.members(group, query),
    activeIn: async (groups, query) => members.activeIn(groups, query),
    active: async (query) => members.active(query),
    async failing({ kind, cursor, limit }) {
      const [after, userId] = placeOf(cursor, [kind ?? '', '']);
      const statement = kind === undefined ? statements.failing : statements.failingOf;
      const rows = statement.all({ kind: kind ?? after, userId, limit: limit + 1 });
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      const isMore = rows.length > page.length && last !== undefined;
      return {
        items: page.map(toItem),
        next: isMore ? cursorOf([last.error_kind ?? '', last.user_id]) : undefined,
      };
    },
    held: async (query) => held(query),
    journal: async (query) => journal.page(query),
    journalAfter: async (seq, limit) => journal.after(seq, limit),
    lastJournalEntry: async () => journal.last(),
  };
}

function toSummary(row: GroupRow): GroupSummary {
  const { displayName, externalId } = groupNamesOf(storedJson(row.attributes));
  return {
    id: row.id as ResourceId,
    source: row.source as SourceId,
    ...{ name: displayName, externalId, members: row.members },
    ...{ created: row.created, lastModified: row.last_modified },
  };
}
