import { HomeserverError } from '../matrix/error.ts';
import { parseRoomAlias, parseRoomId, type RoomId } from '../matrix/ids.ts';
import type { Desk } from './desk.ts';
import type { MapRoom } from './map-rooms.ts';
import { unknownName } from './unknown-name.ts';

/** A room that somebody asked for; without doors if the map does not name it. Rejects with `UnknownName`. */
export async function findRoom(
  { store, homeserver }: Pick<Desk, 'store' | 'homeserver'>,
  rooms: readonly MapRoom[],
  name: string,
): Promise<MapRoom> {
  const resolved = await store.rooms.resolutions();
  const inMap =
    rooms.find(({ target, roomId }) => target === name || roomId === name) ??
    rooms.find(({ roomId }) => roomId !== undefined && roomId === resolved.get(name));
  if (inMap !== undefined) return inMap;
  const roomId = parseRoomId(name) ?? (await lookUp(homeserver, name));
  if (typeof roomId === 'string') {
    return rooms.find((room) => room.roomId === roomId) ?? { target: name, roomId, doors: [] };
  }
  const targets = rooms.map(({ target }) => target);
  const hint =
    roomId === undefined
      ? 'Give an alias, a room id, or the room as it is written in the group map.'
      : `It is not in the group map, and the homeserver could not be asked: ${roomId.message}`;
  throw unknownName('there is no room', name, targets, hint);
}

/** The room of an alias, or why the homeserver could not be asked. */
async function lookUp(
  homeserver: Desk['homeserver'],
  name: string,
): Promise<RoomId | HomeserverError | undefined> {
  const alias = parseRoomAlias(name);
  if (alias === undefined) return undefined;
  try {
    return await homeserver.resolveAlias(alias);
  } catch (error) {
    if (!(error instanceof HomeserverError)) throw error;
    return error;
  }
}
