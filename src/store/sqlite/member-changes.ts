import type { Member, MemberChange } from '../../directory/group.ts';
import type { SourceId } from '../../directory/resource.ts';
import { inPieces, PIECE } from '../../pieces.ts';
import type { Bag, Identified, MemberSets, SetId } from './member-sets.ts';

/** The members that a change really adds and takes away. */
export type MemberDelta = { readonly added: readonly Identified[]; readonly removed: readonly Identified[] };

export type BagDelta = { readonly added: Bag; readonly removed: Bag };

/** Whether changes are too many for one step that nothing else waits for. */
export function areMany(sets: MemberSets, set: SetId, changes: readonly MemberChange[]): boolean {
  const values = changes.reduce((sum, change) => sum + ('values' in change ? change.values.length : 0), 0);
  const isOfAll = changes.some(({ kind }) => kind === 'replace' || kind === 'remove-matching');
  return values > PIECE || (isOfAll && sets.isLargerThan(set, PIECE));
}

/** Applies few changes, row by row: the rest of the set is not read. Must run inside a transaction. */
export function applyFew(
  sets: MemberSets,
  source: SourceId,
  set: SetId,
  changes: readonly MemberChange[],
): MemberDelta {
  const added: Identified[] = [];
  const removed: Identified[] = [];
  for (const change of changes) {
    if (change.kind === 'add') added.push(...sets.add(set, sets.identify(source, change.values)));
    else if (change.kind === 'remove')
      removed.push(...sets.remove(set, sets.identify(source, change.values)));
    else {
      const wanted = change.kind === 'replace' ? sets.identify(source, change.values) : [];
      const keys = new Set(wanted.map(({ value }) => value));
      const goes = (member: Member): boolean =>
        change.kind === 'replace' ? !keys.has(member.value) : change.matches(member);
      removed.push(...sets.remove(set, sets.identify(source, sets.list(set).filter(goes).map(idOf))));
      added.push(...sets.add(set, wanted));
    }
  }
  return inTheEnd({ added, removed });
}

/** Whoever was added and removed again, or the other way round, is neither. */
function inTheEnd({ added, removed }: MemberDelta): MemberDelta {
  const sums = new Map<string, number>();
  const keyOf = ({ type, value }: Identified): string => `${type} ${value}`;
  const count = (member: Identified, by: number) =>
    sums.set(keyOf(member), (sums.get(keyOf(member)) ?? 0) + by);
  for (const member of added) count(member, 1);
  for (const member of removed) count(member, -1);
  const only = (members: readonly Identified[], sum: number): readonly Identified[] => {
    const distinct = new Map(members.map((member) => [keyOf(member), member]));
    return [...distinct.values()].filter((member) => sums.get(keyOf(member)) === sum);
  };
  return { added: only(added, 1), removed: only(removed, -1) };
}

/** The members after many changes; between the pieces of it others get a turn. Nothing is written. */
export async function afterMany(
  sets: MemberSets,
  source: SourceId,
  before: Bag,
  changes: readonly MemberChange[],
): Promise<Bag> {
  const bag = {
    users: new Set(before.users),
    groups: new Set(before.groups),
    unknown: new Set(before.unknown),
  };
  const add = (member: Identified): void => {
    if (member.type === 'unknown') bag.unknown.add(member.value);
    else (member.type === 'User' ? bag.users : bag.groups).add(member.seq);
  };
  const remove = (member: Identified): void => {
    if (member.type === 'unknown') bag.unknown.delete(member.value);
    else (member.type === 'User' ? bag.users : bag.groups).delete(member.seq);
  };
  const forEach = async (values: readonly string[], act: (member: Identified) => void): Promise<void> => {
    for await (const piece of inPieces(values)) sets.identify(source, piece).forEach(act);
  };
  const removeAll = async (values: readonly string[]): Promise<void> => {
    // Who has the value by now had not when the members were read.
    for (const value of values) bag.unknown.delete(value);
    await forEach(values, remove);
  };
  for (const change of changes) {
    if (change.kind === 'remove-matching') {
      for await (const members of sets.named(bag)) await removeAll(members.filter(change.matches).map(idOf));
    } else if (change.kind === 'remove') {
      await removeAll(change.values);
    } else {
      if (change.kind === 'replace') for (const set of Object.values(bag)) set.clear();
      await forEach(change.values, add);
    }
  }
  return bag;
}

/** What makes the one of the other. */
export function deltaOf(before: Bag, after: Bag): BagDelta {
  return { added: without(after, before), removed: without(before, after) };
}

function without(bag: Bag, other: Bag): Bag {
  return {
    users: bag.users.difference(other.users),
    groups: bag.groups.difference(other.groups),
    unknown: bag.unknown.difference(other.unknown),
  };
}

/** Changes few members of a set, and tells who they are. Must run inside a transaction. */
export function applyDelta(sets: MemberSets, source: SourceId, set: SetId, delta: BagDelta): BagDelta {
  const added = upToDate(sets, source, delta.added);
  const removed = upToDate(sets, source, delta.removed);
  sets.removeBag(set, removed);
  sets.addBag(set, source, added);
  return { added, removed };
}

/** With those in place of a value who have got it since it was nobody's. */
function upToDate(sets: MemberSets, source: SourceId, { users, groups, unknown }: Bag): Bag {
  const found = sets.identify(source, [...unknown]);
  const numbers = (type: 'User' | 'Group') =>
    new Set(found.flatMap((each) => (each.type === type ? [each.seq] : [])));
  return {
    users: users.union(numbers('User')),
    groups: groups.union(numbers('Group')),
    unknown: new Set(found.flatMap(({ type, value }) => (type === 'unknown' ? [value] : []))),
  };
}

export function sizeOf({ users, groups, unknown }: Bag): number {
  return users.size + groups.size + unknown.size;
}

function idOf({ value }: Member): string {
  return value;
}
