import { isDeepStrictEqual } from 'node:util';
import { NotFound } from '../../directory/error.ts';
import { type Group, type GroupNames, groupNamesOf } from '../../directory/group.ts';
import { type Attributes, foldCase, type ResourceId, type SourceId } from '../../directory/resource.ts';
import { unique } from './constraint.ts';
import type { Connection } from './database.ts';
import { storedJson } from './json.ts';
import { modifiedAt, type ResourceRow, toResource } from './listing.ts';

/** The table of groups, without their members. Nothing else writes to it. */
export function createGroupRows(db: Connection) {
  const statements = {
    get: db.prepare<[string, string], ResourceRow>('SELECT * FROM groups WHERE source = ? AND id = ?'),
    seq: db.prepare<[string], number>('SELECT seq FROM groups WHERE id = ?').pluck(),
    insert: db.prepare(`
      INSERT INTO groups (id, source, display_name_key, external_id, attributes, version, created, last_modified)
      VALUES (@id, @source, @displayNameKey, @externalId, @attributes, 1, @now, @now)`),
    update: db.prepare<Record<string, unknown>, { version: number }>(`
      UPDATE groups SET display_name_key = @displayNameKey, external_id = @externalId, attributes = @attributes,
        version = version + 1, last_modified = @now WHERE id = @id RETURNING version`),
    touch: db.prepare('UPDATE groups SET last_modified = ? WHERE id = ?'),
    remove: db.prepare('DELETE FROM groups WHERE seq = ?'),
    names: db.prepare<[], { id: string; attributes: string }>(
      'SELECT id, attributes FROM groups ORDER BY seq',
    ),
  };

  // Asked for at every look at a person, and changed only here.
  let names: readonly GroupNames[] | undefined;

  return {
    get: (source: SourceId, id: string): ResourceRow | undefined => statements.get.get(source, id),
    /** Throws `NotFound`. */
    find(source: SourceId, id: string): ResourceRow {
      const row = statements.get.get(source, id);
      if (row === undefined) throw new NotFound('Group', id);
      return row;
    },
    seqOf: (id: string): number | undefined => statements.seq.get(id),
    /** Throws `DirectoryConflict`. */
    insert(id: ResourceId, source: SourceId, attributes: Attributes, now: number): number {
      names = undefined;
      const row = { id, source, ...columns(attributes), now };
      return Number(unique('displayName', () => statements.insert.run(row)).lastInsertRowid);
    },
    /** Throws `DirectoryConflict`. */
    update(row: ResourceRow, attributes: Attributes, now: number): Group {
      const { id, ...current } = toResource(row);
      const lastModified = modifiedAt(current, now);
      const written = { id, ...columns(attributes), now: lastModified };
      if (isRenamed(current.attributes, attributes)) names = undefined;
      // Meanwhile a member may have been deleted, which counts as well.
      const { version } = unique('displayName', () => statements.update.get(written)) ?? current;
      return { ...current, id, attributes, version, lastModified };
    },
    /** Nothing changed, but it was written: Pocket ID would send it again and again otherwise (pocketid-02). */
    touch(row: ResourceRow, now: number): Group {
      const group = toResource(row);
      const lastModified = modifiedAt(group, now);
      statements.touch.run(lastModified, group.id);
      return { ...group, lastModified };
    },
    remove(seq: number): void {
      names = undefined;
      statements.remove.run(seq);
    },
    names(): readonly GroupNames[] {
      names ??= statements.names
        .all()
        .map((row) => ({ id: row.id as ResourceId, ...groupNamesOf(storedJson(row.attributes)) }));
      return names;
    },
  };
}

/** Whether the group map may know the group by something else now. */
export function isRenamed(before: Attributes, after: Attributes): boolean {
  return !isDeepStrictEqual(groupNamesOf(before), groupNamesOf(after));
}

function columns(attributes: Attributes) {
  const names = groupNamesOf(attributes);
  return {
    displayNameKey: foldCase(names.displayName),
    externalId: names.externalId ?? null,
    attributes: JSON.stringify(attributes),
  };
}
