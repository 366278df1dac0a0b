import { HomeserverError } from '../matrix/error.ts';
import type { Homeserver, NewRoom } from '../matrix/homeserver.ts';
import { localpartOf, parseRoomId, type RoomId, serverNameOf } from '../matrix/ids.ts';
import type { RestClient } from '../rest/client.ts';
import { type JsonObject, object, text } from '../rest/read.ts';
import { roomId as readRoomId } from './read.ts';
import type { StateEvent } from './room-state.ts';
import type { StateReader } from './state.ts';

const [CHILD, PARENT] = ['m.space.child', 'm.space.parent'];

/** Rooms are made, and put into spaces (Matrix spec, "Spaces"). `serverName` is the bot's. */
export function createSpaces(
  client: RestClient,
  serverName: string,
  { current, seenByAdmin }: StateReader,
): Pick<Homeserver, 'children' | 'createRoom' | 'addChild'> {
  /** Writes nothing if there is such an event already that names a server to go by. */
  async function link(from: RoomId, type: string, to: RoomId, fields: JsonObject): Promise<void> {
    if (isLink((await current(from, type, to))?.content)) return;
    const answer = await client.call({
      method: 'PUT',
      route: '/_matrix/client/v3/rooms/{roomId}/state/{type}/{stateKey}',
      params: { roomId: from, type, stateKey: to },
      body: { via: [serverName], ...fields },
    });
    text(object(answer, 'the link').event_id, 'event_id');
  }

  return {
    async children(spaceId) {
      const events = await seenByAdmin(spaceId, CHILD);
      if (events === undefined) throw new HomeserverError('not-found', `no room ${spaceId}`);
      return events
        .filter(({ content }) => isLink(content))
        .sort(byOrder)
        .map(({ stateKey }) => parseRoomId(stateKey))
        .filter((id) => id !== undefined);
    },

    async createRoom(room) {
      if (serverNameOf(room.alias) !== serverName) {
        throw new HomeserverError('refused', `${room.alias} is not an alias of ${serverName}`);
      }
      const route = '/_matrix/client/v3/createRoom';
      const answer = await client.call({ method: 'POST', route, body: creationOf(room) });
      return readRoomId(object(answer, 'the room').room_id, 'room_id');
    },

    async addChild(spaceId, roomId) {
      await link(spaceId, CHILD, roomId, {});
      await link(roomId, PARENT, spaceId, { canonical: true });
    },
  };
}

/** Which of them are linked is told by `via` alone: links are taken away by an empty content. */
function isLink(content: JsonObject | undefined): boolean {
  return Array.isArray(content?.via) && content.via.length > 0;
}

/** Matrix spec, "Ordering of children within a space": those without a valid `order` come last. */
function byOrder(a: StateEvent, b: StateEvent): number {
  const [first, second] = [orderOf(a), orderOf(b)];
  if (first !== second) return first < second ? -1 : 1;
  return a.stateKey < b.stateKey ? -1 : 1;
}

/** DEL comes after all that an `order` may hold. */
function orderOf({ content: { order } }: StateEvent): string {
  return typeof order === 'string' && /^[\x20-\x7e]{1,50}$/.test(order) ? order : '\x7f';
}

/** A room that is not private is put into the directory, if the homeserver's rules allow that. */
function creationOf({ alias, name, topic, isSpace, isPrivate, isEncrypted }: NewRoom): JsonObject {
  const encryption = {
    type: 'm.room.encryption',
    state_key: '',
    content: { algorithm: 'm.megolm.v1.aes-sha2' },
  };
  return {
    room_alias_name: localpartOf(alias),
    preset: isPrivate ? 'private_chat' : 'public_chat',
    visibility: isPrivate ? 'private' : 'public',
    ...(name === undefined ? {} : { name }),
    ...(topic === undefined ? {} : { topic }),
    ...(isSpace ? { creation_content: { type: 'm.space' } } : {}),
    ...(isEncrypted ? { initial_state: [encryption] } : {}),
  };
}
