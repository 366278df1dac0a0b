import { HomeserverError } from '../matrix/error.ts';
import type { Homeserver } from '../matrix/homeserver.ts';
import type { RoomId } from '../matrix/ids.ts';

/**
 * A refusal may mean that the bot is not in the room, or has too little power there: then it takes both, and tries
 * again. Not if the refusal is certainly about something else.
 */
export async function withPower(
  homeserver: Homeserver,
  roomId: RoomId,
  attempt: () => Promise<void>,
  isCertain: () => Promise<boolean> = async () => false,
): Promise<void> {
  try {
    await attempt();
  } catch (error) {
    if (!(error instanceof HomeserverError) || error.kind !== 'refused' || (await isCertain())) throw error;
    await homeserver.takeRoom(roomId);
    await attempt();
  }
}
