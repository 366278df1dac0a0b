import { type Profile, profileOf } from '../directory/user.ts';
import type { Account, Homeserver } from '../matrix/homeserver.ts';
import { type RoomId, serverNameOf, type UserId } from '../matrix/ids.ts';
import { beyondReach, powerOf, powerWithin } from '../matrix/power.ts';
import { inPieces, whole } from '../pieces.ts';
import { protection } from '../plan/account-conflict.ts';
import type { AccountPolicy } from '../plan/account-view.ts';
import { type LevelsPlan, planLevels } from '../plan/levels.ts';
import { deriveAccount } from '../plan/localpart.ts';
import type { Store } from '../store/store.ts';
import { createGuestList, type Guests } from './guests.ts';
import { oursOf } from './holders.ts';
import type { House } from './house.ts';
import type { Problem } from './problem.ts';

/** What to do about a room as a whole. */
export type RoomPlan = {
  /** In an `exclusive` room, members of ours whom no group lets in; undefined if that is not known at present. */
  readonly strays: readonly UserId[] | undefined;
  /** Strangers too, whom nobody can remove: their power is not below the bot's. */
  readonly unreachable: ReadonlySet<UserId>;
  /** Undefined if the room could not be looked at. */
  readonly levels: LevelsPlan | undefined;
  /** Whose level is lowered and who is not in the room: nothing is taken from them that they have the use of. */
  readonly absent: ReadonlySet<UserId>;
  /** Whose entitlement ended and who is not removed yet: it is not known what level she is to have after it. */
  readonly staying: ReadonlySet<UserId>;
  /** Whether the bot lacks power for these levels, and should take what there is. */
  readonly needsPower: boolean;
  readonly problems: readonly Problem[];
};

/** Reads a room, and plans. Rejects with a `HomeserverError` if it can't be read, and when it is aborted. */
export type RoomPlanner = (roomId: RoomId, signal?: AbortSignal) => Promise<RoomPlan>;

type Deps = {
  readonly store: Pick<Store, 'people' | 'survey' | 'rooms'>;
  readonly homeserver: Homeserver;
  readonly house: House;
  readonly policy: AccountPolicy & { readonly serverName: string; readonly localpart: string };
};

type Levels = Pick<RoomPlan, 'levels' | 'absent' | 'staying' | 'needsPower'>;

const NO_LEVELS: Levels = { levels: undefined, absent: new Set(), staying: new Set(), needsPower: false };
const NOT_KNOWN: RoomPlan = { ...NO_LEVELS, strays: undefined, unreachable: new Set(), problems: [] };
const NOTHING_TO_LOWER: LevelsPlan = {
  raised: new Map(),
  lowered: new Map(),
  records: new Map(),
  beyond: new Map(),
};
const NOTHING: RoomPlan = {
  ...NO_LEVELS,
  strays: [],
  unreachable: new Set(),
  levels: NOTHING_TO_LOWER,
  problems: [],
};

/** Each takes a read of our own store. */
const PEOPLE = 100;

