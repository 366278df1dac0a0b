import type { ResourceId } from '../directory/resource.ts';
import { profileOf } from '../directory/user.ts';
import type { Account, Homeserver, Restriction } from '../matrix/homeserver.ts';
import type { RoomId, UserId } from '../matrix/ids.ts';
import { planActiveAccount, planInactiveAccount } from '../plan/account.ts';
import { noAccountName } from '../plan/account-conflict.ts';
import {
  type AccountPlan,
  type AccountPolicy,
  type AccountView,
  accountIdOf,
  type Ours,
  type PossibleView,
} from '../plan/account-view.ts';
import { inOrder, takesAway } from '../plan/change.ts';
import type { TakeAway } from '../plan/guard.ts';
import type { OffboardingPolicy } from '../plan/offboarding.ts';
import type { Opening } from '../plan/openings.ts';
import { needsSender, planRooms, type RoomRecord, type RoomsPlan, type Standing } from '../plan/rooms.ts';
import type { AccountLink, Person, Store } from '../store/store.ts';
import { createAccountFinder } from './account-finder.ts';
import { createAdminPlanner, type RightPlan } from './admin-planner.ts';
import {
  createHolderFinder,
  type Entitled,
  type Holders,
  isHers,
  knownView,
  oursOf,
  rungOf,
  sharedWrongly,
} from './holders.ts';
import type { House } from './house.ts';
import { emptyPlan, linksAfter, nothingLeft, type PersonPlan } from './person-plan.ts';
import { createStepLog } from './steps.ts';

export type PersonPolicy = AccountPolicy &
  OffboardingPolicy & {
    readonly serverName: string;
    /** The template of LOCALPART. */
    readonly localpart: string;
    readonly provision: 'all' | 'mapped';
  };

export type PersonPlanner = (userId: ResourceId) => Promise<PersonPlan>;

type Deps = {
  readonly store: Pick<Store, 'people' | 'facts'>;
  readonly homeserver: Homeserver;
  readonly house: House;
  readonly policy: PersonPolicy;
  readonly now: () => number;
};

const NO_ROOMS: RoomsPlan = {
  changes: [],
  records: new Map(),
  ended: [],
  undecided: new Set(),
  findings: [],
  words: new Map(),
};

function isDecidedIn({ undecided }: RoomsPlan, { kind, roomId }: TakeAway): boolean {
  return kind === 'kick' && roomId !== undefined && !undecided.has(roomId);
}

/** Reads what the homeserver says of a person, and plans. Rejects with `HomeserverError` if it can't be read. */
export function createPersonPlanner({ store, homeserver, house, policy, now }: Deps): PersonPlanner {
  const finder = createAccountFinder(homeserver, policy);
  const steps = createStepLog(store);
  const planRight = createAdminPlanner(homeserver, policy.bot);
  const { holdersOf, entitlementOf } = createHolderFinder({ store, house });

  /** The account of somebody who has none yet; undefined if she is to have none. */
  const firstView = async (self: Person): Promise<AccountView | undefined> => {
    const profile = profileOf(self.user.attributes);
    if (!profile.active) return policy.provision === 'all' ? finder.findLinked(profile) : undefined;
    if (policy.provision === 'all') return finder.find(profile);
    const { open, isAdmin } = await entitlementOf([self]);
    return open.size > 0 || isAdmin ? finder.find(profile) : undefined;
  };

  const planRoomsOf = async (
    account: UserId,
    exists: boolean,
    { active }: Holders,
    { open, uncertain }: Entitled,
  ): Promise<RoomsPlan> => {
    const entitlements = await store.people.entitlements(account);
    const { rooms } = await house.openings();
    // Nobody is removed from a room that is additive now, whatever it was when she was let in.
    const records = new Map<RoomId, RoomRecord>(
      entitlements
        .filter(({ roomId }) => open.has(roomId) || !house.unread().has(roomId))
        .map((each) => [each.roomId, rooms.get(each.roomId)?.mode === 'additive' ? gentle(each) : each]),
    );
    const standings = exists
      ? await readStandings(homeserver, account, open, records)
      : new Map<RoomId, Standing>();
    for (const roomId of house.retired()) standings.delete(roomId);
    const plan = planRooms({
      ...{ account, bot: policy.bot, open, uncertain, records, standings },
      isMapped: (roomId) => rooms.has(roomId),
      wordsOf: (roomId) => (active.length === 0 ? undefined : rooms.get(roomId)?.words),
    });
    return { ...plan, undecided: new Set([...plan.undecided, ...house.unread()]) };
  };

  const recordedRooms = async (accountId: UserId): Promise<readonly RoomId[]> =>
    (await store.people.entitlements(accountId)).map(({ roomId }) => roomId);

  /** `view` is of a person without a link; one with a link is looked up by it. */
  const plan = async (
    userId: ResourceId,
    self: Person | undefined,
    accountId: UserId,
    view: PossibleView | undefined,
  ): Promise<PersonPlan> => {
    const holders = await holdersOf(accountId, self);
    const taken = view && self && sharedWrongly(view, self, holders);
    if (taken !== undefined) return { ...emptyPlan(userId), account: accountId, findings: [taken] };
    const account = view === undefined ? await homeserver.account(accountId) : accountIn(view);
    const isNobodys =
      account === undefined || (holders.links.length > 0 && !isHers(holders, account, undefined));
    if (holders.active.length === 0 && isNobodys) {
      return nothingLeft(userId, accountId, holders, await recordedRooms(accountId));
    }
    const rung = rungOf(holders, policy, now());
    const entitled = await entitlementOf(holders.active);
    const ours = { ...oursOf(holders.links), beneath: await steps.beneath(accountId) };
    const right = await planRight(accountId, account, ours, entitled.isAdmin);
    const restriction = right.isLast ? undefined : rung?.restriction;
    const accountPlan = await planAccount(holders, accountId, account, view, ours, restriction);
    const roomsPlan = async (): Promise<RoomsPlan> =>
      rung?.takesRooms === false
        ? NO_ROOMS
        : planRoomsOf(accountId, account !== undefined, holders, entitled);
    if (accountPlan.kind === 'conflict') {
      const conflict = { ...emptyPlan(userId), account: accountId, findings: [accountPlan.finding] };
      return inConflict(conflict, holders, right, roomsPlan, () => recordedRooms(accountId));
    }
    const rooms = await roomsPlan();
    const after = { ...accountPlan.ours, isAdmin: right.isOurs };
    return {
      userId,
      account: accountId,
      changes: inOrder([...accountPlan.changes, ...right.changes, ...rooms.changes]),
      findings: [...right.findings, ...accountPlan.findings, ...rooms.findings],
      ...linksAfter(userId, accountId, holders, after, account !== undefined, now()),
      records: rooms.records,
      ended: rooms.ended,
      words: rooms.words,
      edition: 0,
      isDecided: (change) =>
        change.kind === 'restrict' || change.kind === 'revoke-admin' || isDecidedIn(rooms, change),
    };
  };

  const planAccount = async (
    holders: Holders,
    accountId: UserId,
    account: Account | undefined,
    view: PossibleView | undefined,
    ours: Ours,
    restriction: Restriction | undefined,
  ): Promise<AccountPlan> => {
    const [lead] = holders.active;
    if (lead === undefined) {
      if (account === undefined) throw new TypeError('nobody is to have an account that does not exist');
      return planInactiveAccount(account, ours, restriction, policy);
    }
    const profile = profileOf(lead.user.attributes);
    // Only her own link or her external id say that it is hers: a name may have been somebody else's before.
    const isProven = view === undefined || view.kind === 'found';
    const known = (isProven ? knownView(holders, accountId, account, ours, profile) : undefined) ?? view;
    if (known === undefined) throw new TypeError('a person without a link needs a view');
    return planActiveAccount(known, profile, await finder.owners(known, profile), policy);
  };

  const planFor: PersonPlanner = async (userId) => {
    const self = await store.people.person(userId);
    const link = await store.people.link(userId);
    if (link !== undefined) return plan(userId, self, link.account, undefined);
    const view = self && (await firstView(self));
    if (self === undefined || view === undefined) return emptyPlan(userId);
    if (view.kind === 'impossible') return { ...emptyPlan(userId), findings: [noAccountName(view.reason)] };
    return plan(userId, self, accountIdOf(view), view);
  };

  // By which map and rooms it is, is said by what was known when it began.
  return async (userId) => {
    const edition = house.edition();
    return { ...(await planFor(userId)), edition };
  };
}

