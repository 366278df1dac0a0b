import { HomeserverError } from '../matrix/error.ts';
import type { Homeserver, MemberState } from '../matrix/homeserver.ts';
import type { UserId } from '../matrix/ids.ts';
import type { RestClient } from '../rest/client.ts';
import { object } from '../rest/read.ts';
import { roomId as readRoomId } from './read.ts';

type Memberships = Pick<Homeserver, 'join' | 'kick' | 'takeRoom'>;

/** Who comes into a room and who goes. `member` reads how things are when Synapse refuses. */
export function createMemberships(
  client: RestClient,
  bot: UserId,
  member: Homeserver['member'],
): Memberships {
  return {
    /** In a room that is not public, Synapse refuses to join who is joined. */
    async join(roomId, userId) {
      const route = '/_synapse/admin/v1/join/{roomId}';
      const call = client
        .call({ method: 'POST', route, params: { roomId }, body: { user_id: userId } })
        .then(mustBeJoin);
      await unlessSo(call, async () => (await member(roomId, userId))?.membership === 'join');
    },

    async kick(roomId, userId, reason) {
      const route = '/_matrix/client/v3/rooms/{roomId}/kick';
      const body = { user_id: userId, reason };
      const call = client
        .call({ method: 'POST', route, params: { roomId }, body })
        .then((answer) => object(answer, 'the kick'));
      await unlessSo(call, async () => isOutside(await member(roomId, userId)));
    },

    async takeRoom(roomId) {
      const make = '/_synapse/admin/v1/rooms/{roomId}/make_room_admin';
      const body = { user_id: bot };
      object(await client.call({ method: 'POST', route: make, params: { roomId }, body }), 'the new admin');
      const route = '/_matrix/client/v3/join/{roomId}';
      mustBeJoin(await client.call({ method: 'POST', route, params: { roomId }, body: {} }));
    },
  };
}

/** What says 200 and names no room let nobody in: a proxy, perhaps. */
function mustBeJoin(answer: unknown): void {
  readRoomId(object(answer, 'the join').room_id, 'room_id');
}

/** Who has knocked or is invited is not outside: both are taken back by a kick. */
function isOutside(state: MemberState | undefined): boolean {
  return state === undefined || state.membership === 'leave' || state.membership === 'ban';
}

/** Synapse says only in prose that something is so already: it is read again instead. */
async function unlessSo(call: Promise<unknown>, isSo: () => Promise<boolean>): Promise<void> {
  try {
    await call;
  } catch (error) {
    const refused = error instanceof HomeserverError && error.kind === 'refused';
    if (!refused || !(await isSo())) throw error;
  }
}
