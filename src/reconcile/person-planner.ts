import type { ResourceId } from '../directory/resource.ts';
import { profileOf } from '../directory/user.ts';
import type { Account, Homeserver } from '../matrix/homeserver.ts';
import type { RoomId, UserId } from '../matrix/ids.ts';
import { planActiveAccount, planInactiveAccount } from '../plan/account.ts';
import { noAccountName } from '../plan/account-conflict.ts';
import {
  type AccountPlan,
  type AccountPolicy,
  type AccountView,
  accountIdOf,
  type PossibleView,
} from '../plan/account-view.ts';
import type { OffboardingPolicy } from '../plan/census.ts';
import { inOrder } from '../plan/change.ts';
import { type Opening, openTo, uncertainFor } from '../plan/openings.ts';
import {
  needsSender,
  planRooms,
  type RoomRecord,
  type RoomsPlan,
  type RoomsView,
  type Standing,
} from '../plan/rooms.ts';
import type { Person, Store } from '../store/store.ts';
import { createAccountFinder } from './account-finder.ts';
import { type Holders, isActive, isHers, knownView, oursOf, sharedWrongly } from './holders.ts';
import type { House } from './house.ts';
import { emptyPlan, linksAfter, nothingLeft, type PersonPlan } from './person-plan.ts';

export type PersonPolicy = AccountPolicy &
  OffboardingPolicy & {
    readonly serverName: string;
    /** The template of LOCALPART. */
    readonly localpart: string;
    readonly provision: 'all' | 'mapped';
  };

export type PersonPlanner = (userId: ResourceId) => Promise<PersonPlan>;

type Deps = {
  readonly store: Pick<Store, 'people'>;
  readonly homeserver: Homeserver;
  readonly house: House;
  readonly policy: PersonPolicy;
};

type Entitled = Pick<RoomsView, 'open' | 'uncertain'>;

/** Reads what the homeserver says of a person, and plans. Rejects with `HomeserverError` if it can't be read. */
export function createPersonPlanner({ store, homeserver, house, policy }: Deps): PersonPlanner {
  const finder = createAccountFinder(homeserver, policy);

  const holdersOf = async (account: UserId, self: Person | undefined): Promise<Holders> => {
    const links = await store.people.linksOf(account);
    const ids = new Set(links.map((link) => link.userId));
    if (self !== undefined) ids.add(self.user.id);
    const persons = (await Promise.all([...ids].map((id) => store.people.person(id)))).filter(
      (person) => person !== undefined,
    );
    return { links, persons, active: persons.filter(isActive) };
  };

  const entitlementOf = async (persons: readonly Person[]): Promise<Entitled> => {
    if (persons.length === 0) return { open: new Map(), uncertain: new Set() };
    const groups = new Set(persons.flatMap((person) => [...person.groups]));
    const openings = await house.openings();
    return { open: openTo(openings, groups), uncertain: uncertainFor(openings, groups) };
  };

  /** The account of somebody who has none yet; undefined if she is to have none. */
  const firstView = async (self: Person): Promise<AccountView | undefined> => {
    const profile = profileOf(self.user.attributes);
    if (!profile.active) return policy.provision === 'all' ? finder.findLinked(profile) : undefined;
    if (policy.provision === 'mapped' && (await entitlementOf([self])).open.size === 0) return undefined;
    return finder.find(profile);
  };

  const planRoomsOf = async (
    account: UserId,
    exists: boolean,
    { open, uncertain }: Entitled,
  ): Promise<RoomsPlan> => {
    const entitlements = await store.people.entitlements(account);
    const records = new Map<RoomId, RoomRecord>(
      entitlements
        .filter(({ roomId }) => open.has(roomId) || !house.unread().has(roomId))
        .map((each) => [each.roomId, each]),
    );
    const standings = exists
      ? await readStandings(homeserver, account, open, records)
      : new Map<RoomId, Standing>();
    for (const roomId of house.retired()) standings.delete(roomId);
    return planRooms({ account, bot: policy.bot, open, uncertain, records, standings });
  };

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
    if (holders.active.length === 0 && isNobodys) return nothingLeft(userId, accountId, holders);
    const accountPlan = await planAccount(holders, accountId, account, view);
    const entitled = await entitlementOf(holders.active);
    if (accountPlan.kind === 'conflict') {
      const conflict = { ...emptyPlan(userId), account: accountId, findings: [accountPlan.finding] };
      return inConflict(conflict, holders, () => planRoomsOf(accountId, account !== undefined, entitled));
    }
    const rooms = await planRoomsOf(accountId, account !== undefined, entitled);
    return {
      userId,
      account: accountId,
      changes: inOrder([...accountPlan.changes, ...rooms.changes]),
      findings: [...accountPlan.findings, ...rooms.findings],
      ...linksAfter(userId, accountId, holders, accountPlan.ours, account !== undefined),
      records: rooms.records,
      ended: rooms.ended,
    };
  };

  const planAccount = async (
    holders: Holders,
    accountId: UserId,
    account: Account | undefined,
    view: PossibleView | undefined,
  ): Promise<AccountPlan> => {
    const ours = oursOf(holders.links);
    const [lead] = holders.active;
    if (lead === undefined) {
      if (account === undefined) throw new TypeError('nobody is to have an account that does not exist');
      const restriction = holders.persons.length === 0 ? policy.onDelete : policy.onDeactivate;
      return planInactiveAccount(account, ours, restriction, policy);
    }
    const profile = profileOf(lead.user.attributes);
    // Only her own link or her external id say that it is hers: a name may have been somebody else's before.
    const isProven = view === undefined || view.kind === 'found';
    const known = (isProven ? knownView(holders, accountId, account, ours, profile) : undefined) ?? view;
    if (known === undefined) throw new TypeError('a person without a link needs a view');
    return planActiveAccount(known, profile, await finder.owners(known, profile), policy);
  };

  return async (userId) => {
    const self = await store.people.person(userId);
    const link = await store.people.link(userId);
    if (link !== undefined) return plan(userId, self, link.account, undefined);
    const view = self && (await firstView(self));
    if (self === undefined || view === undefined) return emptyPlan(userId);
    if (view.kind === 'impossible') return { ...emptyPlan(userId), findings: [noAccountName(view.reason)] };
    return plan(userId, self, accountIdOf(view), view);
  };
}

/**
 * What a conflict lets happen all the same to an account that she was given before: nothing is given, but what we
 * let it into is taken when that ends. Of a protected account whose user was deleted, we let go.
 */
async function inConflict(
  plan: PersonPlan,
  holders: Holders,
  planRooms: () => Promise<RoomsPlan>,
): Promise<PersonPlan> {
  const [finding] = plan.findings;
  if (holders.links.length === 0 || finding === undefined) return plan;
  const { changes, ended } = await planRooms();
  if (finding.code !== 'protected-account') {
    return { ...plan, changes: changes.filter(({ kind }) => kind === 'kick'), ended };
  }
  if (holders.persons.length > 0) return plan;
  return {
    ...plan,
    findings: [{ ...finding, blocking: false }],
    superseded: holders.links.map(({ userId }) => userId),
    ended: [...ended, ...changes.map(({ roomId }) => roomId)],
  };
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
    const unclear = open.has(roomId) && needsSender(records.get(roomId)?.state, membership);
    const member = unclear ? await homeserver.member(roomId, account) : undefined;
    standings.set(roomId, member ?? { membership, sender: undefined });
  }
  return standings;
}
