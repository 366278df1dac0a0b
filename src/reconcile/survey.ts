import type { ResourceId } from '../directory/resource.ts';
import type { Homeserver } from '../matrix/homeserver.ts';
import { type RoomId, serverNameOf, type UserId } from '../matrix/ids.ts';
import { forEach, inPieces, othersTurn } from '../pieces.ts';
import { isEnded, isSettled, needOf, type RoomCensus } from '../plan/census.ts';
import { type OffboardingPolicy, rungAt } from '../plan/offboarding.ts';
import type { Openings } from '../plan/openings.ts';
import type { RoomRecord } from '../plan/rooms.ts';
import type { RosterEntry, Store, Urgency } from '../store/store.ts';
import { surveyAdmins } from './admin-survey.ts';
import { createGuestList } from './guests.ts';
import type { House } from './house.ts';
import { emptyRoom, orProblem, type Problem, unknownRoom } from './problem.ts';
import { differingAccounts, idsOf, type Roster, readRoster } from './roster.ts';
import { createStepLog } from './steps.ts';

/** Told of people who need a look, as they are found. */
export type Spotter = (people: readonly ResourceId[], urgency: Urgency, why: Reason) => Promise<void>;

/** Why somebody needs a look; `isDrift` if the homeserver was changed by somebody else. */
export type Reason = { readonly text: string; readonly isDrift: boolean };

type Deps = {
  readonly store: Pick<Store, 'people' | 'survey' | 'rooms' | 'facts'>;
  readonly homeserver: Homeserver;
  readonly house: House;
  readonly bot: UserId;
  readonly policy: OffboardingPolicy;
  /** Told of rooms that need a look as a whole. */
  readonly onRooms: (rooms: readonly RoomId[]) => void;
  /** How many rooms are read at once. */
  readonly readers: number;
  readonly now: () => number;
};

/** Compares every room and account with what they are to be. Changes nothing. Rejects when it is aborted. */
export type Survey = (spot: Spotter, signal: AbortSignal) => Promise<readonly Problem[]>;

/**
 * Reads the whole world. Rejects with a `HomeserverError` that `stopsEverything`; a single room that can't be
 * read is a problem of that room, and nobody is removed from it.
 */
export function createSurvey({ store, homeserver, house, bot, policy, onRooms, readers, now }: Deps): Survey {
  const guestList = createGuestList({ store, house });

  /** Accounts of those in a group, or of all if it is `*`, of which some room is not known. */
  const inDoubt = async (openings: Openings, { entries, seating }: Roster): Promise<ReadonlySet<UserId>> => {
    const doubtful = new Set<UserId>();
    if (openings.uncertain.has('*')) {
      for (const { account, status } of entries) if (status === 'active') doubtful.add(account);
    }
    for (const group of openings.uncertain) {
      if (group === '*') continue;
      for await (const numbers of store.survey.numbersIn(group)) {
        for await (const seats of seating.seatsOf(numbers)) {
          for (const { account } of seats) if (account !== undefined) doubtful.add(account);
        }
      }
    }
    return doubtful;
  };

  const recordsOf = async (roomId: RoomId): Promise<ReadonlyMap<UserId, RoomRecord>> => {
    const records = new Map<UserId, RoomRecord>();
    for await (const piece of store.survey.records(roomId)) {
      for (const { accounts, record } of piece) for (const account of accounts) records.set(account, record);
    }
    return records;
  };

  const lookAtRoom = async (roomId: RoomId, world: World, spot: Spotter): Promise<Problem | undefined> => {
    const { openings, roster } = world;
    const joined = await orProblem(roomId, () => homeserver.joinedMembers(roomId));
    if (joined === undefined && openings.rooms.has(roomId)) return unknownRoom(roomId);
    if (joined !== undefined && 'message' in joined) return joined;
    // A homeserver that has nobody in a room knows nothing of it, and can let nobody in.
    if (openings.rooms.has(roomId) && !hasOurs(joined, bot)) return emptyRoom(house.nameOf(roomId));
    const { open } = await guestList(roomId, roster.seating);
    const records = await recordsOf(roomId);
    const room: RoomCensus = { open, records, joined: joined ?? new Set() };
    const findings = await findIn(room, (account) => isEndedForCertain(roomId, room, account, world));
    const name = house.nameOf(roomId);
    const tell = async (accounts: readonly UserId[], urgency: Urgency, isDrift: boolean, what: string) => {
      const holders = accounts.flatMap((account) => roster.holdersOf(account));
      const concerned = holders.filter(({ status }) => urgency === 'removal' || status === 'active');
      await spot(idsOf(concerned), urgency, { text: `${FULL_PASS}: ${what}`, isDrift });
    };
    await tell(findings.ended, 'removal', false, `nothing lets her into ${name} any more`);
    await tell(findings.lost, 'bulk', true, `she was not in ${name} any more`);
    await tell(findings.missing, 'bulk', false, `${name} is open to her`);
    const terms = openings.rooms.get(roomId);
    const hasStrays = terms?.mode === 'exclusive' && (await hasStrayIn(room));
    if (hasStrays || terms?.hasLevels === true || world.levelled.has(roomId)) onRooms([roomId]);
    return undefined;
  };

  const isEndedForCertain = (
    roomId: RoomId,
    room: RoomCensus,
    account: UserId,
    { openings, doubtful, keeping }: World,
  ): boolean => {
    if (!isEnded(room, account)) return false;
    if (house.unread().has(roomId) || keeping.has(account)) return false;
    const uncertain: ReadonlySet<string> = openings.uncertain;
    const isOpenInDoubt =
      !openings.rooms.has(roomId) ||
      room.records.get(account)?.via.some((group) => uncertain.has(group)) === true;
    return !isOpenInDoubt || !doubtful.has(account);
  };

  const hasStrayIn = async ({ open, records, joined }: RoomCensus): Promise<boolean> => {
    for await (const some of inPieces([...joined], PEOPLE)) {
      const isStray = (account: UserId): boolean =>
        account !== bot &&
        !open.has(account) &&
        !records.has(account) &&
        serverNameOf(account) === serverNameOf(bot);
      if (some.some(isStray)) return true;
    }
    return false;
  };

  return async (spot, signal) => {
    const roster = await readRoster(store);
    const openings = await house.openings();
    const world: World = {
      openings,
      roster,
      doubtful: await inDoubt(openings, roster),
      keeping: keeping(roster.entries, policy, now()),
      levelled: new Set(await store.rooms.withLevels()),
    };
    const rooms = [
      ...new Set([...openings.rooms.keys(), ...(await store.rooms.entitled()), ...world.levelled]),
    ];
    const found = new Map<RoomId, Problem>();
    await forEach(rooms, readers, async (roomId) => {
      signal.throwIfAborted();
      await othersTurn();
      const problem = await lookAtRoom(roomId, world, spot);
      if (problem !== undefined) found.set(roomId, problem);
    });
    const problems = rooms.flatMap((roomId) => found.get(roomId) ?? []);
    for await (const people of store.survey.withoutAccount()) await spot(people, 'bulk', ROUTINE);
    for await (const some of inPieces(roster.entries, PEOPLE)) {
      const unsettled = some.filter((entry) => !isSettled(entry, policy, now()));
      await spot(idsOf(unsettled.filter(({ status }) => status !== 'active')), 'removal', ROUTINE);
      await spot(idsOf(unsettled.filter(({ status }) => status === 'active')), 'bulk', ROUTINE);
    }
    const begun = await createStepLog(store).open();
    const holders = begun.flatMap((account) => roster.holdersOf(account));
    await spot(idsOf(holders), 'removal', ROUTINE);
    const misplaced = await surveyAdmins({ store, homeserver }, openings, roster);
    if ('message' in misplaced) problems.push(misplaced);
    else {
      for (const { entries, urgency, what, isDrift } of misplaced) {
        await spot(idsOf(entries), urgency, { text: `${FULL_PASS}: ${what}`, isDrift });
      }
    }
    const differing = await orProblem('the list of accounts', () =>
      differingAccounts(homeserver, roster.entries),
    );
    signal.throwIfAborted();
    if ('message' in differing) return [...problems, differing];
    for (const { userId, drift } of differing) {
      await spot([userId], 'bulk', { text: `${FULL_PASS}: the account ${drift}`, isDrift: true });
    }
    return problems;
  };
}