export function createRoomPlanner({ store, homeserver, house, policy }: Deps): RoomPlanner {
  const guestList = createGuestList({ store, house });

  /** Guests who have no account yet: one that is in the room may turn out to be theirs. */
  const awaitedAmong = async (guests: Guests): Promise<readonly Profile[]> => {
    const awaited: Profile[] = [];
    for await (const some of inPieces([...guests.awaited], PEOPLE)) {
      for (const userId of some) {
        const person = await store.people.person(userId);
        if (person !== undefined) awaited.push(profileOf(person.user.attributes));
      }
    }
    return awaited;
  };

  const mayBe = (account: Account, profile: Profile): boolean => {
    const derived = deriveAccount(policy.localpart, profile, policy.serverName);
    if (derived.kind === 'derived' && derived.account === account.userId) return true;
    return account.externalIds.some(
      ({ provider, id }) => provider === policy.provider && id === profile.externalId,
    );
  };

  const isProtected = async (account: Account): Promise<boolean> => {
    const { isAdmin } = oursOf(account.admin ? await store.people.linksOf(account.userId) : []);
    return protection(account, policy, isAdmin) !== undefined;
  };

  /** Members of ours whom no group lets in, and who never had a record here: those are looked at as persons. */
  const straysIn = async (
    roomId: RoomId,
    guests: Guests,
    signal: AbortSignal | undefined,
  ): Promise<readonly UserId[]> => {
    const joined = (await homeserver.joinedMembers(roomId)) ?? new Set<UserId>();
    const recorded = new Set((await whole(store.survey.records(roomId))).flatMap(({ accounts }) => accounts));
    const awaited = await awaitedAmong(guests);
    const found: UserId[] = [];
    for (const account of joined) {
      const isKnown = guests.open.has(account) || recorded.has(account) || account === policy.bot;
      if (isKnown || serverNameOf(account) !== policy.serverName) continue;
      signal?.throwIfAborted();
      const state = await homeserver.account(account);
      if (state === undefined || (await isProtected(state))) continue;
      if (!awaited.some((profile) => mayBe(state, profile))) found.push(account);
    }
    return found;
  };

  /** Whom nobody can remove, since her power is not below what the bot has or can be given. */
  const beyondReachAmong = async (
    roomId: RoomId,
    accounts: readonly UserId[],
  ): Promise<ReadonlySet<UserId>> => {
    const room = accounts.length === 0 ? undefined : await homeserver.room(roomId);
    if (room === undefined) return new Set();
    const strong = new Set(beyondReach(room, policy.bot, powerWithin(room, policy.bot)));
    return new Set(accounts.filter((account) => strong.has(account)));
  };

  const canBeGivenMore = async (roomId: RoomId): Promise<boolean> => {
    const room = await homeserver.room(roomId);
    return room !== undefined && powerWithin(room, policy.bot) > powerOf(room, policy.bot);
  };

  /** Who is never touched keeps what she has. */
  const protectedAmong = async (accounts: Iterable<UserId>): Promise<ReadonlySet<UserId>> => {
    const found = new Set<UserId>();
    for (const userId of accounts) {
      const account = await homeserver.account(userId);
      if (account !== undefined && (await isProtected(account))) found.add(userId);
    }
    return found;
  };

  const levelsOf = async (roomId: RoomId, { open }: Guests): Promise<Levels> => {
    const power = await homeserver.roomPower(roomId);
    if (power === undefined) return NO_LEVELS;
    const records = await whole(store.survey.records(roomId));
    const isIn = records.filter(({ record }) => record.state === 'joined');
    const joined = new Set(isIn.flatMap(({ accounts }) => accounts));
    const wanted = new Map<UserId, number>();
    for (const [account, { opening }] of open) {
      const { powerLevel } = opening;
      if (powerLevel !== undefined && joined.has(account) && account !== policy.bot) {
        wanted.set(account, powerLevel);
      }
    }
    const given = await store.rooms.levels(roomId);
    const staying = new Set([...joined].filter((account) => !open.has(account)));
    const all = planLevels({ power, bot: policy.bot, wanted, given, staying });
    const untouched = await protectedAmong([...all.raised.keys(), ...all.lowered.keys()]);
    const levels: LevelsPlan = {
      ...all,
      raised: new Map([...all.raised].filter(([account]) => !untouched.has(account))),
      lowered: new Map([...all.lowered].filter(([account]) => !untouched.has(account))),
    };
    const members = levels.lowered.size === 0 ? undefined : await homeserver.joinedMembers(roomId);
    const { users, usersDefault, change } = power.powerLevels;
    const mayChange = power.creators.has(policy.bot) || (users.get(policy.bot) ?? usersDefault) >= change;
    const stuck = [...levels.beyond.keys()].filter((account) => !power.creators.has(account)).length;
    const isIdle = levels.raised.size + levels.lowered.size + stuck === 0;
    return {
      levels,
      staying,
      absent: new Set([...levels.lowered.keys()].filter((account) => members?.has(account) !== true)),
      needsPower: !isIdle && (!mayChange || (stuck > 0 && (await canBeGivenMore(roomId)))),
    };
  };

  return async (roomId, signal) => {
    if (house.unread().has(roomId)) return NOT_KNOWN;
    if (house.retired().has(roomId)) return NOTHING;
    const openings = await house.openings();
    const terms = openings.rooms.get(roomId);
    const isExclusive = terms?.mode === 'exclusive';
    // A room that is not in the map at present may be one whose name is not known.
    const isUnknown = openings.uncertain.size > 0 || terms?.isAwaited === true;
    const hasLevels = terms?.hasLevels === true || (await store.rooms.levels(roomId)).size > 0;
    const guests = isExclusive || hasLevels ? await guestList(roomId) : undefined;
    const found =
      isExclusive && guests !== undefined && !isUnknown ? await straysIn(roomId, guests, signal) : [];
    const unreachable = await beyondReachAmong(roomId, found);
    const strays = found.filter((account) => !unreachable.has(account));
    const levels = hasLevels && guests !== undefined ? await levelsOf(roomId, guests) : NOTHING;
    return {
      strays: isUnknown && (isExclusive || terms === undefined) ? undefined : strays,
      unreachable,
      levels: levels.levels,
      absent: levels.absent,
      staying: levels.staying,
      needsPower: levels.needsPower,
      problems:
        unreachable.size > 0
          ? [{ target: roomId, message: tooStrong(house.nameOf(roomId), unreachable) }]
          : isExclusive && isUnknown
            ? [{ target: roomId, message: unknownGuests(house.nameOf(roomId), terms.isAwaited) }]
            : [],
    };
  };
}

function tooStrong(name: string, accounts: ReadonlySet<UserId>): string {
  const who = [...accounts].join(', ');
  return `${name} is exclusive, and no group lets these in, but their power is not below the bot's, so they can't be removed: ${who}. Lower it in the room, or name them in PROTECTED_USERS.`;
}

function unknownGuests(name: string, isAwaited: boolean): string {
  const why = isAwaited ? 'a group that opens it was never pushed' : 'some room of the map is not known';
  return `${name} is exclusive, but ${why}: so nobody is removed from it who was not let in by a group.`;
}
