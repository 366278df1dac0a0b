import type { JournalEntry } from '../store/store.ts';
import { isIn } from './explain-story.ts';
import { termsOf } from './map-rooms.ts';
import type { PersonFacts } from './person-facts.ts';
import type { RoomFacts } from './room-facts.ts';

/** Milliseconds since 1970 as JSON tells them; undefined stays out. */
export function iso(at: number): string;
export function iso(at: number | undefined): string | undefined;
export function iso(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString();
}

/** A person as `explain --json` tells her. */
export function personJson(person: PersonFacts) {
  const { userId, user, profile, account, link, waiting, live } = person;
  return {
    scimId: userId,
    userName: profile?.userName,
    displayName: profile?.displayName,
    externalId: profile?.externalId,
    source: user?.source,
    status: statusOf(person),
    inactiveSince: iso(link?.inactiveSince),
    account,
    isLinked: link !== undefined,
    isConfirmed: link?.isConfirmed ?? false,
    restriction: link?.restriction,
    isAdmin: link?.isAdmin ?? false,
    waiting: waiting && {
      ...waiting,
      since: iso(waiting.since),
      dueAt: iso(waiting.dueAt),
    },
    homeserver: live.kind === 'read' ? { answers: true } : { answers: false, reason: live.reason },
    changes: live.kind === 'read' ? live.plan.changes.filter((change) => !('roomId' in change)) : undefined,
    findings:
      live.kind === 'read' ? live.plan.findings.filter(({ roomId }) => roomId === undefined) : undefined,
  };
}

function statusOf({ user, profile }: PersonFacts): 'deleted' | 'active' | 'inactive' {
  if (user === undefined) return 'deleted';
  return profile?.active === true ? 'active' : 'inactive';
}

/** A room as `explain --json` tells it. */
export function roomJson(facts: RoomFacts) {
  const { room, standing, hers, everybody, others, record, history, holds, changes } = facts;
  const doors = hersDoors(facts);
  return {
    room: { target: room.target, roomId: room.roomId, isMapped: room.doors.length > 0 },
    isIn: isIn(facts),
    membership: standing === undefined || standing === 'none' ? standing : standing.membership,
    sender: standing === undefined || standing === 'none' ? undefined : standing.sender,
    isEntitled: doors.length > 0,
    terms: doors.length === 0 ? undefined : termsOf(doors),
    through: hers.map(({ id, name, chain, door }) => ({
      id,
      name,
      chain,
      isDirect: chain.length === 1,
      key: door.key,
    })),
    everybody: everybody !== undefined,
    others,
    record: record && { state: record.state, since: iso(record.since), via: record.via, mode: record.mode },
    history: history.map(entryJson),
    holds: holds.map(({ digest, scope, reason, since, verdict, changes: held }) => ({
      digest,
      scope,
      reason,
      since: iso(since),
      verdict,
      changes: held.map(({ kind, detail }) => ({ kind, detail })),
    })),
    changes,
  };
}

/** The doors that are open to her. */
export function hersDoors({ hers, everybody }: RoomFacts) {
  return [...hers.map(({ door }) => door), ...(everybody === undefined ? [] : [everybody])];
}

/** A row of the journal, as JSON tells it. */
export function entryJson({ at, ...entry }: JournalEntry) {
  return { at: iso(at), ...entry };
}
