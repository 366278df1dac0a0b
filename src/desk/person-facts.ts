import type { ResourceId } from '../directory/resource.ts';
import { type Profile, profileOf, type User } from '../directory/user.ts';
import { HomeserverError } from '../matrix/error.ts';
import type { Membership } from '../matrix/homeserver.ts';
import type { RoomId, UserId } from '../matrix/ids.ts';
import type { HeldChange, HoldView } from '../plan/holds.ts';
import { isActive } from '../reconcile/holders.ts';
import { verifyIdentity } from '../reconcile/pass.ts';
import type { PersonPlan } from '../reconcile/person-plan.ts';
import type { AccountLink, Entitlement, Person, Store, Waiting } from '../store/store.ts';
import type { Desk } from './desk.ts';
import type { Found } from './find-person.ts';
import { readHolds } from './held.ts';
import { createPlanning } from './planning.ts';

/** What the homeserver says of her now, and what Usher would do about it; or why that can't be told. */
export type Live =
  | {
      readonly kind: 'read';
      readonly memberships: ReadonlyMap<RoomId, Membership>;
      readonly plan: PersonPlan;
    }
  | { readonly kind: 'unread'; readonly reason: string };

/** A hold with some of its changes only. */
export type HoldAbout = HoldView & { readonly changes: readonly HeldChange[] };

/** All that is known of one person, whatever the room. */
export type PersonFacts = {
  readonly userId: ResourceId;
  readonly user: User | undefined;
  readonly profile: Profile | undefined;
  /** Her account; while she has none, the one that she is to get. */
  readonly account: UserId | undefined;
  readonly link: AccountLink | undefined;
  /** Active users who share the account; she among them, if she is active. */
  readonly holders: readonly Person[];
  /** The groups of all holders, directly or through nested groups. */
  readonly groups: ReadonlySet<ResourceId>;
  readonly records: ReadonlyMap<RoomId, Entitlement>;
  readonly waiting: Waiting | undefined;
  /** Holds that something of hers is in, each with her changes only. */
  readonly holds: readonly HoldAbout[];
  readonly live: Live;
};

export async function readPerson(desk: Desk, found: Found): Promise<PersonFacts> {
  const { store } = desk;
  const { userId, user, link } = found;
  const holders = await holdersOf(store, found);
  const entitlements = link === undefined ? [] : await store.people.entitlements(link.account);
  const records = new Map(entitlements.map((each) => [each.roomId, each]));
  const live = await readLive(desk, found, records);
  const account = link?.account ?? (live.kind === 'read' ? live.plan.account : undefined);
  return {
    userId,
    user,
    profile: user && profileOf(user.attributes),
    account,
    link,
    holders,
    groups: new Set(holders.flatMap(({ groups }) => [...groups])),
    records,
    waiting: await store.overview.waiting(userId),
    holds: account === undefined ? [] : await holdsAbout(store, account),
    live,
  };
}

async function holdersOf(store: Store, { userId, link }: Found): Promise<readonly Person[]> {
  const links = link === undefined ? [] : await store.people.linksOf(link.account);
  const ids = new Set([userId, ...links.map((each) => each.userId)]);
  const persons = await Promise.all([...ids].map((id) => store.people.person(id)));
  return persons.filter((person) => person !== undefined).filter(isActive);
}

/** The digests are of whole holds. */
async function holdsAbout(store: Store, account: UserId): Promise<readonly HoldAbout[]> {
  const held = await store.guard.heldOf(account);
  if (held.length === 0) return [];
  const isIn = (change: HeldChange, { scope, verdict }: HoldView): boolean =>
    change.scope === scope && change.verdict === verdict;
  return (await readHolds(store))
    .map((hold) => ({ ...hold, changes: held.filter((change) => isIn(change, hold)) }))
    .filter(({ changes }) => changes.length > 0);
}

async function readLive(
  { config, store, homeserver, map }: Desk,
  { userId, link }: Found,
  records: ReadonlyMap<RoomId, Entitlement>,
): Promise<Live> {
  try {
    await verifyIdentity(homeserver, config.matrix.adminUserId);
    const { findRooms, plan } = await createPlanning({ config, store, homeserver, map: () => map });
    // Only of a room that the map names no more it must be known whether it was upgraded.
    const mapped = new Set((await store.rooms.resolutions()).values());
    if ([...records.keys()].some((roomId) => !mapped.has(roomId))) await findRooms();
    const personPlan = await plan(userId);
    // In conflict, the account is perhaps somebody else's.
    const isHers = link !== undefined || !personPlan.findings.some(({ blocking }) => blocking);
    const account = isHers ? (link?.account ?? personPlan.account) : undefined;
    const exists = account !== undefined && (await homeserver.account(account)) !== undefined;
    const memberships = exists ? await homeserver.memberships(account) : new Map<RoomId, Membership>();
    return { kind: 'read', memberships, plan: personPlan };
  } catch (error) {
    if (!(error instanceof HomeserverError)) throw error;
    return { kind: 'unread', reason: error.message };
  }
}
