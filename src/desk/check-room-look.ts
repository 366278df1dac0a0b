import { HomeserverError } from '../matrix/error.ts';
import type { Homeserver, Room } from '../matrix/homeserver.ts';
import { parseRoomAlias, parseRoomId, type RoomId } from '../matrix/ids.ts';

/** What a name of the map was found to be. */
export type Sight =
  | { readonly kind: 'room'; readonly named: RoomId; readonly room: Room }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unread'; readonly error: HomeserverError };

/** Reads rooms, each once. */
export type RoomLook = {
  /** The room of an alias or an id as it is today: what replaced it, if it was replaced. */
  readonly see: (name: string) => Promise<Sight>;
  /** The rooms that a space names; the error if they can't be read. */
  readonly inside: (space: RoomId) => Promise<readonly RoomId[] | HomeserverError>;
  /** The same homeserver, which is not asked again for what was read of rooms. */
  readonly remembering: Homeserver;
};

const MOST_UPGRADES = 20;

export function createRoomLook(homeserver: Homeserver): RoomLook {
  const reads = new Map<RoomId, Promise<Room | undefined>>();
  const read = (roomId: RoomId): Promise<Room | undefined> => {
    const known = reads.get(roomId) ?? homeserver.room(roomId);
    reads.set(roomId, known);
    return known;
  };

  const find = async (name: string): Promise<Sight> => {
    const alias = parseRoomAlias(name);
    const named = alias === undefined ? parseRoomId(name) : await homeserver.resolveAlias(alias);
    let room = named && (await read(named));
    for (let step = 0; step < MOST_UPGRADES && room?.replacement !== undefined; step += 1) {
      room = await read(room.replacement);
    }
    return named === undefined || room === undefined ? { kind: 'nothing' } : { kind: 'room', named, room };
  };

  return {
    async see(name) {
      const found = await orError(find(name));
      return found instanceof HomeserverError ? { kind: 'unread', error: found } : found;
    },
    inside: (space) => orError(homeserver.children(space)),
    remembering: {
      ...homeserver,
      room: read,
      roomPower: read,
      async joinedMembers(roomId) {
        const room = await read(roomId);
        const joined = room && [...room.members].filter(([, { membership }]) => membership === 'join');
        return joined && new Set(joined.map(([user]) => user));
      },
    },
  };
}

async function orError<T>(reading: Promise<T>): Promise<T | HomeserverError> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof HomeserverError) return error;
    throw error;
  }
}