/** People in one go: some milliseconds. */
const PEOPLE = 5_000;

/** What is the same for all rooms of one pass. */
type World = {
  readonly openings: Openings;
  readonly roster: Roster;
  /** Whose entitlements may only seem to have ended, since a room of the map is not known. */
  readonly doubtful: ReadonlySet<UserId>;
  /** Who left, and keeps her rooms yet. */
  readonly keeping: ReadonlySet<UserId>;
  /** Rooms in which we gave somebody a level. */
  readonly levelled: ReadonlySet<RoomId>;
};

type Findings = Readonly<Record<'ended' | 'lost' | 'missing', readonly UserId[]>>;

/** Accounts that need a look in one room. */
async function findIn(room: RoomCensus, isOver: (account: UserId) => boolean): Promise<Findings> {
  const found = { ended: [] as UserId[], lost: [] as UserId[], missing: [] as UserId[] };
  for await (const some of inPieces([...room.open], PEOPLE)) {
    for (const [account, { opening }] of some) {
      const need = needOf(room, account, opening);
      if (need !== undefined) found[need].push(account);
    }
  }
  for await (const some of inPieces([...room.records.keys()], PEOPLE)) {
    found.ended.push(...some.filter(isOver));
  }
  return found;
}

/** Accounts of those who left and whose ladder lets them keep their rooms yet. */
function keeping(
  entries: readonly RosterEntry[],
  { onDelete, onDeactivate }: OffboardingPolicy,
  now: number,
): ReadonlySet<UserId> {
  const found = new Set<UserId>();
  // It is the same for all who share the account.
  const gone = entries.filter(({ inactiveSince }) => inactiveSince !== undefined);
  for (const [account, users] of Map.groupBy(gone, (entry) => entry.account)) {
    const since = users.find(({ inactiveSince }) => inactiveSince !== undefined)?.inactiveSince;
    if (since === undefined || users.some(({ status }) => status === 'active')) continue;
    const ladder = users.every(({ status }) => status === 'deleted') ? onDelete : onDeactivate;
    if (!rungAt(ladder, since, now).takesRooms) found.add(account);
  }
  return found;
}

function hasOurs(joined: ReadonlySet<UserId> | undefined, bot: UserId): boolean {
  for (const account of joined ?? []) if (serverNameOf(account) === serverNameOf(bot)) return true;
  return false;
}

/** What the cause of all begins with that a full pass found. */
export const FULL_PASS = 'full pass';

const ROUTINE: Reason = { text: FULL_PASS, isDrift: false };
