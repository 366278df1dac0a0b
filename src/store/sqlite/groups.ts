import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { NotFound } from '../../directory/error.ts';
import { type Group, type GroupChange, type GroupNames, groupNamesOf } from '../../directory/group.ts';
import { type Attributes, foldCase, type ResourceId, type SourceId } from '../../directory/resource.ts';
import { PIECE } from '../../pieces.ts';
import type { GroupStore, NewGroup } from '../store.ts';
import { unique } from './constraint.ts';
import type { Connection } from './database.ts';
import { createGroupPeople, type Mark } from './group-people.ts';
import { createListing, isSameJson, modifiedAt, type ResourceRow, toResource } from './listing.ts';
import {
  afterMany,
  applyDelta,
  applyFew,
  areMany,
  type BagDelta,
  deltaOf,
  sizeOf,
} from './member-changes.ts';
import { type Bag, createMemberSets, type SetId } from './member-sets.ts';
import { createMemberships } from './memberships.ts';
import { createTurns } from './turns.ts';
import type { Marker } from './work.ts';

const EMPTY: Bag = { users: new Set(), groups: new Set(), unknown: new Set() };

/** What a write did, and whom to mark when it is done, as they are too many for one transaction. */
type Written = {
  readonly group: Group;
  readonly marks: readonly Mark[];
  /** A set that is nobody's any more. */
  readonly left?: SetId;
};

