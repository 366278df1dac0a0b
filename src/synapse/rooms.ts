import { HomeserverError } from '../matrix/error.ts';
import type { Homeserver, MemberState, Membership, RoomSummary } from '../matrix/homeserver.ts';
import {
  parseRoomAlias,
  parseUserId,
  type RoomId,
  roomSearchTerm,
  serverNameOf,
  type UserId,
} from '../matrix/ids.ts';
import type { RestClient } from '../rest/client.ts';
import { whereFound } from '../rest/found.ts';
import { list, object, optionalText } from '../rest/read.ts';
import { membership, roomId as readRoomId } from './read.ts';
import { memberStateOf, replacementOf, roomOf } from './room-state.ts';
import type { StateReader } from './state.ts';

type Rooms = Pick<
  Homeserver,
  'resolveAlias' | 'room' | 'findRooms' | 'joinedMembers' | 'replacement' | 'member' | 'memberships'
>;

const ADMIN_ROOM = '/_synapse/admin/v1/rooms/{roomId}';

/** What can be read of rooms. */
export function createRooms(
  client: RestClient,
  bot: UserId,
  { current, currentAtOnce }: Pick<StateReader, 'current' | 'currentAtOnce'>,
): Rooms {
  return {
    async resolveAlias(alias) {
      const route = '/_matrix/client/v3/directory/room/{alias}';
      const call = client.call({ method: 'GET', route, params: { alias } }).catch((error: unknown) => {
        throw alias.endsWith(`:${serverNameOf(bot)}`) ? error : forwarded(error);
      });
      const answer = await whereFound(call);
      return answer === undefined ? undefined : readRoomId(object(answer, 'the alias').room_id, 'room_id');
    },

    async room(roomId) {
      const answer = await whereFound(
        client.call({ method: 'GET', route: `${ADMIN_ROOM}/state`, params: { roomId } }),
      );
      return answer === undefined ? undefined : roomOf(roomId, object(answer, 'the state').state);
    },

    async findRooms(search) {
      // Synapse looks for a whole id, and for a part of the name, or of the alias between its # and its colon.
      const term = roomSearchTerm(search);
      const answer = await client.call({
        ...{ method: 'GET', route: '/_synapse/admin/v1/rooms' },
        query: { limit: '20', order_by: 'joined_members', ...(term !== '' && { search_term: term }) },
      });
      return list(object(answer, 'the answer').rooms, 'rooms').map(summaryOf);
    },

    async joinedMembers(roomId) {
      const answer = await whereFound(
        client.call({ method: 'GET', route: `${ADMIN_ROOM}/members`, params: { roomId } }),
      );
      return answer === undefined ? undefined : membersOf(object(answer, 'the members').members);
    },

    async replacement(roomId) {
      return replacementOf((await currentAtOnce(roomId, 'm.room.tombstone', ''))?.content);
    },

    async member(roomId, userId): Promise<MemberState | undefined> {
      const event = await current(roomId, 'm.room.member', userId);
      return event === undefined ? undefined : memberStateOf(event);
    },

    async memberships(userId) {
      const route = '/_synapse/admin/v1/users/{userId}/memberships';
      const answer = object(await client.call({ method: 'GET', route, params: { userId } }), 'the answer');
      const memberships = new Map<RoomId, Membership>();
      for (const [room, value] of Object.entries(object(answer.memberships, 'memberships'))) {
        memberships.set(readRoomId(room, 'memberships'), membership(value, 'memberships'));
      }
      return memberships;
    },
  };
}

function summaryOf(item: unknown): RoomSummary {
  const room = object(item, 'a room');
  const alias = optionalText(room.canonical_alias, 'canonical_alias');
  return {
    roomId: readRoomId(room.room_id, 'room_id'),
    name: optionalText(room.name, 'name'),
    canonicalAlias: alias === undefined ? undefined : parseRoomAlias(alias),
  };
}

/** As in a room's state, ids that the grammar does not allow are those of remote users. */
function membersOf(members: unknown): ReadonlySet<UserId> {
  const ids = list(members, 'members').map((id) => (typeof id === 'string' ? parseUserId(id) : undefined));
  return new Set(ids.filter((id) => id !== undefined));
}

/**
 * Synapse asks another server for its aliases, and answers 502 with an errcode if that one is not there. That
 * is trouble with one alias, not with the homeserver.
 */
function forwarded(error: unknown): unknown {
  if (!(error instanceof HomeserverError) || error.kind !== 'unavailable' || error.errcode === undefined) {
    return error;
  }
  return new HomeserverError('refused', error.message, { errcode: error.errcode, cause: error });
}
