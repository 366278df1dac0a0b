import { HomeserverError, stopsEverything } from '../matrix/error.ts';
import type { Homeserver } from '../matrix/homeserver.ts';
import { parseRoomAlias, type RoomAlias, type RoomId, type UserId } from '../matrix/ids.ts';
import { withPower } from '../reconcile/power.ts';
import { followUpgrades } from '../reconcile/room-finder.ts';
import type { Channel, Delivery } from './channel.ts';

type Deps = {
  readonly homeserver: Homeserver;
  readonly bot: UserId;
  readonly room: RoomAlias | RoomId;
  /** False while the homeserver as a whole does not answer. */
  readonly isOpen: () => boolean;
};

/** A room on the homeserver, which the bot enters like those of the map. */
export function createRoomChannel({ homeserver, bot, room, isOpen }: Deps): Channel {
  return {
    name: 'room',
    isOpen,
    async send({ text, html, id }) {
      try {
        const roomId = await findReportRoom(homeserver, room);
        if (roomId === undefined) return refused(NO_ROOM);
        await withPower(homeserver, roomId, () =>
          homeserver.sendNotice(roomId, { text, html }, `usher-${id}`),
        );
        return { kind: 'sent' };
      } catch (error) {
        if (!(error instanceof HomeserverError)) throw error;
        return deliveryOf(error, bot);
      }
    },
  };
}

/** The room that reports go to, upgrades followed; undefined if there is none. */
export async function findReportRoom(
  homeserver: Homeserver,
  room: RoomAlias | RoomId,
): Promise<RoomId | undefined> {
  const alias = parseRoomAlias(room);
  const named = alias === undefined ? (room as RoomId) : await homeserver.resolveAlias(alias);
  return named === undefined ? undefined : followUpgrades(homeserver, named);
}

const NO_ROOM =
  'No room has the alias of REPORT_ROOM. Make the room, or correct the setting; until then nothing is lost.';

/** What lets the bot in. */
export const cureFor = (bot: UserId): string =>
  `let somebody who has power in it invite ${bot} and give it power 100, or name another room in REPORT_ROOM`;

function deliveryOf(error: HomeserverError, bot: UserId): Delivery {
  const { kind, message, retryAfterMs } = error;
  if (stopsEverything(error)) return { kind: 'failed', isCertain: false, retryAfterMs, trouble: undefined };
  if (kind === 'refused' || kind === 'not-found') {
    return refused(
      `The room of REPORT_ROOM lets nobody in to tell it: ${message}. To mend it, ${cureFor(bot)}.`,
    );
  }
  return { kind: 'failed', isCertain: false, trouble: `Reports can not be sent to REPORT_ROOM: ${message}` };
}

function refused(trouble: string): Delivery {
  return { kind: 'failed', isCertain: true, trouble };
}
