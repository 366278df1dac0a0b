import { HomeserverError } from '../matrix/error.ts';
import type { Homeserver, MemberState, Membership } from '../matrix/homeserver.ts';
import { parseUserId, type RoomId, serverNameOf, type UserId } from '../matrix/ids.ts';
import type { SynapseClient } from './client.ts';
import { whereFound } from './found.ts';
import { list, membership, object, roomId as readRoomId } from './read.ts';
import { memberStateOf, replacementOf, roomOf, type StateEvent, stateEventOf } from './room-state.ts';

type Rooms = Pick<
  Homeserver,
  'resolveAlias' | 'room' | 'joinedMembers' | 'replacement' | 'member' | 'memberships'
>;

const ADMIN_ROOM = '/_synapse/admin/v1/rooms/{roomId}';

/** What can be read of rooms. */
export function createRooms(client: SynapseClient, bot: UserId): Rooms {
  /** As the bot sees it. Rejects as refused if the bot has never been in the room. */
  async function seenByBot(room: RoomId, type: string, stateKey: string): Promise<StateEvent | undefined> {
    const answer = await whereFound(
      client.call({
        method: 'GET',
        route: '/_matrix/client/v3/rooms/{roomId}/state/{type}/{stateKey}',
        params: { roomId: room, type, stateKey },
        query: { format: 'event' },
      }),
    );
    return answer === undefined ? undefined : stateEventOf(answer);
  }

  /** Whoever has left a room still sees it, but as it was when she left. */
  async function botIsIn(room: RoomId): Promise<boolean> {
    try {
      const own = await seenByBot(room, 'm.room.member', bot);
      return own !== undefined && memberStateOf(own).membership === 'join';
    } catch (error) {
      if (error instanceof HomeserverError && error.kind === 'refused') return false;
      throw error;
    }
  }

  /** For any room, but with all events of the type; versions before 2025 send the whole state instead. */
  async function seenByAdmin(room: RoomId, type: string, stateKey: string): Promise<StateEvent | undefined> {
    const answer = await whereFound(
      client.call({ method: 'GET', route: `${ADMIN_ROOM}/state`, params: { roomId: room }, query: { type } }),
    );
    if (answer === undefined) return undefined;
    const events = list(object(answer, 'the state').state, 'state').map(stateEventOf);
    return events.find((event) => event.type === type && event.stateKey === stateKey);
  }

  async function stateEvent(room: RoomId, type: string, stateKey: string): Promise<StateEvent | undefined> {
    const read = (await botIsIn(room)) ? seenByBot : seenByAdmin;
    return read(room, type, stateKey);
  }

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

    async joinedMembers(roomId) {
      const answer = await whereFound(
        client.call({ method: 'GET', route: `${ADMIN_ROOM}/members`, params: { roomId } }),
      );
      return answer === undefined ? undefined : membersOf(object(answer, 'the members').members);
    },

    async replacement(roomId) {
      return replacementOf((await stateEvent(roomId, 'm.room.tombstone', ''))?.content);
    },

    async member(roomId, userId): Promise<MemberState | undefined> {
      const event = await stateEvent(roomId, 'm.room.member', userId);
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
