import type { ResourceId } from '../directory/resource.ts';
import { HomeserverError } from '../matrix/error.ts';
import { type RoomId, serverNameOf, type UserId } from '../matrix/ids.ts';
import { powerOf } from '../matrix/power.ts';
import { whole } from '../pieces.ts';
import type { Store } from '../store/store.ts';
import type { Desk } from './desk.ts';
import { readRoomProblems } from './last-pass.ts';
import { type MapRoom, readMapRooms, termsOf } from './map-rooms.ts';

/** A room of the map. */
export type RoomEntry = {
  readonly target: string;
  readonly roomId: RoomId | undefined;
  /** The spaces that it comes along with. */
  readonly spaces: readonly string[];
  readonly mode: string;
  readonly leave: string;
  readonly powerLevel: number | undefined;
  /** How many are recorded to be in by an entitlement. */
  readonly joined: number;
  readonly groups: readonly { readonly key: string; readonly name: string | undefined }[];
  /** That the last full pass, or a look since then, had with it. */
  readonly problems: readonly string[];
};

/** A room of the map, with what is known of who is to be in it. */
export type RoomReport = RoomEntry & {
  /** Active users in its groups. */
  readonly entitled: number;
  readonly live?: LiveRoom | { readonly problem: string };
};

/** What the homeserver says. */
export type LiveRoom = {
  readonly joined: number;
  /** Members of this homeserver who are in it and not entitled, without the bot. */
  readonly strays: readonly UserId[];
  /** Undefined if the bot is not in the room; `creator` stands above all levels. */
  readonly botPower: number | 'creator' | undefined;
};

export async function readRoomList(desk: Desk, isLive: boolean): Promise<readonly RoomReport[]> {
  const { store, map } = desk;
  const accounts = isLive ? await accountsByUser(desk) : new Map<ResourceId, UserId>();
  const describe = await createRoomDescriber(store);
  const reports: RoomReport[] = [];
  for (const room of await readMapRooms(store, map)) {
    const { roomId } = room;
    const entitled = await entitledTo(desk, room);
    const { joined, groups, problems, ...entry } = await describe(room);
    reports.push({
      ...{ ...entry, entitled: entitled.length, joined, groups, problems },
      ...(isLive && roomId !== undefined && { live: await readLive(desk, roomId, entitled, accounts) }),
    });
  }
  return reports;
}

/** Tells what is known of rooms of the map, without asking the homeserver, and without counting people. */
export async function createRoomDescriber(
  store: Pick<Store, 'groups' | 'rooms' | 'facts'>,
): Promise<(room: MapRoom) => Promise<RoomEntry>> {
  const names = new Map((await store.groups.names()).map(({ id, displayName }) => [id, displayName]));
  const problems = await readRoomProblems(store);
  return async ({ target, roomId, doors }) => {
    const groups = new Map<string, { readonly key: string; readonly name: string | undefined }>();
    for (const { key, groups: pushed } of doors) {
      if (pushed.length === 0) groups.set(key, { key, name: undefined });
      for (const id of pushed) groups.set(id, { key, name: names.get(id) });
    }
    return {
      target,
      roomId,
      spaces: [...new Set(doors.flatMap(({ space }) => space ?? []))],
      ...termsOf(doors),
      joined: roomId === undefined ? 0 : await store.rooms.countJoined(roomId),
      groups: [...groups.values()],
      problems: problems
        .filter((problem) => problem.target === target || problem.target === roomId)
        .map(({ message }) => message),
    };
  };
}

async function accountsByUser({ store }: Desk): Promise<ReadonlyMap<ResourceId, UserId>> {
  return new Map((await whole(store.people.roster())).map(({ userId, account }) => [userId, account]));
}

async function entitledTo({ store }: Desk, { doors }: MapRoom): Promise<readonly ResourceId[]> {
  if (doors.some(({ key }) => key === '*')) {
    return (await whole(store.survey.seats())).map(({ userId }) => userId);
  }
  const groups = [...new Set(doors.flatMap((door) => door.groups))];
  return [...(await store.people.membersOf(groups)).keys()];
}

async function readLive(
  { homeserver, config }: Desk,
  roomId: RoomId,
  entitled: readonly ResourceId[],
  accounts: ReadonlyMap<ResourceId, UserId>,
): Promise<NonNullable<RoomReport['live']>> {
  const { adminUserId: bot, serverName } = config.matrix;
  try {
    const room = await homeserver.room(roomId);
    if (room === undefined) return { problem: `${roomId} is not known to the homeserver` };
    const joined = [...room.members].flatMap(([user, { membership }]) =>
      membership === 'join' ? [user] : [],
    );
    const invited = new Set<UserId | undefined>(entitled.map((userId) => accounts.get(userId)));
    const power = powerOf(room, bot);
    return {
      joined: joined.length,
      strays: joined.filter(
        (user) => user !== bot && serverNameOf(user) === serverName && !invited.has(user),
      ),
      botPower: joined.includes(bot) ? (Number.isFinite(power) ? power : 'creator') : undefined,
    };
  } catch (error) {
    if (!(error instanceof HomeserverError)) throw error;
    return { problem: error.message };
  }
}
