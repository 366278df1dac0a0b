import type { ResourceId } from '../../directory/resource.ts';
import { inPieces, PIECE } from '../../pieces.ts';
import type { Urgency } from '../store.ts';
import type { Connection } from './database.ts';
import type { Bag, Identified, MemberSets } from './member-sets.ts';
import type { Marker } from './work.ts';

/** People to mark. */
export type Mark = { readonly people: readonly ResourceId[]; readonly urgency: Urgency };

/** From this many people on, a change is a bulk: it waits for the small ones. */
const BULK = 11;

/** Whom a change of a group concerns: its users, and those of the groups inside it. */
export function createGroupPeople(db: Connection, sets: MemberSets, mark: Marker) {
  const inside = db
    .prepare<[string], string>(`
      WITH RECURSIVE inside (seq) AS (
        SELECT value FROM json_each(?)
        UNION SELECT m.group_seq FROM inside
          CROSS JOIN member_sets s ON s.group_seq = inside.seq CROSS JOIN group_members m ON m.set_id = s.id
      )
      SELECT DISTINCT u.id FROM inside CROSS JOIN member_sets s ON s.group_seq = inside.seq
        CROSS JOIN user_members m ON m.set_id = s.id CROSS JOIN users u ON u.seq = m.user_seq`)
    .pluck();
  const markPiece = db.transaction(mark);
  const urgencyOf = ({ people, urgency }: Mark): Urgency =>
    urgency === 'small' && people.length >= BULK ? 'bulk' : urgency;
  const inGroups = (groups: readonly number[]): readonly ResourceId[] =>
    groups.length === 0 ? [] : (inside.all(JSON.stringify(groups)) as ResourceId[]);

  return {
    inGroup: (seq: number): readonly ResourceId[] => inGroups([seq]),
    among(members: readonly Identified[]): readonly ResourceId[] {
      const users = members.flatMap((member) => (member.type === 'User' ? [member.value as ResourceId] : []));
      return [
        ...users,
        ...inGroups(members.flatMap((member) => (member.type === 'Group' ? [member.seq] : []))),
      ];
    },
    async inBag(bag: Bag): Promise<readonly ResourceId[]> {
      const people: ResourceId[] = [];
      const users = { ...bag, groups: new Set<number>(), unknown: new Set<string>() };
      for await (const piece of sets.named(users))
        for (const { value } of piece) people.push(value as ResourceId);
      return people.concat(inGroups([...bag.groups]));
    },
    /** Marks few people, inside the transaction of the change; gives back the marks that are too many for it. */
    markFew: (marks: readonly Mark[], now: number): readonly Mark[] =>
      marks.filter((each) => {
        if (each.people.length > PIECE) return true;
        mark(each.people, urgencyOf(each), now);
        return false;
      }),
    /** Marks many people, piece by piece. Who is not marked when the process is killed is found by the pass at start. */
    async markMany(marks: readonly Mark[], now: number): Promise<void> {
      for (const each of marks) {
        for await (const piece of inPieces(each.people)) markPiece.immediate(piece, urgencyOf(each), now);
      }
    },
  };
}
