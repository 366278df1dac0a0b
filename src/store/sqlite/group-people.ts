import type { ResourceId } from '../../directory/resource.ts';
import { inPieces, PIECE } from '../../pieces.ts';
import type { Urgency } from '../store.ts';
import type { Connection } from './database.ts';
import type { Bag, Identified, MemberSets } from './member-sets.ts';
import type { Marker, Occasion } from './work.ts';

/** People to mark, by their numbers. */
export type Mark = { readonly people: readonly number[]; readonly urgency: Urgency };

/** From this many people on, a change is a bulk: it waits for the small ones. */
const BULK = 11;

/** Whom a change of a group concerns: its users, and those of the groups inside it. */
export function createGroupPeople(db: Connection, sets: MemberSets, mark: Marker) {
  const inside = db
    .prepare<[string], number>(`
      WITH RECURSIVE inside (seq) AS (
        SELECT value FROM json_each(?)
        UNION SELECT m.group_seq FROM inside
          CROSS JOIN member_sets s ON s.group_seq = inside.seq CROSS JOIN group_members m ON m.set_id = s.id
      )
      SELECT DISTINCT m.user_seq FROM inside CROSS JOIN member_sets s ON s.group_seq = inside.seq
        CROSS JOIN user_members m ON m.set_id = s.id`)
    .pluck();
  const markPiece = db.transaction(mark);
  const urgencyOf = ({ people, urgency }: Mark): Urgency =>
    urgency === 'small' && people.length >= BULK ? 'bulk' : urgency;
  const inGroups = (groups: readonly number[]): readonly number[] =>
    groups.length === 0 ? [] : inside.all(JSON.stringify(groups));
  const numbersOf = (members: readonly Identified[], type: 'User' | 'Group'): readonly number[] =>
    members.flatMap((member) => (member.type === type ? [member.seq] : []));

  return {
    inGroup: (seq: number): readonly number[] => inGroups([seq]),
    among: (members: readonly Identified[]): readonly number[] => [
      ...numbersOf(members, 'User'),
      ...inGroups(numbersOf(members, 'Group')),
    ],
    inBag: ({ users, groups }: Bag): readonly number[] => [...users, ...inGroups([...groups])],
    /** Marks few people, inside the transaction of the change; gives back the marks that are too many for it. */
    markFew: (marks: readonly Mark[], occasion: Occasion): readonly Mark[] =>
      marks.filter((each) => {
        if (each.people.length > PIECE) return true;
        mark(sets.userIds(each.people), urgencyOf(each), occasion);
        return false;
      }),
    /**
     * Marks many people, piece by piece: in the order of the table, so that a piece changes few of its pages.
     * Who is not marked when the process is killed is found by the pass at start.
     */
    async markMany(marks: readonly Mark[], occasion: Occasion): Promise<void> {
      for (const each of marks) {
        const ids: ResourceId[] = [];
        for await (const piece of inPieces(each.people)) ids.push(...sets.userIds(piece));
        for await (const piece of inPieces(ids.sort())) markPiece.immediate(piece, urgencyOf(each), occasion);
      }
    },
  };
}
