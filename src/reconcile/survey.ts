import type { ResourceId } from '../directory/resource.ts';
import { HomeserverError, stopsEverything } from '../matrix/error.ts';
import type { Homeserver } from '../matrix/homeserver.ts';
import { parseRoomAlias, parseRoomId, type RoomId, type UserId } from '../matrix/ids.ts';
import { type Guest, isSettled, type OffboardingPolicy, takeCensus } from '../plan/census.ts';
import type { GroupMap } from '../plan/group-map.ts';
import { type Openings, openersOf } from '../plan/openings.ts';
import type { RosterEntry, Store, Urgency } from '../store/store.ts';
import type { House } from './house.ts';
import { differingAccounts, idsOf, type Roster, toRoster } from './roster.ts';

/** Something, mostly a room of the map, that only a person can mend. */
export type Problem = { readonly target: string; readonly message: string };

/** Told of people who need a look, as they are found. */
export type Spotter = (people: readonly ResourceId[], urgency: Urgency) => Promise<void>;

type Deps = {
  readonly store: Pick<Store, 'people' | 'rooms'>;
  readonly homeserver: Homeserver;
  readonly house: House;
  readonly map: () => GroupMap;
  readonly policy: OffboardingPolicy;
};

export type Survey = {
  /** Finds out what the map's rooms are. What can't be resolved keeps the meaning it last had. */
  resolve(): Promise<{
    readonly resolved: ReadonlyMap<string, RoomId>;
    readonly problems: readonly Problem[];
  }>;
  /** Compares every room and account with what they are to be. Changes nothing. Rejects when it is aborted. */
  look(spot: Spotter, signal: AbortSignal): Promise<readonly Problem[]>;
};

/**
 * Reads the whole world. Rejects with a `HomeserverError` that `stopsEverything`; a single room that can't be
 * read is a problem of that room, and nobody is removed from it.
 */
