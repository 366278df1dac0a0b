import { HomeserverError } from '../matrix/error.ts';
import type { RoomId, UserId } from '../matrix/ids.ts';
import type { RestClient } from '../rest/client.ts';
import { whereFound } from '../rest/found.ts';
import { list, object } from '../rest/read.ts';
import { memberStateOf, nobodyIn, type StateEvent, stateEventOf } from './room-state.ts';

/** Reads parts of the state of rooms. */
export type StateReader = {
  /** Whether the bot is joined. False in a room that does not exist. */
  botIsIn(room: RoomId): Promise<boolean>;
  /** As the bot sees it. Rejects as refused if the bot has never been in the room. */
  seenByBot(room: RoomId, type: string, stateKey: string): Promise<StateEvent | undefined>;
  /** For any room: all events of a type. Undefined if there is no such room; refused if nobody here is in it. */
  seenByAdmin(room: RoomId, type: string): Promise<readonly StateEvent[] | undefined>;
  /** As the bot sees it if it is in the room, else as an admin. Undefined if the room is unknown or empty, too. */
  current(room: RoomId, type: string, stateKey: string): Promise<StateEvent | undefined>;
  /** The same by one call, unless that would bring the whole state. */
  currentAtOnce(room: RoomId, type: string, stateKey: string): Promise<StateEvent | undefined>;
};

export function createStateReader(client: RestClient, bot: UserId): StateReader {
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

  let isTypeIgnored = false;

  /** Versions before 2025 send the whole state instead of that of the type. */
  async function listed(room: RoomId, type: string): Promise<readonly StateEvent[] | undefined> {
    const answer = await whereFound(
      client.call({
        method: 'GET',
        route: '/_synapse/admin/v1/rooms/{roomId}/state',
        params: { roomId: room },
        query: { type },
      }),
    );
    if (answer === undefined) return undefined;
    const events = list(object(answer, 'the state').state, 'state').map(stateEventOf);
    const wanted = events.filter((event) => event.type === type);
    isTypeIgnored ||= wanted.length < events.length;
    return wanted;
  }

  async function current(room: RoomId, type: string, stateKey: string): Promise<StateEvent | undefined> {
    if (await botIsIn(room)) return seenByBot(room, type, stateKey);
    return (await listed(room, type))?.find((event) => event.stateKey === stateKey);
  }

  return {
    botIsIn,
    seenByBot,

    /** That nothing is listed may mean that the state is not known: each room that is known was created. */
    async seenByAdmin(room, type) {
      const events = await listed(room, type);
      if (events === undefined || events.length > 0) return events;
      const create = await listed(room, 'm.room.create');
      if (create?.length === 0) throw nobodyIn(room);
      return create && events;
    },

    current,

    async currentAtOnce(room, type, stateKey) {
      if (isTypeIgnored) return current(room, type, stateKey);
      return (await listed(room, type))?.find((event) => event.stateKey === stateKey);
    },
  };
}
