import type { Member } from '../../directory/group.ts';
import type { ResourceId, SourceId } from '../../directory/resource.ts';
import { inPieces, othersTurn, PIECE } from '../../pieces.ts';
import type { Connection } from './database.ts';

/** A number of `member_sets`. */
export type SetId = number & { readonly __brand: 'SetId' };

/** The members of a set as the tables have them: numbers of users and groups, and values that nobody has yet. */
export type Bag = {
  readonly users: ReadonlySet<number>;
  readonly groups: ReadonlySet<number>;
  readonly unknown: ReadonlySet<string>;
};

/** What a value means in a source: `seq` is the number of the user or group. */
export type Identified =
  | { readonly type: 'User' | 'Group'; readonly seq: number; readonly value: string }
  | { readonly type: 'unknown'; readonly value: string };

type IdentifiedRow = {
  readonly value: string;
  readonly user_seq: number | null;
  readonly user_id: string | null;
  readonly group_seq: number | null;
};

export type MemberSets = ReturnType<typeof createMemberSets>;

/** Sets of members: one row for one member, so that a change of one costs one row, whatever the size of the set. */
export function createMemberSets(db: Connection) {
  const statements = {
    make: db.prepare('INSERT INTO member_sets (source, group_seq) VALUES (?, ?)'),
    of: db.prepare<[number], number>('SELECT id FROM member_sets WHERE group_seq = ?').pluck(),
    take: db.prepare('UPDATE member_sets SET group_seq = NULL WHERE group_seq = ?'),
    give: db.prepare('UPDATE member_sets SET group_seq = ? WHERE id = ?'),
    nobodys: db.prepare<[], number>('SELECT id FROM member_sets WHERE group_seq IS NULL').pluck(),
    forget: db.prepare('DELETE FROM member_sets WHERE id = ? AND group_seq IS NULL'),
    larger: db.prepare<{ set: SetId; limit: number }, number>(`
      SELECT 1 FROM (
        SELECT set_id FROM user_members WHERE set_id = @set
        UNION ALL SELECT set_id FROM group_members WHERE set_id = @set
        UNION ALL SELECT set_id FROM unknown_members WHERE set_id = @set
      ) LIMIT 1 OFFSET @limit`),
    identify: db.prepare<{ source: SourceId; values: string }, IdentifiedRow>(`
      SELECT j.value AS value, coalesce(u.seq, x.seq) AS user_seq, coalesce(u.id, x.id) AS user_id, g.seq AS group_seq
      FROM json_each(@values) j
      LEFT JOIN users u ON u.id = j.value AND u.source = @source
      LEFT JOIN groups g ON g.id = j.value AND g.source = @source
      LEFT JOIN users x ON x.seq = (SELECT seq FROM users WHERE external_id = j.value AND source = @source ORDER BY seq LIMIT 1)`),
    addUser: db.prepare('INSERT OR IGNORE INTO user_members (set_id, user_seq) VALUES (?, ?)'),
    addGroup: db.prepare('INSERT OR IGNORE INTO group_members (set_id, group_seq) VALUES (?, ?)'),
    addUnknown: db.prepare('INSERT OR IGNORE INTO unknown_members (set_id, value) VALUES (?, ?)'),
    // A user may be deleted between the reading of her number and this.
    addUsers: db.prepare(`
      INSERT OR IGNORE INTO user_members (set_id, user_seq)
      SELECT ?, seq FROM json_each(?) j CROSS JOIN users ON seq = j.value`),
    addGroups: db.prepare(`
      INSERT OR IGNORE INTO group_members (set_id, group_seq)
      SELECT ?, seq FROM json_each(?) j CROSS JOIN groups ON seq = j.value`),
    removeUser: db.prepare('DELETE FROM user_members WHERE set_id = ? AND user_seq = ?'),
    removeGroup: db.prepare('DELETE FROM group_members WHERE set_id = ? AND group_seq = ?'),
    removeUnknown: db.prepare('DELETE FROM unknown_members WHERE set_id = ? AND value = ?'),
    users: db
      .prepare<[SetId], number>('SELECT user_seq FROM user_members WHERE set_id = ? ORDER BY user_seq')
      .pluck(),
    groups: db
      .prepare<[SetId], number>('SELECT group_seq FROM group_members WHERE set_id = ? ORDER BY group_seq')
      .pluck(),
    unknown: db
      .prepare<[SetId], string>('SELECT value FROM unknown_members WHERE set_id = ? ORDER BY value')
      .pluck(),
    userIds: db
      .prepare<[string], string>(
        'SELECT id FROM users WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY seq',
      )
      .pluck(),
    groupIds: db
      .prepare<[string], string>(
        'SELECT id FROM groups WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY seq',
      )
      .pluck(),
    removeUsers: db.prepare(
      'DELETE FROM user_members WHERE set_id = ? AND user_seq IN (SELECT value FROM json_each(?))',
    ),
    removeGroups: db.prepare(
      'DELETE FROM group_members WHERE set_id = ? AND group_seq IN (SELECT value FROM json_each(?))',
    ),
    removeUnknowns: db.prepare(
      'DELETE FROM unknown_members WHERE set_id = ? AND value IN (SELECT value FROM json_each(?))',
    ),
    drop: [
      dropSome(db, 'user_members', 'user_seq'),
      dropSome(db, 'group_members', 'group_seq'),
      dropSome(db, 'unknown_members', 'value'),
    ],
  };

  const identify = (source: SourceId, values: readonly string[]): readonly Identified[] =>
    statements.identify.all({ source, values: JSON.stringify(values) }).map(toIdentified);

  const known = (set: SetId): Bag => ({
    users: new Set(statements.users.all(set)),
    groups: new Set(statements.groups.all(set)),
    unknown: new Set(),
  });

  const add = (set: SetId, members: readonly Identified[]): readonly Identified[] =>
    members.filter((member) => {
      if (member.type === 'unknown') return statements.addUnknown.run(set, member.value).changes > 0;
      const statement = member.type === 'User' ? statements.addUser : statements.addGroup;
      return statement.run(set, member.seq).changes > 0;
    });

  const addPiece = db.transaction((set: SetId, source: SourceId, { users, groups, unknown }: Piece): void => {
    statements.addUsers.run(set, JSON.stringify(users));
    statements.addGroups.run(set, JSON.stringify(groups));
    // Somebody may have got that external id since.
    add(set, identify(source, unknown));
  });

  /** How many rows were deleted; with the last ones, the set is too. */
  const dropPiece = db.transaction((set: SetId): number => {
    const dropped = statements.drop.map((statement) => statement.run({ set }).changes);
    const most = Math.max(...dropped);
    if (most < PIECE) statements.forget.run(set);
    return most < PIECE ? 0 : most;
  });

  return {
    identify,
    add,
    /** `groupSeq` null: a set that is nobody's yet. */
    make: (source: SourceId, groupSeq: number | null): SetId =>
      Number(statements.make.run(source, groupSeq).lastInsertRowid) as SetId,
    of(groupSeq: number): SetId {
      const set = statements.of.get(groupSeq);
      if (set === undefined) throw new Error(`group ${groupSeq} has no set of members`);
      return set as SetId;
    },
    /** The group has this set from now on; what it had before is nobody's. */
    give(set: SetId, groupSeq: number): void {
      statements.take.run(groupSeq);
      statements.give.run(groupSeq, set);
    },
    isLargerThan: (set: SetId, limit: number): boolean => statements.larger.get({ set, limit }) !== undefined,
    /** Those that were there, as they were there. */
    remove: (set: SetId, members: readonly Identified[]): readonly Identified[] =>
      members.flatMap((member): readonly Identified[] => {
        if (member.type !== 'unknown') {
          const statement = member.type === 'User' ? statements.removeUser : statements.removeGroup;
          if (statement.run(set, member.seq).changes > 0) return [member];
        }
        const { value } = member;
        return statements.removeUnknown.run(set, value).changes > 0 ? [{ type: 'unknown', value }] : [];
      }),
    read: (set: SetId): Bag => ({ ...known(set), unknown: new Set(statements.unknown.all(set)) }),
    /** Without the values that nobody has. */
    known,
    /** Of users by their numbers; who is deleted is left out. */
    userIds: (seqs: readonly number[]): readonly ResourceId[] =>
      statements.userIds.all(JSON.stringify(seqs)) as ResourceId[],
    /** All members at once: for small sets. */
    list: (set: SetId): readonly Member[] => [
      ...statements.userIds.all(JSON.stringify(statements.users.all(set))).map(asMember('User')),
      ...statements.groupIds.all(JSON.stringify(statements.groups.all(set))).map(asMember('Group')),
      ...statements.unknown.all(set).map(asMember('unknown')),
    ],
    /** Members by piece, as clients know them; who is deleted meanwhile is left out. */
    async *named({ users, groups, unknown }: Bag): AsyncGenerator<readonly Member[]> {
      for await (const seqs of inPieces([...users])) {
        yield statements.userIds.all(JSON.stringify(seqs)).map(asMember('User'));
      }
      for await (const seqs of inPieces([...groups])) {
        yield statements.groupIds.all(JSON.stringify(seqs)).map(asMember('Group'));
      }
      for await (const values of inPieces([...unknown])) {
        yield values.map(asMember('unknown'));
      }
    },
    /** Fills a set that is nobody's; each piece is a transaction of its own. */
    async fill(set: SetId, source: SourceId, { users, groups, unknown }: Bag): Promise<void> {
      for await (const piece of inPieces([...users]))
        addPiece.immediate(set, source, { ...NONE, users: piece });
      for await (const piece of inPieces([...groups]))
        addPiece.immediate(set, source, { ...NONE, groups: piece });
      for await (const piece of inPieces([...unknown])) {
        addPiece.immediate(set, source, { ...NONE, unknown: piece });
      }
    },
    /** Must run inside a transaction, and so be of few. */
    addBag: (set: SetId, source: SourceId, { users, groups, unknown }: Bag): void =>
      addPiece(set, source, { users: [...users], groups: [...groups], unknown: [...unknown] }),
    /** Must run inside a transaction, and so be of few. */
    removeBag(set: SetId, { users, groups, unknown }: Bag): void {
      statements.removeUsers.run(set, JSON.stringify([...users]));
      statements.removeGroups.run(set, JSON.stringify([...groups]));
      statements.removeUnknowns.run(set, JSON.stringify([...unknown]));
    },
    /** Deletes a set of few that is nobody's. Must run inside a transaction. */
    dropFew: (set: SetId): void => {
      dropPiece(set);
    },
    /** Deletes a set that is nobody's, piece by piece. */
    async drop(set: SetId): Promise<void> {
      while (dropPiece.immediate(set) > 0) await othersTurn();
    },
    /** Deletes the sets that were being written or deleted when the process ended. */
    tidy(): void {
      for (const set of statements.nobodys.all()) while (dropPiece.immediate(set as SetId) > 0);
    },
  };
}

type Piece = {
  readonly users: readonly number[];
  readonly groups: readonly number[];
  readonly unknown: readonly string[];
};

const NONE: Piece = { users: [], groups: [], unknown: [] };

function asMember(type: Member['type']): (value: string) => Member {
  return (value) => ({ value, type });
}

function dropSome(db: Connection, table: string, column: string) {
  return db.prepare<{ set: SetId }>(`
    DELETE FROM ${table} WHERE set_id = @set
      AND ${column} IN (SELECT ${column} FROM ${table} WHERE set_id = @set LIMIT ${PIECE})`);
}

function toIdentified({ value, user_seq, user_id, group_seq }: IdentifiedRow): Identified {
  if (group_seq !== null) return { type: 'Group', seq: group_seq, value };
  if (user_seq !== null && user_id !== null) return { type: 'User', seq: user_seq, value: user_id };
  return { type: 'unknown', value };
}