export function createSurvey({ store, homeserver, house, map, policy }: Deps): Survey {
  /** The room of a target today, following upgrades. */
  const resolveTarget = async (
    target: string,
    known: ReadonlyMap<string, RoomId>,
  ): Promise<RoomId | Problem> => {
    const alias = parseRoomAlias(target);
    const named = alias === undefined ? parseRoomId(target) : await homeserver.resolveAlias(alias);
    if (named === undefined)
      return { target, message: `${target} is not an alias of any room. ${CHECK_MAP}` };
    const isKnown = alias !== undefined || known.has(target);
    if (!isKnown && (await homeserver.joinedMembers(named)) === undefined) return unknownRoom(target);
    return followUpgrades(homeserver, named);
  };

  const resolve: Survey['resolve'] = async () => {
    const current = map();
    const targets = new Set(current.rules.flatMap((rule) => rule.targets.map((each) => each.room as string)));
    const known = await store.rooms.resolutions();
    const resolved = new Map<string, RoomId>();
    const problems: Problem[] = [];
    for (const target of targets) {
      const found = await orProblem(target, () => resolveTarget(target, known));
      const last = known.get(target);
      if (typeof found === 'string') resolved.set(target, found);
      else {
        problems.push(found);
        if (last !== undefined) resolved.set(target, last);
      }
    }
    const { retired, unread, obstacles } = await findRetired(new Set(resolved.values()));
    house.learn({ map: current, resolved, retired, unread });
    return { resolved, problems: [...problems, ...obstacles] };
  };

  /** Rooms we put people in that are no longer mapped because a mapped room replaced them. */
  const findRetired = async (mapped: ReadonlySet<RoomId>): Promise<Retirement> => {
    const retired = new Set<RoomId>();
    const unread = new Set<RoomId>();
    const obstacles: Problem[] = [];
    for (const roomId of await store.rooms.entitled()) {
      if (mapped.has(roomId)) continue;
      const replacement = await orProblem(roomId, () => followUpgrades(homeserver, roomId));
      if (typeof replacement !== 'string') {
        unread.add(roomId);
        obstacles.push(replacement);
      } else if (mapped.has(replacement)) {
        retired.add(roomId);
      }
    }
    return { retired, unread, obstacles };
  };

  const guestsOf = async (
    roomId: RoomId,
    openings: Openings,
    roster: Roster,
  ): Promise<ReadonlyMap<ResourceId, Guest>> => {
    const openers = openersOf(openings, roomId);
    const groups = await store.people.membersOf(openers.groups);
    const users = openers.everybody ? await store.people.active() : [...groups.keys()];
    // Who share an account are one person: what opens to one of them opens to all.
    const shared = new Map<UserId, ResourceId[]>();
    for (const userId of users) {
      const account = roster.accounts.get(userId);
      if (account === undefined) continue;
      shared.set(account, [...new Set([...(shared.get(account) ?? []), ...(groups.get(userId) ?? [])])]);
    }
    return new Map(
      users.map((userId) => {
        const account = roster.accounts.get(userId);
        const own = account === undefined ? groups.get(userId) : shared.get(account);
        return [userId, { account, opening: openers.openingFor(own ?? []) }];
      }),
    );
  };

  /** Accounts of those in a group, or of all if it is `*`, of which some room is not known. */
  const inDoubt = async (
    openings: Openings,
    entries: readonly RosterEntry[],
  ): Promise<ReadonlySet<UserId>> => {
    const groups = [...openings.uncertain].flatMap((group) => (group === '*' ? [] : [group as ResourceId]));
    const members = await store.people.membersOf(groups);
    const isEverybody = openings.uncertain.has('*');
    const concerned = entries.filter(
      ({ userId, status }) => (isEverybody && status === 'active') || members.has(userId),
    );
    return new Set(concerned.map(({ account }) => account));
  };

  const lookAtRoom = async (
    roomId: RoomId,
    openings: Openings,
    roster: Roster,
    spot: Spotter,
  ): Promise<Problem | undefined> => {
    const joined = await orProblem(roomId, () => homeserver.joinedMembers(roomId));
    if (joined === undefined && openings.rooms.has(roomId)) return unknownRoom(roomId);
    if (joined !== undefined && 'message' in joined) return joined;
    const open = await guestsOf(roomId, openings, roster);
    const entitlements = await store.rooms.entitlements(roomId);
    const records = new Map(entitlements.map((each) => [each.account, each]));
    const { ended, missing } = takeCensus({ open, records, joined: joined ?? new Set() });
    const uncertain: ReadonlySet<string> = openings.uncertain;
    const certain = ended.filter((account) => {
      if (house.unread().has(roomId)) return false;
      const isOpenInDoubt = records.get(account)?.via.some((group) => uncertain.has(group)) === true;
      return !isOpenInDoubt || !roster.inDoubt.has(account);
    });
    await spot(
      certain.flatMap((account) => roster.holders.get(account) ?? []),
      'removal',
    );
    await spot(
      missing.filter((userId) => roster.accounts.has(userId)),
      'bulk',
    );
    return undefined;
  };

  const look: Survey['look'] = async (spot, signal) => {
    const problems: Problem[] = [];
    const entries = await store.people.roster();
    const openings = await house.openings();
    const roster = { ...toRoster(entries), inDoubt: await inDoubt(openings, entries) };
    for (const roomId of new Set([...openings.rooms, ...(await store.rooms.entitled())])) {
      signal.throwIfAborted();
      const problem = await lookAtRoom(roomId, openings, roster, spot);
      if (problem !== undefined) problems.push(problem);
    }
    await spot(await store.people.withoutAccount(), 'bulk');
    const unsettled = entries.filter((entry) => !isSettled(entry, policy));
    await spot(idsOf(unsettled.filter(({ status }) => status !== 'active')), 'removal');
    await spot(idsOf(unsettled.filter(({ status }) => status === 'active')), 'bulk');
    const differing = await orProblem('the list of accounts', () => differingAccounts(homeserver, entries));
    if ('message' in differing) problems.push(differing);
    else await spot(differing, 'bulk');
    return problems;
  };

  return { resolve, look };
}

const CHECK_MAP =
  'Correct the group map, or make the room; until then nobody is added to it or removed from it.';

function unknownRoom(target: string): Problem {
  return { target, message: `${target} is not known to the homeserver. ${CHECK_MAP}` };
}

const MOST_UPGRADES = 20;

/** The last room in a chain of upgrades. */
async function followUpgrades(homeserver: Homeserver, first: RoomId): Promise<RoomId> {
  let roomId = first;
  for (let step = 0; step < MOST_UPGRADES; step += 1) {
    const next = await homeserver.replacement(roomId);
    if (next === undefined) return roomId;
    roomId = next;
  }
  return roomId;
}

/** What goes wrong with one thing is a problem of that thing only. */
export async function orProblem<T>(target: string, read: () => Promise<T>): Promise<T | Problem> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof HomeserverError) || stopsEverything(error)) throw error;
    return { target, message: `${target}: ${error.message}` };
  }
}

type Retirement = {
  readonly retired: ReadonlySet<RoomId>;
  /** Those of which it could not be read. */
  readonly unread: ReadonlySet<RoomId>;
  readonly obstacles: readonly Problem[];
};
