import { foldCase, type ResourceId } from '../directory/resource.ts';
import { profileOf } from '../directory/user.ts';
import type { UserId } from '../matrix/ids.ts';
import { adminGroupsOf } from '../plan/openings.ts';
import { cursorOf, placeOf } from '../store/cursor.ts';
import type { GroupSummary, PageQuery, Part } from '../store/page-store.ts';
import type { Desk } from './desk.ts';
import { UnknownName } from './error.ts';
import { type MapDoor, type MapRoom, readMapRooms } from './map-rooms.ts';

type Deps = Pick<Desk, 'store' | 'map'>;

export type GroupsQuery = PageQuery & {
  /** A part of the name or of the external id, whatever the case. */
  readonly search: string | undefined;
  /** Whether it opens a room. */
  readonly isMapped: boolean | undefined;
};

/** A room that a group opens, by one entry of the map. */
export type OpenedRoom = Pick<MapRoom, 'target' | 'roomId'> &
  Pick<MapDoor, 'key' | 'mode' | 'leave' | 'powerLevel' | 'space'>;

/** A group in a list of many. */
export type GroupEntry = GroupSummary & {
  readonly rooms: readonly string[];
  /** Whether its members are server admins. */
  readonly makesAdmins: boolean;
};

export type GroupMember = {
  readonly id: string;
  readonly type: 'User' | 'Group' | 'unknown';
  /** Undefined for what is not known yet. */
  readonly name: string | undefined;
  readonly displayName: string | undefined;
  readonly isActive: boolean | undefined;
  readonly account: UserId | undefined;
};

export type GroupDetail = Omit<GroupEntry, 'rooms'> & {
  readonly rooms: readonly OpenedRoom[];
  readonly page: Part<GroupMember>;
};

/** By name. Members are counted of those on the page only. */
export async function listGroups({ store, map }: Deps, query: GroupsQuery): Promise<Part<GroupEntry>> {
  const { search, isMapped, cursor, limit } = query;
  const wanted = foldCase(search?.trim() ?? '');
  const opened = targetsOf(await readMapRooms(store, map));
  const [afterName, afterId] = placeOf(cursor, ['', '']);
  const names = await store.groups.names();
  const admins = adminGroupsOf(map, names);
  const found = names
    .map(({ id, displayName, externalId }) => ({
      ...{ id, name: foldCase(displayName), externalId: foldCase(externalId ?? '') },
    }))
    .filter(({ id, name, externalId }) => {
      const isAfter = name > afterName || (name === afterName && id > afterId);
      const isFound = name.includes(wanted) || externalId.includes(wanted);
      return isAfter && isFound && (isMapped === undefined || opened.has(id) === isMapped);
    })
    .sort((a, b) => compare(a.name, b.name) || compare(a.id, b.id));
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const groups = await store.pages.groups(page.map(({ id }) => id));
  return {
    items: groups.map((group) => ({
      ...group,
      rooms: [...new Set(opened.get(group.id))],
      makesAdmins: admins.has(group.id),
    })),
    next: last !== undefined && found.length > limit ? cursorOf([last.name, last.id]) : undefined,
  };
}

/** A group with the rooms it opens, and a page of its members. Rejects with `UnknownName`. */
export async function readGroup({ store, map }: Deps, id: string, query: PageQuery): Promise<GroupDetail> {
  const [group] = await store.pages.groups([id as ResourceId]);
  if (group === undefined) throw new UnknownName(`there is no group ${id}.`);
  const rooms = (await readMapRooms(store, map)).flatMap(({ target, roomId, doors }) =>
    doors
      .filter(({ groups }) => groups.includes(group.id))
      .map(({ key, mode, leave, powerLevel, space }) => ({
        ...{ target, roomId, key, mode, leave, powerLevel, space },
      })),
  );
  const makesAdmins = adminGroupsOf(map, await store.groups.names()).has(group.id);
  return { ...group, rooms, makesAdmins, page: await readMembers({ store }, group.id, query) };
}

async function readMembers(
  { store }: Pick<Desk, 'store'>,
  group: ResourceId,
  query: PageQuery,
): Promise<Part<GroupMember>> {
  const { items, next } = await store.pages.members(group, query);
  const idsOf = (type: GroupMember['type']) =>
    items.flatMap((member) => (member.type === type ? [member.value as ResourceId] : []));
  const users = await store.pages.users(idsOf('User'));
  const accounts = await store.people.accountsOf(idsOf('User'));
  const inner = new Set(idsOf('Group'));
  const names = (await store.groups.names()).filter(({ id }) => inner.has(id));
  const groupNames = new Map(names.map(({ id, displayName }) => [id, displayName]));
  return {
    items: items.map(({ value, type }) => {
      const id = value as ResourceId;
      const user = users.get(id);
      const profile = user && profileOf(user.attributes);
      return {
        ...{ id, type, name: profile?.userName ?? groupNames.get(id), displayName: profile?.displayName },
        ...{ isActive: profile?.active, account: accounts.get(id) },
      };
    }),
    next,
  };
}

/** The rooms that each group opens, as the map calls them. */
function targetsOf(rooms: readonly MapRoom[]): ReadonlyMap<ResourceId, readonly string[]> {
  const opened = new Map<ResourceId, string[]>();
  for (const { target, doors } of rooms) {
    for (const group of doors.flatMap(({ groups }) => groups)) {
      const known = opened.get(group);
      if (known === undefined) opened.set(group, [target]);
      else known.push(target);
    }
  }
  return opened;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
