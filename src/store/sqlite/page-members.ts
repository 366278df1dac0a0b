import type { Member } from '../../directory/group.ts';
import type { ResourceId } from '../../directory/resource.ts';
import type { User } from '../../directory/user.ts';
import { cursorOf, placeOf } from '../cursor.ts';
import type { PageQuery, Part } from '../page-store.ts';
import type { Connection } from './database.ts';
import { type ResourceRow, toResource } from './listing.ts';

/** `place`: what orders the members of its kind. */
type MemberRow = { readonly value: string; readonly place: number | string };

const KINDS = ['User', 'Group', 'unknown'] as const;
const FIRST: [kind: string, number: number, value: string] = ['User', 0, ''];
/** How often a page looks on, while it finds only who is not active. */
const MOST_ROUNDS = 20;

export function createMemberPages(db: Connection) {
  const statements = {
    set: db
      .prepare<[string], number>(
        'SELECT s.id FROM groups g CROSS JOIN member_sets s ON s.group_seq = g.seq WHERE g.id = ?',
      )
      .pluck(),
    User: db.prepare<[number, number | string, number], MemberRow>(`
      SELECT u.id AS value, m.user_seq AS place FROM user_members m CROSS JOIN users u ON u.seq = m.user_seq
      WHERE m.set_id = ? AND m.user_seq > ? ORDER BY m.user_seq LIMIT ?`),
    Group: db.prepare<[number, number | string, number], MemberRow>(`
      SELECT g.id AS value, m.group_seq AS place FROM group_members m CROSS JOIN groups g ON g.seq = m.group_seq
      WHERE m.set_id = ? AND m.group_seq > ? ORDER BY m.group_seq LIMIT ?`),
    unknown: db.prepare<[number, number | string, number], MemberRow>(`
      SELECT value, value AS place FROM unknown_members
      WHERE set_id = ? AND value > ? ORDER BY value LIMIT ?`),
    setsIn: db
      .prepare<[string], number>(`
        WITH RECURSIVE inside (seq) AS (
          SELECT g.seq FROM json_each(?) j CROSS JOIN groups g ON g.id = j.value
          UNION SELECT m.group_seq FROM inside
            CROSS JOIN member_sets s ON s.group_seq = inside.seq CROSS JOIN group_members m ON m.set_id = s.id
        )
        SELECT s.id FROM inside CROSS JOIN member_sets s ON s.group_seq = inside.seq`)
      .pluck(),
    numbers: db
      .prepare<[number, number, number], number>(
        'SELECT user_seq FROM user_members WHERE set_id = ? AND user_seq > ? ORDER BY user_seq LIMIT ?',
      )
      .pluck(),
    activeOf: db.prepare<[string], ResourceRow>(
      'SELECT * FROM users WHERE seq IN (SELECT value FROM json_each(?)) AND +active = 1 ORDER BY seq',
    ),
    after: db
      .prepare<[number, number], number>('SELECT seq FROM users WHERE seq > ? ORDER BY seq LIMIT ?')
      .pluck(),
  };

  /** Active ones of the users whose numbers `next` gives, in their order. */
  const active = (
    { cursor, limit }: PageQuery,
    next: (after: number, count: number) => readonly number[],
  ): Part<User> => {
    let [after] = placeOf(cursor, [0]);
    const items: User[] = [];
    const count = limit + 1;
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const numbers = next(after, count);
      for (const row of statements.activeOf.all(JSON.stringify(numbers))) {
        if (items.length === limit) return { items, next: cursorOf([after]) };
        items.push(toResource(row));
        after = row.seq;
      }
      if (numbers.length < count) return { items, next: undefined };
      if (items.length === limit) break;
      after = numbers.at(-1) ?? after;
    }
    return { items, next: cursorOf([after]) };
  };

  return {
    members(group: ResourceId, { cursor, limit }: PageQuery): Part<Member> {
      const [given, number, value] = placeOf(cursor, FIRST);
      const kind = KINDS.find((each) => each === given) ?? 'User';
      const set = statements.set.get(group);
      const rows: (MemberRow & Member)[] = [];
      for (const type of KINDS.slice(KINDS.indexOf(kind))) {
        if (set === undefined) break;
        const begin = type === 'unknown' ? '' : 0;
        const after = type !== kind ? begin : type === 'unknown' ? value : number;
        const found = statements[type].all(set, after, limit + 1 - rows.length);
        rows.push(...found.map((row) => ({ ...row, type })));
      }
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      const items = page.map((row) => ({ value: row.value, type: row.type }));
      if (last === undefined || rows.length === page.length) return { items, next: undefined };
      const { type, place } = last;
      return { items, next: cursorOf(type === 'unknown' ? [type, 0, place] : [type, place, '']) };
    },
    activeIn(groups: readonly ResourceId[], query: PageQuery): Part<User> {
      const sets = statements.setsIn.all(JSON.stringify(groups));
      return active(query, (after, count) => {
        const found = new Set(sets.flatMap((set) => statements.numbers.all(set, after, count)));
        return [...found].sort((a, b) => a - b).slice(0, count);
      });
    },
    active: (query: PageQuery): Part<User> =>
      active(query, (after, count) => statements.after.all(after, count)),
  };
}
