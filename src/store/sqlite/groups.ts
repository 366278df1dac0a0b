import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { NotFound } from '../../directory/error.ts';
import {
  type Group,
  type GroupChange,
  type GroupNames,
  groupNamesOf,
  type Member,
} from '../../directory/group.ts';
import { type Attributes, foldCase, type ResourceId, type SourceId } from '../../directory/resource.ts';
import type { GroupStore, NewGroup, Urgency } from '../store.ts';
import { unique } from './constraint.ts';
import type { Connection } from './database.ts';
import { createListing, type ResourceRow, toResource } from './listing.ts';
import { createMemberWriter, type MemberDelta } from './members.ts';
import type { Marker } from './work.ts';

/** From this many people on, a change is a bulk: it waits for the small ones. */
const BULK = 11;

export function createGroupStore(db: Connection, mark: Marker): GroupStore {
  const list = createListing(db, 'groups');
  const applyMembers = createMemberWriter(db);
  const statements = {
    get: db.prepare<[string, string], ResourceRow>('SELECT * FROM groups WHERE source = ? AND id = ?'),
    insert: db.prepare(`
      INSERT INTO groups (id, source, display_name_key, external_id, attributes, version, created, last_modified)
      VALUES (@id, @source, @displayNameKey, @externalId, @attributes, 1, @now, @now)`),
    update: db.prepare(`
      UPDATE groups SET display_name_key = @displayNameKey, external_id = @externalId, attributes = @attributes,
        version = version + 1, last_modified = @now WHERE id = @id`),
    remove: db.prepare('DELETE FROM groups WHERE id = ?'),
    leaveGroups: db.prepare('DELETE FROM members WHERE value = ?'),
    members: db.prepare<[string], Member & { group: string }>(`
      SELECT group_id AS "group", value, type FROM members
      WHERE group_id IN (SELECT value FROM json_each(?)) ORDER BY seq`),
    larger: db.prepare<[string, number], { found: number }>(
      'SELECT 1 AS found FROM members WHERE group_id = ? LIMIT 1 OFFSET ?',
    ),
    containing: db.prepare<[string], ResourceRow & { member: string }>(`
      SELECT g.*, m.value AS member FROM members m JOIN groups g ON g.id = m.group_id
      WHERE m.value IN (SELECT value FROM json_each(?)) ORDER BY g.seq`),
    names: db.prepare<[], { id: string; attributes: string }>(
      'SELECT id, attributes FROM groups ORDER BY seq',
    ),
    people: db.prepare<[string], { id: string }>(`
      WITH RECURSIVE inside (id) AS (
        SELECT ? UNION SELECT m.value FROM inside JOIN members m ON m.group_id = inside.id AND m.type = 'Group'
      )
      SELECT DISTINCT m.value AS id FROM inside JOIN members m ON m.group_id = inside.id AND m.type = 'User'`),
  };

  // Asked for at every look at a person, changed only by the writes below: we are the only writer.
  let names: readonly GroupNames[] | undefined;
  const forgetNames = (): void => {
    names = undefined;
  };

  const find = (source: SourceId, id: string): Group => {
    const row = statements.get.get(source, id);
    if (row === undefined) throw new NotFound('Group', id);
    return toResource(row);
  };
  const peopleIn = (group: string): readonly ResourceId[] =>
    statements.people.all(group).map((row) => row.id as ResourceId);
  const peopleAmong = (members: readonly Member[]): readonly ResourceId[] =>
    members.flatMap((member) => {
      if (member.type === 'Group') return peopleIn(member.value);
      return member.type === 'User' ? [member.value as ResourceId] : [];
    });
  const markPeople = (people: readonly ResourceId[], urgency: Urgency, now: number): void =>
    mark(people, urgency === 'small' && people.length >= BULK ? 'bulk' : urgency, now);
  const markDelta = (delta: MemberDelta, now: number): void => {
    markPeople(peopleAmong(delta.added), 'small', now);
    markPeople(peopleAmong(delta.removed), 'removal', now);
  };

  const create = db.transaction((source: SourceId, group: NewGroup, now: number): Group => {
    const id = randomUUID() as ResourceId;
    const { attributes } = group;
    forgetNames();
    unique('displayName', () => statements.insert.run({ id, source, ...columns(attributes), now }));
    markDelta(applyMembers(source, id, [{ kind: 'add', values: group.members }]), now);
    return { id, source, attributes, version: 1, created: now, lastModified: now };
  });

  const update = db.transaction(
    (source: SourceId, id: string, change: (current: Group) => GroupChange, now: number): Group => {
      const current = find(source, id);
      const { attributes, members } = change(current);
      const delta = applyMembers(source, current.id, members);
      const sameAttributes = isDeepStrictEqual(attributes, current.attributes);
      if (sameAttributes && delta.added.length === 0 && delta.removed.length === 0) return current;
      unique('displayName', () => statements.update.run({ id, ...columns(attributes), now }));
      markDelta(delta, now);
      if (!isDeepStrictEqual(groupNamesOf(attributes), groupNamesOf(current.attributes))) {
        forgetNames();
        markPeople(peopleIn(id), 'small', now);
      }
      return { ...current, attributes, version: current.version + 1, lastModified: now };
    },
  );

  const remove = db.transaction((source: SourceId, id: string, now: number): void => {
    find(source, id);
    forgetNames();
    markPeople(peopleIn(id), 'removal', now);
    statements.leaveGroups.run(id);
    statements.remove.run(id);
  });

  return {
    create: async (source, group, now) => create.immediate(source, group, now),
    async get(source, id) {
      const row = statements.get.get(source, id);
      return row && toResource(row);
    },
    list: async (source, query) => list(source, query),
    update: async (source, id, change, now) => update.immediate(source, id, change, now),
    remove: async (source, id, now) => remove.immediate(source, id, now),
    async members(groups) {
      const members = new Map<ResourceId, Member[]>(groups.map((group) => [group, []]));
      for (const { group, value, type } of statements.members.iterate(JSON.stringify(groups))) {
        members.get(group as ResourceId)?.push({ value, type });
      }
      return members;
    },
    isLargerThan: async (group, limit) => statements.larger.get(group, limit) !== undefined,
    async containing(members) {
      const groups = new Map<ResourceId, Group[]>(members.map((member) => [member, []]));
      for (const row of statements.containing.iterate(JSON.stringify(members))) {
        groups.get(row.member as ResourceId)?.push(toResource(row));
      }
      return groups;
    },
    async names() {
      names ??= statements.names
        .all()
        .map((row) => ({ id: row.id as ResourceId, ...groupNamesOf(JSON.parse(row.attributes)) }));
      return names;
    },
  };
}

function columns(attributes: Attributes) {
  const names = groupNamesOf(attributes);
  return {
    displayNameKey: foldCase(names.displayName),
    externalId: names.externalId ?? null,
    attributes: JSON.stringify(attributes),
  };
}
