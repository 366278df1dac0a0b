import { randomUUID } from 'node:crypto';
import type { Group, GroupChange } from '../../directory/group.ts';
import type { ResourceId, SourceId } from '../../directory/resource.ts';
import { PIECE } from '../../pieces.ts';
import type { GroupStore, NewGroup } from '../store.ts';
import type { Commits } from './commits.ts';
import type { Connection } from './database.ts';
import { createGroupPeople, type Mark } from './group-people.ts';
import { createGroupRows, isRenamed } from './group-rows.ts';
import { createListing, isSameJson, type ResourceRow, toResource } from './listing.ts';
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
import type { Marker, Occasion } from './work.ts';

const EMPTY: Bag = { users: new Set(), groups: new Set(), unknown: new Set() };

/** What a write did, and whom to mark when it is done, as they are too many for one transaction. */
type Written = {
  readonly group: Group;
  readonly marks: readonly Mark[];
  /** A set that is nobody's any more. */
  readonly left?: SetId;
};

/** Writes to one group happen in the order they came; a large one is done in pieces, and becomes visible in one. */
export function createGroupStore(db: Connection, mark: Marker, commits: Commits): GroupStore {
  const listing = createListing(db, 'groups');
  const sets = createMemberSets(db);
  const people = createGroupPeople(db, sets, mark);
  const memberships = createMemberships(db);
  const turns = createTurns();
  const rows = createGroupRows(db);

  const setOf = (id: string): SetId | undefined => {
    const seq = rows.seqOf(id);
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
    const seq = rows.insert(id, source, attributes, now);
    memberships.claimAsGroup({ source, seq, values: [id] });
    return seq;
  };
  const created = (source: SourceId, { attributes }: NewGroup, now: number, id: ResourceId): Group => ({
    ...{ id, source, attributes, version: 1, created: now, lastModified: now },
  });
  const createFew = db.transaction(
    (source: SourceId, group: NewGroup, occasion: Occasion, id: ResourceId): Written => {
      const { now } = occasion;
      const set = sets.make(source, insert(source, group, now, id));
      const { added } = applyFew(sets, source, set, [{ kind: 'add', values: group.members }]);
      const marks: readonly Mark[] = [{ people: people.among(added), urgency: 'small' }];
      return { group: created(source, group, now, id), marks: people.markFew(marks, occasion) };
    },
  );
  const createMany = async (
    source: SourceId,
    group: NewGroup,
    occasion: Occasion,
    id: ResourceId,
  ): Promise<Written> => {
    const { now } = occasion;
    const members = await afterMany(sets, source, EMPTY, [{ kind: 'add', values: group.members }]);
    const take = db.transaction((set: SetId): Written => {
      const seq = insert(source, group, now, id);
      sets.give(set, seq);
      const marks: readonly Mark[] = [{ people: people.inGroup(seq), urgency: 'small' }];
      return { group: created(source, group, now, id), marks: people.markFew(marks, occasion) };
    });
    return withSet(source, members, (set) => take.immediate(set));
  };

  /** Writes the attributes, and gathers the marks. Must run inside a transaction. */
  const rewrite = (
    row: ResourceRow,
    { attributes }: GroupChange,
    marks: readonly Mark[],
    occasion: Occasion,
  ): Written => {
    const renamed = isRenamed(toResource(row).attributes, attributes) ? people.inGroup(row.seq) : [];
    const all: readonly Mark[] = [...marks, { people: renamed, urgency: 'removal' }];
    return { group: rows.update(row, attributes, occasion.now), marks: people.markFew(all, occasion) };
  };

  /** Undefined if that would be too much for one transaction: then nothing is written. */
  const updateFew = db.transaction(
    (
      source: SourceId,
      id: string,
      changed: (current: Group) => GroupChange,
      occasion: Occasion,
    ): Written | undefined => {
      const row = rows.find(source, id);
      const set = sets.of(row.seq);
      const change = changed(toResource(row));
      if (areMany(sets, set, change.members)) return undefined;
      const { added, removed } = applyFew(sets, row.source as SourceId, set, change.members);
      const isSame = added.length === 0 && removed.length === 0 && isSameJson(change.attributes, row);
      if (isSame) return { group: rows.touch(row, occasion.now), marks: [] };
      const marks: readonly Mark[] = [
        { people: people.among(added), urgency: 'small' },
        { people: people.among(removed), urgency: 'removal' },
      ];
      return rewrite(row, change, marks, occasion);
    },
  );
  const updateMany = async (
    source: SourceId,
    id: string,
    changed: (current: Group) => GroupChange,
    occasion: Occasion,
  ): Promise<Written> => {
    const row = rows.find(source, id);
    const set = sets.of(row.seq);
    const change = changed(toResource(row));
    const before = sets.read(set);
    const after = await afterMany(sets, source, before, change.members);
    const delta = deltaOf(before, after);
    const size = sizeOf(delta.added) + sizeOf(delta.removed);
    // Read again: meanwhile somebody may have been created or deleted who is a member.
    const current = (): ResourceRow => rows.find(source, row.id);
    if (size === 0 && isSameJson(change.attributes, row)) {
      return { group: rows.touch(current(), occasion.now), marks: [] };
    }
    const write = db.transaction((changeMembers: () => BagDelta): Written => {
      const { added, removed } = changeMembers();
      const marks: readonly Mark[] = [
        { people: people.inBag(added), urgency: 'small' },
        { people: people.inBag(removed), urgency: 'removal' },
      ];
      return rewrite(current(), change, marks, occasion);
    });
    if (size <= PIECE) return write.immediate(() => applyDelta(sets, source, set, delta));
    const exchange = (full: SetId) => (): BagDelta => {
      sets.give(full, row.seq);
      return deltaOf(sets.known(set), sets.known(full));
    };
    const written = await withSet(source, after, (full) => write.immediate(exchange(full)));
    return { ...written, left: set };
  };

  const remove = db.transaction(
    (
      source: SourceId,
      id: string,
      allow: ((current: Group) => void) | undefined,
      occasion: Occasion,
    ): Omit<Required<Written>, 'group'> => {
      const row = rows.find(source, id);
      allow?.(toResource(row));
      const left = sets.of(row.seq);
      const marks = people.markFew([{ people: people.inGroup(row.seq), urgency: 'removal' }], occasion);
      memberships.leavingGroup(row.seq);
      rows.remove(row.seq);
      if (!sets.isLargerThan(left, PIECE)) sets.dropFew(left);
      return { marks, left };
    },
  );

  /** Undefined if somebody has the group for herself just then: after her, it is to be tried again. */
  const whenFree = async <T>(id: string, write: () => T): Promise<T | undefined> => {
    await turns.free(id);
    return commits.write(() => (turns.isTaken(id) ? undefined : write()));
  };

  const finish = async ({ group, marks, left }: Written, occasion: Occasion): Promise<Group> => {
    await people.markMany(marks, occasion);
    if (left !== undefined) await forget(left);
    return group;
  };

  return {
    async create(source, group, now, id = randomUUID() as ResourceId, cause = undefined) {
      const occasion = { now, cause };
      const isMany = group.members.length > PIECE;
      const written = isMany
        ? await createMany(source, group, occasion, id)
        : await commits.write(() => createFew(source, group, occasion, id));
      return finish(written, occasion);
    },
    async get(source, id) {
      const row = rows.get(source, id);
      return row && toResource(row);
    },
    list: async (source, query) => listing.list(source, query),
    scan: (source, query) => listing.scan(source, query),
    async update(source, id, change, now, cause) {
      const occasion = { now, cause };
      let giveBack: (() => void) | undefined;
      try {
        // Small changes of one group may be committed together; a large one is alone with it.
        while (giveBack === undefined) {
          const few = await whenFree(id, () => {
            const written = updateFew(source, id, change, occasion);
            if (written === undefined) giveBack = turns.take(id);
            return written;
          });
          if (few !== undefined) return await finish(few, occasion);
        }
        return await finish(await updateMany(source, id, change, occasion), occasion);
      } finally {
        giveBack?.();
      }
    },
    async remove(source, id, now, allow, cause) {
      const occasion = { now, cause };
      let removed: ReturnType<typeof remove> | undefined;
      while (removed === undefined) {
        removed = await whenFree(id, () => remove(source, id, allow, occasion));
      }
      await people.markMany(removed.marks, occasion);
      await forget(removed.left);
    },
    async *members(group) {
      const set = setOf(group);
      if (set !== undefined) yield* sets.named(sets.read(set));
    },
    async isLargerThan(group, limit) {
      const set = setOf(group);
      return set !== undefined && sets.isLargerThan(set, limit);
    },
    ofUsers: async (users) => memberships.ofUsers(users),
    names: async () => rows.names(),
  };
}