/** Writes to one group happen one after the other; a large one is done in pieces, and becomes visible in one. */
export function createGroupStore(db: Connection, mark: Marker): GroupStore {
  const listing = createListing(db, 'groups');
  const sets = createMemberSets(db);
  const people = createGroupPeople(db, sets, mark);
  const memberships = createMemberships(db);
  const inTurn = createTurns();
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

  // Asked for at every look at a person, changed only by the writes below: we are the only writer.
  let names: readonly GroupNames[] | undefined;
  const forgetNames = (): void => {
    names = undefined;
  };

  const find = (source: SourceId, id: string): ResourceRow => {
    const row = statements.get.get(source, id);
    if (row === undefined) throw new NotFound('Group', id);
    return row;
  };
  const setOf = (id: string): SetId | undefined => {
    const seq = statements.seq.get(id);
    return seq === undefined ? undefined : sets.of(seq);
  };

  /** A set that becomes a group's by `write`, in one transaction; it is deleted again if that fails. */
  const withSet = async <T>(source: SourceId, members: Bag, write: (set: SetId) => T): Promise<T> => {
    const set = sets.make(source, null);
    try {
      await sets.fill(set, source, members);
      return write(set);
    } catch (error) {
      await sets.drop(set);
      throw error;
    }
  };

  /** What was written is written, whatever becomes of this: what is left of a set is deleted at the next start. */
  const forget = (set: SetId): Promise<void> => sets.drop(set).catch(() => {});

  const insert = (source: SourceId, { attributes }: NewGroup, now: number, id: ResourceId): number => {
    forgetNames();
    const row = { id, source, ...columns(attributes), now };
    const seq = Number(unique('displayName', () => statements.insert.run(row)).lastInsertRowid);
    memberships.claimAsGroup({ source, seq, values: [id] });
    return seq;
  };
  const created = (source: SourceId, { attributes }: NewGroup, now: number, id: ResourceId): Group => ({
    ...{ id, source, attributes, version: 1, created: now, lastModified: now },
  });
  const createFew = db.transaction(
    (source: SourceId, group: NewGroup, now: number, id: ResourceId): Written => {
      const set = sets.make(source, insert(source, group, now, id));
      const { added } = applyFew(sets, source, set, [{ kind: 'add', values: group.members }]);
      const marks: readonly Mark[] = [{ people: people.among(added), urgency: 'small' }];
      return { group: created(source, group, now, id), marks: people.markFew(marks, now) };
    },
  );
  const createMany = async (
    source: SourceId,
    group: NewGroup,
    now: number,
    id: ResourceId,
  ): Promise<Written> => {
    const members = await afterMany(sets, source, EMPTY, [{ kind: 'add', values: group.members }]);
    const take = db.transaction((set: SetId): Written => {
      const seq = insert(source, group, now, id);
      sets.give(set, seq);
      const marks: readonly Mark[] = [{ people: people.inGroup(seq), urgency: 'small' }];
      return { group: created(source, group, now, id), marks: people.markFew(marks, now) };
    });
    return withSet(source, members, (set) => take.immediate(set));
  };

  /** Writes the attributes, and gathers the marks. Must run inside a transaction. */
  const rewrite = (
    row: ResourceRow,
    { attributes }: GroupChange,
    marks: readonly Mark[],
    now: number,
  ): Written => {
    const { id, ...current } = toResource(row);
    const lastModified = modifiedAt(current, now);
    const written = { id, ...columns(attributes), now: lastModified };
    // Meanwhile a member may have been deleted, which counts as well.
    const { version } = unique('displayName', () => statements.update.get(written)) ?? current;
    const isRenamed = !isDeepStrictEqual(groupNamesOf(attributes), groupNamesOf(current.attributes));
    if (isRenamed) forgetNames();
    const renamed: readonly Mark[] = isRenamed ? [{ people: people.inGroup(row.seq), urgency: 'small' }] : [];
    return {
      group: { ...current, id, attributes, version, lastModified },
      marks: people.markFew([...marks, ...renamed], now),
    };
  };
  /** Nothing changed, but it was written: Pocket ID would send it again and again otherwise (pocketid-02). */
  const touched = (row: ResourceRow, now: number): Written => {
    const group = toResource(row);
    const lastModified = modifiedAt(group, now);
    statements.touch.run(lastModified, group.id);
    return { group: { ...group, lastModified }, marks: [] };
  };

  const updateFew = db.transaction(
    (row: ResourceRow, set: SetId, change: GroupChange, now: number): Written => {
      const { added, removed } = applyFew(sets, row.source as SourceId, set, change.members);
      const isSame = added.length === 0 && removed.length === 0 && isSameJson(change.attributes, row);
      if (isSame) return touched(row, now);
      const marks: readonly Mark[] = [
        { people: people.among(added), urgency: 'small' },
        { people: people.among(removed), urgency: 'removal' },
      ];
      return rewrite(row, change, marks, now);
    },
  );
  const updateMany = async (
    row: ResourceRow,
    set: SetId,
    change: GroupChange,
    now: number,
  ): Promise<Written> => {
    const source = row.source as SourceId;
    const before = sets.read(set);
    const after = await afterMany(sets, source, before, change.members);
    const delta = deltaOf(before, after);
    const size = sizeOf(delta.added) + sizeOf(delta.removed);
    // Read again: meanwhile somebody may have been created or deleted who is a member.
    const current = (): ResourceRow => find(source, row.id);
    if (size === 0 && isSameJson(change.attributes, row)) return touched(current(), now);
    const write = db.transaction((changeMembers: () => BagDelta): Written => {
      const { added, removed } = changeMembers();
      const marks: readonly Mark[] = [
        { people: people.inBag(added), urgency: 'small' },
        { people: people.inBag(removed), urgency: 'removal' },
      ];
      return rewrite(current(), change, marks, now);
    });
    if (size <= PIECE) return write.immediate(() => applyDelta(sets, source, set, delta));
    const exchange = (full: SetId) => (): BagDelta => {
      sets.give(full, row.seq);
      return deltaOf(sets.known(set), sets.known(full));
    };
    const written = await withSet(source, after, (full) => write.immediate(exchange(full)));
    return { ...written, left: set };
  };

  const remove = db.transaction((seq: number, set: SetId, now: number): readonly Mark[] => {
    forgetNames();
    const marks = people.markFew([{ people: people.inGroup(seq), urgency: 'removal' }], now);
    memberships.leavingGroup(seq);
    statements.remove.run(seq);
    if (!sets.isLargerThan(set, PIECE)) sets.dropFew(set);
    return marks;
  });

  return {
    async create(source, group, now, id = randomUUID() as ResourceId) {
      const isMany = group.members.length > PIECE;
      const written = isMany
        ? await createMany(source, group, now, id)
        : createFew.immediate(source, group, now, id);
      await people.markMany(written.marks, now);
      return written.group;
    },
    async get(source, id) {
      const row = statements.get.get(source, id);
      return row && toResource(row);
    },
    list: async (source, query) => listing.list(source, query),
    scan: (source, query) => listing.scan(source, query),
    update: (source, id, change, now) =>
      inTurn(id, async () => {
        const row = find(source, id);
        const set = sets.of(row.seq);
        const wanted = change(toResource(row));
        const written = areMany(sets, set, wanted.members)
          ? await updateMany(row, set, wanted, now)
          : updateFew.immediate(row, set, wanted, now);
        await people.markMany(written.marks, now);
        if (written.left !== undefined) await forget(written.left);
        return written.group;
      }),
    remove: (source, id, now, allow) =>
      inTurn(id, async () => {
        const row = find(source, id);
        allow?.(toResource(row));
        const set = sets.of(row.seq);
        await people.markMany(remove.immediate(row.seq, set, now), now);
        await forget(set);
      }),
    async *members(group) {
      const set = setOf(group);
      if (set !== undefined) yield* sets.named(sets.read(set));
    },
    async isLargerThan(group, limit) {
      const set = setOf(group);
      return set !== undefined && sets.isLargerThan(set, limit);
    },
    ofUsers: async (users) => memberships.ofUsers(users),
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
