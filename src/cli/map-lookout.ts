import type { Config } from '../config/config.ts';
import type { ResourceId } from '../directory/resource.ts';
import { profileOf } from '../directory/user.ts';
import type { Homeserver } from '../matrix/homeserver.ts';
import type { RoomId, UserId } from '../matrix/ids.ts';
import { whole } from '../pieces.ts';
import type { DraftRoom } from '../plan/group-map-draft.ts';
import { createAccountFinder } from '../reconcile/account-finder.ts';
import { orProblem } from '../reconcile/problem.ts';
import type { Store } from '../store/store.ts';

/** Finds out which rooms people are in; nobody and no room is asked for twice. */
export type Lookout = {
  /** Undefined if she has no account that can be used. */
  readonly roomsOf: (userId: ResourceId) => Promise<Whereabouts | undefined>;
  /** Of the rooms (with how many of a group are inside) those with a name, best fit first; `members` are all accounts of the group, if they are known. */
  readonly describe: (
    rooms: ReadonlyMap<string, number>,
    members: ReadonlySet<string> | undefined,
  ) => Promise<readonly DraftRoom[]>;
  /** What could not be read. */
  readonly problems: () => readonly string[];
};

type Whereabouts = { readonly account: UserId; readonly rooms: readonly RoomId[] };

/** What is the same for whichever group a room is described. */
type Described = Pick<DraftRoom, 'room' | 'name' | 'isSpace'> & { readonly joined: ReadonlySet<UserId> };

type Deps = { readonly config: Config; readonly store: Store; readonly homeserver: Homeserver };

export async function createLookout({ config, store, homeserver }: Deps): Promise<Lookout> {
  const { provider, localpart } = config.accounts;
  const { serverName, adminUserId } = config.matrix;
  const finder = createAccountFinder(homeserver, { provider, localpart, serverName });
  const roster = new Map(
    (await whole(store.people.roster())).map(({ userId, account }) => [userId, account]),
  );
  const people = new Map<ResourceId, Whereabouts | undefined>();
  const rooms = new Map<RoomId, Described | undefined>();
  const problems: string[] = [];

  const accountOf = async (userId: ResourceId): Promise<UserId | undefined> => {
    const known = roster.get(userId);
    if (known !== undefined) return known;
    const person = await store.people.person(userId);
    const view = person && (await finder.find(profileOf(person.user.attributes)));
    return view && 'account' in view && !view.account.deactivated ? view.account.userId : undefined;
  };

  const lookFor = async (userId: ResourceId): Promise<Whereabouts | undefined> => {
    const account = await accountOf(userId);
    if (account === undefined) return undefined;
    const memberships = await homeserver.memberships(account);
    const joined = [...memberships].filter(([, membership]) => membership === 'join');
    return { account, rooms: joined.map(([roomId]) => roomId) };
  };

  /** Undefined for what is not to be mapped: direct chats and the like, which have no name, and rooms that were replaced. */
  const lookAt = async (roomId: RoomId): Promise<Described | undefined> => {
    const room = await homeserver.room(roomId);
    if (room === undefined || room.replacement !== undefined) return undefined;
    const { canonicalAlias: alias, name, isSpace, members } = room;
    if (alias === undefined && name === undefined) return undefined;
    const isCurrent = alias !== undefined && (await homeserver.resolveAlias(alias)) === roomId;
    const joined = [...members].filter(([, { membership }]) => membership === 'join');
    return { room: isCurrent ? alias : roomId, name, isSpace, joined: new Set(joined.map(([user]) => user)) };
  };

  /** Once for each; what can't be read is noted and left out. */
  const remembered = async <K extends string, V extends object>(
    known: Map<K, V | undefined>,
    key: K,
    look: (key: K) => Promise<V | undefined>,
  ): Promise<V | undefined> => {
    if (known.has(key)) return known.get(key);
    const found = await orProblem(key, async () => ({ value: await look(key) }));
    if ('message' in found) problems.push(found.message);
    const value = 'message' in found ? undefined : found.value;
    known.set(key, value);
    return value;
  };

  return {
    roomsOf: (userId) => remembered(people, userId, lookFor),
    async describe(counts, members) {
      const drafts: DraftRoom[] = [];
      for (const [roomId, inside] of counts) {
        const found = await remembered(rooms, roomId as RoomId, lookAt);
        if (found === undefined) continue;
        const { joined, ...described } = found;
        const others = [...joined].filter((user) => user !== adminUserId && !members?.has(user)).length;
        drafts.push({ ...described, inside, others: members && others, joined: joined.size });
      }
      return drafts.sort((a, b) => b.inside - a.inside || a.joined - b.joined);
    },
    problems: () => problems,
  };
}
