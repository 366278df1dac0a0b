import type { Member, MemberChange } from '../../directory/group.ts';
import type { ResourceId, SourceId } from '../../directory/resource.ts';
import type { Connection } from './database.ts';

type MemberRow = { readonly value: string; readonly type: Member['type'] };

/** The members that a write really added and took away. */
export type MemberDelta = { readonly added: Member[]; readonly removed: Member[] };

/**
 * Applies member changes row by row: a change of one member costs one row, whatever the size of the group.
 * Must run inside a transaction.
 */
export function createMemberWriter(db: Connection) {
  const statements = {
    insert: db.prepare('INSERT OR IGNORE INTO members (group_id, value, type) VALUES (?, ?, ?)'),
    remove: db.prepare<[string, string], MemberRow>(
      'DELETE FROM members WHERE group_id = ? AND value = ? RETURNING value, type',
    ),
    all: db.prepare<[string], MemberRow>('SELECT value, type FROM members WHERE group_id = ? ORDER BY seq'),
    identify: db.prepare<{ source: string; value: string }, MemberRow>(`
      SELECT id AS value, 'User' AS type FROM users WHERE id = @value AND source = @source
      UNION ALL SELECT id, 'Group' FROM groups WHERE id = @value AND source = @source
      UNION ALL SELECT id, 'User' FROM users WHERE external_id = @value AND source = @source
      LIMIT 1`),
  };

  return (source: SourceId, group: ResourceId, changes: readonly MemberChange[]): MemberDelta => {
    const identify = (value: string): Member =>
      statements.identify.get({ source, value }) ?? { value, type: 'unknown' };
    const delta: MemberDelta = { added: [], removed: [] };
    const add = (value: string): void => {
      const member = identify(value);
      if (statements.insert.run(group, member.value, member.type).changes > 0) delta.added.push(member);
    };
    const remove = (value: string): void => {
      const removed =
        statements.remove.get(group, value) ?? statements.remove.get(group, identify(value).value);
      if (removed !== undefined) delta.removed.push(removed);
    };

    for (const change of changes) {
      switch (change.kind) {
        case 'add':
          change.values.forEach(add);
          break;
        case 'remove':
          change.values.forEach(remove);
          break;
        case 'remove-matching':
          for (const member of statements.all.all(group)) if (change.matches(member)) remove(member.value);
          break;
        case 'replace': {
          const wanted = new Set(change.values.map((value) => identify(value).value));
          for (const member of statements.all.all(group)) if (!wanted.has(member.value)) remove(member.value);
          wanted.forEach(add);
          break;
        }
      }
    }
    return delta;
  };
}
