import type { ResourceId } from '../directory/resource.ts';
import type { Homeserver } from '../matrix/homeserver.ts';
import { type RoomId, serverNameOf, type UserId } from '../matrix/ids.ts';
import { isSettled, takeCensus } from '../plan/census.ts';
import { type OffboardingPolicy, rungAt } from '../plan/offboarding.ts';
import type { Openings } from '../plan/openings.ts';
import type { RosterEntry, Store, Urgency } from '../store/store.ts';
import { createGuestList } from './guests.ts';
import type { House } from './house.ts';
import { emptyRoom, orProblem, type Problem, unknownRoom } from './problem.ts';
import { differingAccounts, idsOf, type Roster, toRoster } from './roster.ts';
import { createStepLog } from './steps.ts';

/** Told of people who need a look, as they are found. */
export type Spotter = (people: readonly ResourceId[], urgency: Urgency, why: Reason) => Promise<void>;

/** Why somebody needs a look; `isDrift` if the homeserver was changed by somebody else. */
export type Reason = { readonly text: string; readonly isDrift: boolean };

type Deps = {
  readonly store: Pick<Store, 'people' | 'rooms' | 'facts'>;
  readonly homeserver: Homeserver;
  readonly house: House;
  readonly bot: UserId;
  readonly policy: OffboardingPolicy;
  /** Told of rooms that need a look as a whole. */
  readonly onRooms: (rooms: readonly RoomId[]) => void;
  readonly now: () => number;
};

/** Compares every room and account with what they are to be. Changes nothing. Rejects when it is aborted. */
export type Survey = (spot: Spotter, signal: AbortSignal) => Promise<readonly Problem[]>;

/**
 * Reads the whole world. Rejects with a `HomeserverError` that `stopsEverything`; a single room that can't be
 * read is a problem of that room, and nobody is removed from it.
 */
export function createSurvey({ store, homeserver, house, bot, policy, onRooms, now }: Deps): Survey {
  const guestList = createGuestList({ store, house });

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
    levelled: ReadonlySet<RoomId>,
    spot: Spotter,
  ): Promise<Problem | undefined> => {
    const joined = await orProblem(roomId, () => homeserver.joinedMembers(roomId));
    if (joined === undefined && openings.rooms.has(roomId)) return unknownRoom(roomId);
    if (joined !== undefined && 'message' in joined) return joined;
    // A homeserver that has nobody in a room knows nothing of it, and can let nobody in.
    if (openings.rooms.has(roomId) && !hasOurs(joined, bot)) return emptyRoom(house.nameOf(roomId));
    const { byUser: open } = await guestList(roomId, roster.accounts);
    const entitlements = await store.rooms.entitlements(roomId);
    const records = new Map(entitlements.map((each) => [each.account, each]));
    const { ended, missing, lost } = takeCensus({ open, records, joined: joined ?? new Set() });
    const uncertain: ReadonlySet<string> = openings.uncertain;
    const certain = ended.filter((account) => {
      if (house.unread().has(roomId) || roster.keeping.has(account)) return false;
      const isOpenInDoubt =
        !openings.rooms.has(roomId) ||
        records.get(account)?.via.some((group) => uncertain.has(group)) === true;
      return !isOpenInDoubt || !roster.inDoubt.has(account);
    });
    const name = house.nameOf(roomId);
    await spot(
      certain.flatMap((account) => roster.holders.get(account) ?? []),
      'removal',
      { text: `${FULL_PASS}: nothing lets her into ${name} any more`, isDrift: false },
    );
    const present = missing.filter((userId) => roster.accounts.has(userId));
    await spot(
      present.filter((userId) => lost.has(userId)),
      'bulk',
      { text: `${FULL_PASS}: she was not in ${name} any more`, isDrift: true },
    );
    await spot(
      present.filter((userId) => !lost.has(userId)),
      'bulk',
      { text: `${FULL_PASS}: ${name} is open to her`, isDrift: false },
    );
    const guests = new Set([...open.values()].map(({ account }) => account));
    const isStray = (account: UserId): boolean =>
      account !== bot &&
      !guests.has(account) &&
      !records.has(account) &&
      serverNameOf(account) === serverNameOf(bot);
    const terms = openings.rooms.get(roomId);
    const hasStrays = terms?.mode === 'exclusive' && [...(joined ?? [])].some(isStray);
    if (hasStrays || terms?.hasLevels === true || levelled.has(roomId)) onRooms([roomId]);
    return undefined;
  };

  return async (spot, signal) => {
    const problems: Problem[] = [];
    const entries = await store.people.roster();
    const openings = await house.openings();
    const roster = {
      ...toRoster(entries),
      inDoubt: await inDoubt(openings, entries),
      keeping: keeping(entries, policy, now()),
    };
    const levelled = new Set(await store.rooms.withLevels());
    const rooms = new Set([...openings.rooms.keys(), ...(await store.rooms.entitled()), ...levelled]);
    for (const roomId of rooms) {
      signal.throwIfAborted();
      const problem = await lookAtRoom(roomId, openings, roster, levelled, spot);
      if (problem !== undefined) problems.push(problem);
    }
    await spot(await store.people.withoutAccount(), 'bulk', ROUTINE);
    const unsettled = entries.filter((entry) => !isSettled(entry, policy, now()));
    await spot(idsOf(unsettled.filter(({ status }) => status !== 'active')), 'removal', ROUTINE);
    await spot(idsOf(unsettled.filter(({ status }) => status === 'active')), 'bulk', ROUTINE);
    const begun = await createStepLog(store).open();
    await spot(
      begun.flatMap((account) => roster.holders.get(account) ?? []),
      'removal',
      ROUTINE,
    );
    const differing = await orProblem('the list of accounts', () => differingAccounts(homeserver, entries));
    if ('message' in differing) problems.push(differing);
    else {
      for (const { userId, drift } of differing) {
        await spot([userId], 'bulk', { text: `${FULL_PASS}: the account ${drift}`, isDrift: true });
      }
    }
    return problems;
  };
}

/** Accounts of those who left and whose ladder lets them keep their rooms yet. */
function keeping(
  entries: readonly RosterEntry[],
  { onDelete, onDeactivate }: OffboardingPolicy,
  now: number,
): ReadonlySet<UserId> {
  const found = new Set<UserId>();
  for (const [account, users] of Map.groupBy(entries, (entry) => entry.account)) {
    const since = users.find(({ inactiveSince }) => inactiveSince !== undefined)?.inactiveSince;
    if (since === undefined || users.some(({ status }) => status === 'active')) continue;
    const ladder = users.every(({ status }) => status === 'deleted') ? onDelete : onDeactivate;
    if (!rungAt(ladder, since, now).takesRooms) found.add(account);
  }
  return found;
}

function hasOurs(joined: ReadonlySet<UserId> | undefined, bot: UserId): boolean {
  return [...(joined ?? [])].some((account) => serverNameOf(account) === serverNameOf(bot));
}

/** What the cause of all begins with that a full pass found. */
export const FULL_PASS = 'full pass';

const ROUTINE: Reason = { text: FULL_PASS, isDrift: false };
