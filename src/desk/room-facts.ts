import { groupNamesOf } from '../directory/group.ts';
import type { ResourceId } from '../directory/resource.ts';
import { HomeserverError } from '../matrix/error.ts';
import type { MemberState } from '../matrix/homeserver.ts';
import type { RoomId } from '../matrix/ids.ts';
import type { Change, Finding } from '../plan/change.ts';
import type { Entitlement, JournalEntry, Person, Store } from '../store/store.ts';
import type { Desk } from './desk.ts';
import type { MapDoor, MapRoom } from './map-rooms.ts';
import type { HoldAbout, PersonFacts } from './person-facts.ts';

/** A group that opens the room to her. `chain` leads from the group she is in to this one, by display names. */
export type Opener = {
  readonly id: ResourceId;
  readonly name: string;
  readonly chain: readonly string[];
  readonly door: MapDoor;
};

/** A group that would open the room; without a name if nobody pushed it. */
export type OtherOpener = { readonly key: string; readonly name: string | undefined };

/** What is known of one person and one room. */
export type RoomFacts = {
  readonly room: MapRoom;
  /** Undefined if the homeserver could not be asked; `none` if she never had to do with the room. */
  readonly standing: MemberState | 'none' | undefined;
  readonly hers: readonly Opener[];
  /** The door of `*`, which is open to every active user. */
  readonly everybody: MapDoor | undefined;
  readonly others: readonly OtherOpener[];
  readonly record: Entitlement | undefined;
  /** Newest first. */
  readonly history: readonly JournalEntry[];
  readonly holds: readonly HoldAbout[];
  readonly changes: readonly Change[];
  readonly findings: readonly Finding[];
  /** Her record of the room is to be forgotten without anything being done. */
  readonly hasEnded: boolean;
};

const MOST_HISTORY = 10;

export async function readRoom(desk: Desk, person: PersonFacts, room: MapRoom): Promise<RoomFacts> {
  const { store } = desk;
  const { account, live } = person;
  const { roomId, doors } = room;
  const isHere = (each: { readonly roomId: RoomId | undefined }): boolean =>
    roomId !== undefined && each.roomId === roomId;
  const isActive = person.holders.length > 0;
  const plan = live.kind === 'read' ? live.plan : undefined;
  const hasHistory = account !== undefined && roomId !== undefined;
  return {
    room,
    standing: await readStanding(desk, person, roomId),
    hers: await openersAmong(store, person, doors),
    everybody: isActive ? doors.find(({ key }) => key === '*') : undefined,
    others: await othersAmong(store, person, doors),
    record: roomId && person.records.get(roomId),
    history: hasHistory ? await store.journal.find({ account, roomId, limit: MOST_HISTORY }) : [],
    holds: person.holds
      .map((hold) => ({ ...hold, changes: hold.changes.filter(isHere) }))
      .filter(({ changes }) => changes.length > 0),
    changes: plan?.changes.filter((change) => 'roomId' in change && isHere(change)) ?? [],
    findings: plan?.findings.filter(isHere) ?? [],
    hasEnded: roomId !== undefined && plan?.ended.includes(roomId) === true,
  };
}

async function readStanding(
  { homeserver }: Desk,
  { account, live }: PersonFacts,
  roomId: RoomId | undefined,
): Promise<RoomFacts['standing']> {
  if (live.kind === 'unread') return undefined;
  if (account === undefined || roomId === undefined) return 'none';
  const membership = live.memberships.get(roomId);
  if (membership === undefined) return 'none';
  // Nobody else can have sent it.
  if (membership === 'join') return { membership, sender: account };
  try {
    return (await homeserver.member(roomId, account)) ?? 'none';
  } catch (error) {
    if (!(error instanceof HomeserverError)) throw error;
    return undefined;
  }
}

async function openersAmong(
  store: Store,
  { groups, holders }: PersonFacts,
  doors: readonly MapDoor[],
): Promise<readonly Opener[]> {
  const found = doors.flatMap((door) =>
    door.groups.filter((id) => groups.has(id)).map((id) => ({ id, door })),
  );
  if (found.length === 0) return [];
  const wanted = new Set(found.map(({ id }) => id));
  const chains = new Map<ResourceId, readonly string[]>();
  for (const holder of holders) {
    for (const [id, chain] of await chainsTo(store, holder, wanted)) {
      if (chain.length < (chains.get(id)?.length ?? Number.POSITIVE_INFINITY)) chains.set(id, chain);
    }
  }
  const unique = new Map(found.map((each) => [each.id, each]));
  return [...unique.values()]
    .map(({ id, door }) => {
      const chain = chains.get(id) ?? [id];
      return { id, door, chain, name: chain.at(-1) ?? id };
    })
    .sort((a, b) => a.chain.length - b.chain.length);
}

/** The shortest ways up from the groups that somebody is in. */
async function chainsTo(
  store: Store,
  { user }: Person,
  wanted: ReadonlySet<ResourceId>,
): Promise<ReadonlyMap<ResourceId, readonly string[]>> {
  const memberships = (await store.groups.ofUsers([user.id])).get(user.id) ?? [];
  const chains = new Map<ResourceId, readonly string[]>();
  let level: ResourceId[] = [];
  for (const { group, displayName, isDirect } of memberships) {
    if (!isDirect) continue;
    chains.set(group, [displayName]);
    level.push(group);
  }
  while (level.length > 0 && [...wanted].some((group) => !chains.has(group))) {
    const next: ResourceId[] = [];
    for (const inner of level) {
      const query = { where: { member: inner }, order: { by: 'creation', isDescending: false } } as const;
      for await (const outer of store.groups.scan(user.source, query)) {
        for (const { id, attributes } of outer) {
          if (chains.has(id)) continue;
          chains.set(id, [...(chains.get(inner) ?? []), groupNamesOf(attributes).displayName]);
          next.push(id);
        }
      }
    }
    level = next;
  }
  return chains;
}

async function othersAmong(
  store: Store,
  { groups }: PersonFacts,
  doors: readonly MapDoor[],
): Promise<readonly OtherOpener[]> {
  const names = new Map((await store.groups.names()).map(({ id, displayName }) => [id, displayName]));
  const others = new Map<string, OtherOpener>();
  for (const { key, groups: pushed } of doors) {
    if (key === '*') continue;
    if (pushed.length === 0) others.set(key, { key, name: undefined });
    for (const id of pushed) if (!groups.has(id)) others.set(id, { key, name: names.get(id) });
  }
  return [...others.values()];
}
