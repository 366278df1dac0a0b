import type { RoomId, UserId } from '../../../src/matrix/ids.ts';
import type { Domain } from './domain.ts';

/** Which group opens which room, by its external id. */
export type Openings = ReadonlyMap<string, RoomId>;

export type EntitledKey = `${RoomId} ${UserId}`;

/** Who is to be in which room: whoever is active and in a group that opens it. */
export function entitledIn({ users, groups }: Domain, openings: Openings): ReadonlySet<EntitledKey> {
  const keys = new Set<EntitledKey>();
  for (const [group, roomId] of openings) {
    for (const member of groups.get(group)?.members ?? []) {
      if (users.get(member)?.active === true) keys.add(`${roomId} ${accountOf(member)}`);
    }
  }
  return keys;
}

function accountOf(userName: string): UserId {
  return `@${userName}:usher.test` as UserId;
}

/** Knows since when somebody is entitled whatever became of what is under way. */
export function createCertainty(openings: Openings, now: () => number) {
  const since = new Map<EntitledKey, number>();
  return {
    /** Of one provider's people all that may be so now. */
    learn(states: readonly Domain[], before: ReadonlySet<EntitledKey>): ReadonlySet<EntitledKey> {
      const certain = states
        .map((state) => entitledIn(state, openings))
        .reduce((some, others) => some.intersection(others));
      for (const key of before) if (!certain.has(key)) since.delete(key);
      for (const key of certain) if (!since.has(key)) since.set(key, now());
      return certain;
    },
    /** Milliseconds; undefined if it is not certain. */
    certainFor(key: EntitledKey): number | undefined {
      const start = since.get(key);
      return start === undefined ? undefined : now() - start;
    },
  };
}
