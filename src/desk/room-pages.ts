import { foldCase, type ResourceId } from '../directory/resource.ts';
import { profileOf, type User } from '../directory/user.ts';
import { HomeserverError } from '../matrix/error.ts';
import type { Membership, Room } from '../matrix/homeserver.ts';
import { serverNameOf, type UserId } from '../matrix/ids.ts';
import { powerOf } from '../matrix/power.ts';
import { cursorOf, placeOf } from '../store/cursor.ts';
import type { PageQuery, Part } from '../store/page-store.ts';
import type { Entitlement } from '../store/store.ts';
import type { Desk } from './desk.ts';
import { findRoom } from './find-room.ts';
import { type MapRoom, readMapRooms } from './map-rooms.ts';
import { createRoomDescriber, type RoomEntry } from './room-list.ts';

/** Somebody who is to be in a room. */
export type Entitled = {
  readonly scimId: ResourceId;
  readonly userName: string;
  readonly displayName: string | undefined;
  readonly account: UserId | undefined;
  /** Names of the groups by which she is; `*` for everybody. */
  readonly through: readonly string[];
  /** What became of it, as recorded; undefined while nothing is. */
  readonly record: Entitlement['state'] | undefined;
  /** Now, by the homeserver; undefined if it could not be asked. */
  readonly membership: Membership | 'none' | undefined;
};

/** Somebody who is in a room. */
export type Occupant = {
  readonly account: UserId;
  readonly scimId: ResourceId | undefined;
  readonly userName: string | undefined;
  readonly displayName: string | undefined;
  readonly isEntitled: boolean;
  readonly isBot: boolean;
  /** Of another homeserver. */
  readonly isRemote: boolean;
  /** `creator` stands above all levels. */
  readonly power: number | 'creator';
  readonly record: Entitlement['state'] | undefined;
};

/** Rooms of the map by their names in it. `search`: a part of the name or of the id. */
export async function listRooms(
  { store, map }: Pick<Desk, 'store' | 'map'>,
  { search, cursor, limit }: PageQuery & { readonly search: string | undefined },
): Promise<Part<RoomEntry>> {
  const wanted = foldCase(search?.trim() ?? '');
  const [after] = placeOf(cursor, ['']);
  const found = (await readMapRooms(store, map))
    .filter(({ target, roomId = '' }) => `${foldCase(target)} ${foldCase(roomId)}`.includes(wanted))
    .filter(({ target }) => target > after)
    .sort((a, b) => (a.target < b.target ? -1 : 1));
  const describe = await createRoomDescriber(store);
  const items: RoomEntry[] = [];
  for (const room of found.slice(0, limit)) items.push(await describe(room));
  const last = items.at(-1);
  return { items, next: last !== undefined && found.length > limit ? cursorOf([last.target]) : undefined };
}

/** A room by its alias, its id, or as the map calls it. Rejects with `UnknownName`. */
export async function roomNamed(desk: Desk, name: string): Promise<MapRoom> {
  return findRoom(desk, await readMapRooms(desk.store, desk.map), name);
}

/** Who is to be in a room, in order of creation. */
export async function listEntitled(desk: Desk, room: MapRoom, query: PageQuery): Promise<Part<Entitled>> {
  const { store } = desk;
  const groups = groupsOf(room);
  const isForAll = isForEverybody(room);
  const part = isForAll ? await store.pages.active(query) : await store.pages.activeIn(groups, query);
  const ids = part.items.map(({ id }) => id);
  const memberships = await store.groups.ofUsers(ids);
  const reports = await store.people.reports(ids);
  const live = await orNothing(() => readLive(desk, room));
  return {
    items: part.items.map((user) => {
      const { id, userName, displayName } = calledBy(user);
      const { account, rooms = [] } = reports.get(id) ?? {};
      const hers = (memberships.get(id) ?? []).filter(({ group }) => groups.includes(group));
      const member = account && live?.members.get(account);
      return {
        ...{ scimId: id, userName, displayName, account },
        through: [...hers.map((each) => each.displayName), ...(isForAll ? ['*'] : [])],
        record: rooms.find(({ roomId }) => roomId === room.roomId)?.state,
        membership: live === undefined ? undefined : (member?.membership ?? 'none'),
      };
    }),
    next: part.next,
  };
}

/** Who is in a room now, by Matrix id. Rejects with `HomeserverError`. */
export async function listOccupants(
  desk: Desk,
  mapRoom: MapRoom,
  { cursor, limit }: PageQuery,
): Promise<Part<Occupant>> {
  const [after] = placeOf(cursor, ['']);
  const room = await readLive(desk, mapRoom);
  const joined = [...(room?.members ?? [])]
    .flatMap(([user, { membership }]) => (membership === 'join' && user > after ? [user] : []))
    .sort();
  const page = joined.slice(0, limit);
  const last = page.at(-1);
  const items: Occupant[] = [];
  for (const account of page) {
    if (room !== undefined) items.push(await occupantOf(desk, mapRoom, room, account));
  }
  return { items, next: last !== undefined && joined.length > limit ? cursorOf([last]) : undefined };
}

async function occupantOf(
  { store, config }: Desk,
  mapRoom: MapRoom,
  room: Room,
  account: UserId,
): Promise<Occupant> {
  const links = await store.people.linksOf(account);
  const found = await Promise.all(links.map(({ userId }) => store.people.person(userId)));
  const persons = found.filter((each) => each !== undefined);
  const groups = groupsOf(mapRoom);
  const isEntitled = persons.some(
    (person) =>
      profileOf(person.user.attributes).active &&
      (isForEverybody(mapRoom) || groups.some((group) => person.groups.has(group))),
  );
  const [first] = persons;
  const called = first && calledBy(first.user);
  const records = await store.people.entitlements(account);
  const power = powerOf(room, account);
  return {
    ...{ account, scimId: called?.id, userName: called?.userName, displayName: called?.displayName },
    ...{ isEntitled, isBot: account === config.matrix.adminUserId },
    isRemote: serverNameOf(account) !== config.matrix.serverName,
    power: Number.isFinite(power) ? power : 'creator',
    record: records.find(({ roomId }) => roomId === room.roomId)?.state,
  };
}

async function readLive({ homeserver }: Desk, { roomId }: MapRoom): Promise<Room | undefined> {
  return roomId && homeserver.room(roomId);
}

async function orNothing<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof HomeserverError)) throw error;
    return undefined;
  }
}

function groupsOf({ doors }: MapRoom): readonly ResourceId[] {
  return [...new Set(doors.flatMap(({ groups }) => groups))];
}

function isForEverybody({ doors }: MapRoom): boolean {
  return doors.some(({ key }) => key === '*');
}

function calledBy({ id, attributes }: User) {
  const { userName, displayName } = profileOf(attributes);
  return { id, userName, displayName };
}