/**
 * What a conflict lets happen all the same to an account that she was given before: nothing is given, but what we
 * let it into is taken when that ends. Of a protected account whose user was deleted, we let go.
 */
async function inConflict(
  plan: PersonPlan,
  holders: Holders,
  right: RightPlan,
  planRooms: () => Promise<RoomsPlan>,
  recordedRooms: () => Promise<readonly RoomId[]>,
): Promise<PersonPlan> {
  const [finding] = plan.findings;
  // Whoever is in conflict about an account that is another user's decides nothing about it.
  if (finding === undefined || !holders.links.some(({ userId }) => userId === plan.userId)) return plan;
  if (finding.code !== 'protected-account') {
    const rooms = await planRooms();
    const { changes, ended, words } = rooms;
    const links = withoutClock(holders);
    const taken = inOrder([...right.changes, ...changes].filter(takesAway));
    const isDecided = (change: TakeAway): boolean =>
      change.kind === 'revoke-admin' || isDecidedIn(rooms, change);
    return { ...plan, changes: taken, ended, words, isDecided, linksNow: links, links };
  }
  if (holders.persons.length > 0) return plan;
  return {
    ...plan,
    findings: [{ ...finding, blocking: false }],
    superseded: holders.links.map(({ userId }) => userId),
    ended: await recordedRooms(),
  };
}

/** She is back, though she can't have her account: the next time that she leaves, the ladder begins anew. */
function withoutClock({ links }: Holders): readonly AccountLink[] {
  return links.map((link) => ({ ...link, inactiveSince: undefined }));
}

function gentle(record: RoomRecord): RoomRecord {
  return { ...record, mode: 'additive' };
}

function accountIn(view: PossibleView): Account | undefined {
  return 'account' in view ? view.account : undefined;
}

async function readStandings(
  homeserver: Homeserver,
  account: UserId,
  open: ReadonlyMap<RoomId, Opening>,
  records: ReadonlyMap<RoomId, RoomRecord>,
): Promise<Map<RoomId, Standing>> {
  const standings = new Map<RoomId, Standing>();
  if (open.size === 0 && records.size === 0) return standings;
  for (const [roomId, membership] of await homeserver.memberships(account)) {
    if (!open.has(roomId) && !records.has(roomId)) continue;
    const opening = open.get(roomId);
    const unclear = opening !== undefined && needsSender(records.get(roomId)?.state, membership, opening);
    const member = unclear ? await homeserver.member(roomId, account) : undefined;
    standings.set(roomId, member ?? { membership, sender: undefined });
  }
  return standings;
}
