import type { ResourceId } from '../directory/resource.ts';
import { HomeserverError } from '../matrix/error.ts';
import type { Homeserver } from '../matrix/homeserver.ts';
import { parseRoomAlias, parseRoomId, type RoomId, type UserId } from '../matrix/ids.ts';
import { hasDrifted, isSettled, type OffboardingPolicy, takeCensus } from '../plan/census.ts';
import type { GroupMap } from '../plan/group-map.ts';
import { type Openings, openersOf } from '../plan/openings.ts';
import type { RosterEntry, Store, Urgency } from '../store/store.ts';
import { stopsEverything } from './executor.ts';
import type { House } from './house.ts';

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
  /** Compares every room and account with what they are to be. Changes nothing. */
  look(spot: Spotter): Promise<readonly Problem[]>;
};

/**
 * Reads the whole world. Rejects with a `HomeserverError` that `stopsEverything`; a single room that can't be
 * read is a problem of that room, and nobody is removed from it.
 */
export function createSurvey({ store, homeserver, house, map, policy }: Deps): Survey {
  /** The room of a target today, following upgrades. */
  const resolveTarget = async (target: string): Promise<RoomId | Problem> => {
    const alias = parseRoomAlias(target);
    const named = alias === undefined ? parseRoomId(target) : await homeserver.resolveAlias(alias);
    if (named === undefined)
      return { target, message: `${target} is not an alias of any room. ${CHECK_MAP}` };
    return followUpgrades(homeserver, named);
  };

  const resolve: Survey['resolve'] = async () => {
    const targets = new Set(map().rules.flatMap((rule) => rule.targets.map((each) => each.room as string)));
    const known = await store.rooms.resolutions();
    const resolved = new Map<string, RoomId>();
    const problems: Problem[] = [];
    for (const target of targets) {
      const found = await orProblem(target, () => resolveTarget(target));
      const last = known.get(target);
      if (typeof found === 'string') resolved.set(target, found);
      else {
        problems.push(found);
        if (last !== undefined) resolved.set(target, last);
      }
    }
    house.learn({ resolved, retired: await findRetired(new Set(resolved.values())) });
    return { resolved, problems };
  };

  /** Rooms we put people in that are no longer mapped because a mapped room replaced them. */
  const findRetired = async (mapped: ReadonlySet<RoomId>): Promise<ReadonlySet<RoomId>> => {
    const retired = new Set<RoomId>();
    for (const roomId of await store.rooms.entitled()) {
      if (mapped.has(roomId)) continue;
      const replacement = await orProblem(roomId, () => followUpgrades(homeserver, roomId));
      if (typeof replacement === 'string' && mapped.has(replacement)) retired.add(roomId);
    }
    return retired;
  };

  const lookAtRoom = async (
    roomId: RoomId,
    openings: Openings,
    roster: Roster,
    spot: Spotter,
  ): Promise<Problem | undefined> => {
    const joined = await orProblem(roomId, () => homeserver.joinedMembers(roomId));
    if (joined === undefined) {
      return { target: roomId, message: `${roomId} is not known to the homeserver. ${CHECK_MAP}` };
    }
    if ('message' in joined) return joined;
    const openers = openersOf(openings, roomId);
    const users = openers.everybody
      ? await store.people.active()
      : [...(await store.people.membersOf(openers.groups)).keys()];
    const open = new Map(users.map((userId) => [userId, roster.accounts.get(userId)]));
    const entitlements = await store.rooms.entitlements(roomId);
    const records = new Map(entitlements.map((each) => [each.account, each]));
    const { ended, missing } = takeCensus({ open, records, joined });
    await spot(
      ended.flatMap((account) => roster.holders.get(account) ?? []),
      'removal',
    );
    await spot(
      missing.filter((userId) => roster.accounts.has(userId)),
      'bulk',
    );
    return undefined;
  };

  const look: Survey['look'] = async (spot) => {
    const problems: Problem[] = [];
    const entries = await store.people.roster();
    const roster = toRoster(entries);
    const openings = await house.openings();
    for (const roomId of new Set([...openings.rooms, ...(await store.rooms.entitled())])) {
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

type Roster = {
  readonly accounts: ReadonlyMap<ResourceId, UserId>;
  readonly holders: ReadonlyMap<UserId, readonly ResourceId[]>;
};

function toRoster(entries: readonly RosterEntry[]): Roster {
  const accounts = new Map<ResourceId, UserId>();
  const holders = new Map<UserId, ResourceId[]>();
  for (const { userId, account } of entries) {
    accounts.set(userId, account);
    holders.set(account, [...(holders.get(account) ?? []), userId]);
  }
  return { accounts, holders };
}

function idsOf(entries: readonly RosterEntry[]): readonly ResourceId[] {
  return entries.map(({ userId }) => userId);
}

/** Holders of accounts that somebody else changed, or that the homeserver has lost. */
async function differingAccounts(
  homeserver: Homeserver,
  entries: readonly RosterEntry[],
): Promise<readonly ResourceId[]> {
  const expected = new Map<UserId, RosterEntry>();
  for (const entry of entries) {
    if (expected.get(entry.account)?.status !== 'active') expected.set(entry.account, entry);
  }
  const differing: RosterEntry[] = [];
  for await (const account of homeserver.accounts()) {
    const entry = expected.get(account.userId);
    if (entry !== undefined && hasDrifted(entry, account)) differing.push(entry);
    expected.delete(account.userId);
  }
  const lost = [...expected.values()].filter(({ status }) => status === 'active');
  return idsOf([...differing, ...lost]);
}
