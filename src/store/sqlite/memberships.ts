import type { Membership } from '../../directory/group.ts';
import type { ResourceId, SourceId } from '../../directory/resource.ts';
import type { Connection } from './database.ts';

type MembershipRow = {
  readonly user_id: string;
  readonly group_id: string;
  readonly display_name: string;
  readonly direct: number;
};

/** Somebody new, and the values by which groups may have named her before. */
type Claim = { readonly source: SourceId; readonly seq: number; readonly values: readonly string[] };

/** Members seen from their own side. */
export function createMemberships(db: Connection) {
  const claimAs = (table: string, column: string) =>
    db.prepare<{ source: SourceId; seq: number; values: string }>(`
      INSERT OR IGNORE INTO ${table} (set_id, ${column})
      SELECT m.set_id, @seq FROM unknown_members m CROSS JOIN member_sets s ON s.id = m.set_id AND s.source = @source
      WHERE m.value IN (SELECT value FROM json_each(@values))`);
  // The groups look different now, but nobody wrote them: Pocket ID leaves out groups that were modified after its own.
  const touch = (members: string) =>
    db.prepare(`
      UPDATE groups SET version = version + 1 WHERE seq IN (
        SELECT s.group_seq FROM ${members} CROSS JOIN member_sets s ON s.id = m.set_id WHERE s.group_seq IS NOT NULL)`);
  const statements = {
    claimAsUser: claimAs('user_members', 'user_seq'),
    claimAsGroup: claimAs('group_members', 'group_seq'),
    unclaim: db.prepare<{ source: SourceId; values: string }>(`
      DELETE FROM unknown_members WHERE value IN (SELECT value FROM json_each(@values))
        AND EXISTS (SELECT 1 FROM member_sets s WHERE s.id = set_id AND s.source = @source)`),
    isClaimable: db
      .prepare<[string], number>(
        'SELECT 1 FROM unknown_members WHERE value IN (SELECT value FROM json_each(?)) LIMIT 1',
      )
      .pluck(),
    touchOfValues: db.prepare<{ source: SourceId; values: string }>(`
      UPDATE groups SET version = version + 1 WHERE seq IN (
        SELECT s.group_seq FROM unknown_members m CROSS JOIN member_sets s ON s.id = m.set_id
        WHERE m.value IN (SELECT value FROM json_each(@values)) AND s.source = @source)`),
    touchOfUser: touch('(SELECT set_id FROM user_members WHERE user_seq = ?) m'),
    touchOfGroup: touch('(SELECT set_id FROM group_members WHERE group_seq = ?) m'),
    directOf: db.prepare<[string], MembershipRow & { readonly is_inner: number }>(`
      SELECT u.id AS user_id, g.id AS group_id, g.attributes ->> '$.displayName' AS display_name, 1 AS direct,
        EXISTS (SELECT 1 FROM group_members WHERE group_seq = g.seq) AS is_inner
      FROM users u CROSS JOIN user_members m ON m.user_seq = u.seq
        CROSS JOIN member_sets s ON s.id = m.set_id CROSS JOIN groups g ON g.seq = s.group_seq
      WHERE u.id = ? ORDER BY g.seq`),
    ofUsers: db.prepare<[string], MembershipRow>(`
      WITH RECURSIVE above (user_id, seq, direct) AS (
        SELECT u.id, s.group_seq, 1 FROM json_each(?) j CROSS JOIN users u ON u.id = j.value
          CROSS JOIN user_members m ON m.user_seq = u.seq
          CROSS JOIN member_sets s ON s.id = m.set_id AND s.group_seq IS NOT NULL
        UNION SELECT above.user_id, s.group_seq, 0 FROM above
          CROSS JOIN group_members m ON m.group_seq = above.seq
          CROSS JOIN member_sets s ON s.id = m.set_id AND s.group_seq IS NOT NULL
      )
      SELECT above.user_id, g.id AS group_id, g.attributes ->> '$.displayName' AS display_name, max(above.direct) AS direct
      FROM above CROSS JOIN groups g ON g.seq = above.seq GROUP BY above.user_id, g.seq ORDER BY g.seq`),
  };

  const claim = (statement: typeof statements.claimAsUser, { source, seq, values }: Claim): void => {
    const json = JSON.stringify(values);
    if (statements.isClaimable.get(json) === undefined) return;
    statements.touchOfValues.run({ source, values: json });
    statement.run({ source, seq, values: json });
    statements.unclaim.run({ source, values: json });
  };

  /** One user of groups that are in no other group is what is asked for most, and far simpler. */
  const rowsOf = (users: readonly ResourceId[]): readonly MembershipRow[] => {
    const [first] = users;
    if (first === undefined) return [];
    const direct = users.length === 1 ? statements.directOf.all(first) : undefined;
    if (direct?.every(({ is_inner }) => is_inner === 0)) return direct;
    return statements.ofUsers.all(JSON.stringify(users));
  };

  return {
    /** Makes her a member where one of the values was one. Must run inside a transaction. */
    claimAsUser: (claimed: Claim): void => claim(statements.claimAsUser, claimed),
    claimAsGroup: (claimed: Claim): void => claim(statements.claimAsGroup, claimed),
    /** Before a user is deleted: the groups that have her change. */
    leaving: (userSeq: number): void => {
      statements.touchOfUser.run(userSeq);
    },
    /** Before a group is deleted: the groups that have it change. */
    leavingGroup: (groupSeq: number): void => {
      statements.touchOfGroup.run(groupSeq);
    },
    /** The groups of each user, in order of creation. */
    ofUsers(users: readonly ResourceId[]): ReadonlyMap<ResourceId, readonly Membership[]> {
      const found = new Map<ResourceId, Membership[]>(users.map((user) => [user, []]));
      for (const row of rowsOf(users)) {
        found.get(row.user_id as ResourceId)?.push({
          group: row.group_id as ResourceId,
          displayName: row.display_name,
          isDirect: row.direct === 1,
        });
      }
      return found;
    },
  };
}
