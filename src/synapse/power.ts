import { HomeserverError } from '../matrix/error.ts';
import type { Homeserver } from '../matrix/homeserver.ts';
import type { RoomId } from '../matrix/ids.ts';
import type { RestClient } from '../rest/client.ts';
import { object, text } from '../rest/read.ts';
import { powerIn, withLevels } from './power-levels.ts';
import type { StateEvent } from './room-state.ts';
import type { StateReader } from './state.ts';

/** The two events that say who may do what. */
type PowerEvents = { readonly create: StateEvent; readonly levels: StateEvent | undefined };

const [CREATE, LEVELS] = ['m.room.create', 'm.room.power_levels'];

/** Who may do what in a room: the client API, and where the bot is not, the admin API. */
export function createPower(
  client: RestClient,
  { botIsIn, seenByBot, seenByAdmin }: StateReader,
): Pick<Homeserver, 'roomPower' | 'setPowerLevels'> {
  async function eventsSeenByBot(roomId: RoomId): Promise<PowerEvents> {
    const [create, levels] = [await seenByBot(roomId, CREATE, ''), await seenByBot(roomId, LEVELS, '')];
    if (create === undefined) throw new HomeserverError('protocol', `${roomId} has no ${CREATE}`);
    return { create, levels };
  }

  async function eventsSeenByAdmin(roomId: RoomId): Promise<PowerEvents | undefined> {
    const [create] = (await seenByAdmin(roomId, CREATE)) ?? [];
    if (create === undefined) return undefined;
    return { create, levels: (await seenByAdmin(roomId, LEVELS))?.find(({ stateKey }) => stateKey === '') };
  }

  return {
    async roomPower(roomId) {
      const read = (await botIsIn(roomId)) ? eventsSeenByBot : eventsSeenByAdmin;
      const events = await read(roomId);
      return events && powerIn(roomId, events.create, events.levels);
    },

    /** Synapse replaces the whole content, so what is not to change is sent back as it was read. */
    async setPowerLevels(roomId, levels) {
      if (!(await botIsIn(roomId))) throw new HomeserverError('refused', `the bot is not in ${roomId}`);
      const events = await eventsSeenByBot(roomId);
      const body = withLevels(events.create, events.levels, levels);
      if (body === undefined) return;
      const route = '/_matrix/client/v3/rooms/{roomId}/state/m.room.power_levels/';
      const answer = await client.call({ method: 'PUT', route, params: { roomId }, body });
      text(object(answer, 'the power levels').event_id, 'event_id');
    },
  };
}
