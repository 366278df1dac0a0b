import { type RoomId, serverNameOf, type UserId, userId } from '../matrix/ids.ts';
import type { AccountRegistry } from './accounts.ts';
import type { Passages } from './passages.ts';
import { badRequest, notFound } from './refusal.ts';
import { membershipOf, record, type StateContent } from './room.ts';
import type { RoomRegistry } from './rooms.ts';

/** Who sends them: the localpart of Synapse's example (`system_mxid_localpart`). */
export const NOTICES = 'notices';

export type ServerNotices = {
  /** Says something to a local account; the number of the message in the room of the two. */
  send(target: UserId, content: StateContent): number;
  /** Whether homeserver.yaml has `server_notices`. */
  isEnabled: boolean;
};

type Deps = {
  readonly serverName: string;
  readonly accounts: Pick<AccountRegistry, 'get'>;
  readonly rooms: Pick<RoomRegistry, 'create' | 'get'>;
  readonly passages: Pick<Passages, 'send'>;
  readonly isEnabled: boolean;
};

/**
 * As Synapse 1.163 was seen to do it: one room for each person, made with the first notice by a sender that has no account;
 * she is invited to it, again if she has left. Nobody asks whether she can read it: who is locked, suspended or deactivated
 * is told, too. (A Synapse that was restarted makes another room for who has left.)
 */
export function createServerNotices(deps: Deps): ServerNotices {
  const { serverName, accounts, rooms, passages } = deps;
  const sender = userId(NOTICES, serverName);
  const roomOf = new Map<UserId, RoomId>();
  let said = 0;

  function roomFor(target: UserId): RoomId {
    const known = roomOf.get(target);
    if (known !== undefined) return known;
    const { roomId } = rooms.create(sender, { name: 'Server Notices' });
    roomOf.set(target, roomId);
    return roomId;
  }

  const notices: ServerNotices = {
    isEnabled: deps.isEnabled,
    send(target, content) {
      // In this order: who asks about nobody learns whether there are notices at all.
      if (!notices.isEnabled) throw badRequest('Server notices are not enabled on this server');
      if (serverNameOf(target) !== serverName) {
        throw badRequest('Server notices can only be sent to local users');
      }
      if (accounts.get(target) === undefined) throw notFound('User not found');
      const roomId = roomFor(target);
      const room = rooms.get(roomId);
      if (room === undefined) throw notFound('Room not found');
      const membership = membershipOf(room, target);
      if (membership !== 'join' && membership !== 'invite') {
        record(room, { userId: target, membership: 'invite', sender });
      }
      said += 1;
      return passages.send(sender, roomId, {
        type: 'm.room.message',
        content,
        transaction: `notice-${said}`,
      });
    },
  };
  return notices;
}
