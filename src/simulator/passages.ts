import { type RoomId, serverNameOf, type UserId } from '../matrix/ids.ts';
import type { RateLimits } from './limits.ts';
import { mustBeAllowed } from './power.ts';
import { badRequest, badState, forbidden, Refusal } from './refusal.ts';
import {
  creatorsOf,
  isInhabited,
  joinedIn,
  level,
  levelForMessage,
  levelForState,
  levelsOf,
  type Message,
  membershipOf,
  powerOf,
  putState,
  record,
  type SimulatedRoom,
  type StateContent,
  setPowerLevels,
  table,
} from './room.ts';

export type PassagesDeps = {
  readonly serverName: string;
  readonly limits: RateLimits;
  find(roomId: RoomId): SimulatedRoom | undefined;
  isSuspended(userId: UserId): boolean;
};

/**
 * Who may do what to whom in a room, in the order in which Synapse checks it. The first argument is who acts;
 * the refusals are those that Synapse was seen to answer.
 */
export type Passages = {
  join(actor: UserId, roomId: RoomId): void;
  knock(actor: UserId, roomId: RoomId): void;
  leave(actor: UserId, roomId: RoomId): void;
  invite(actor: UserId, roomId: RoomId, target: UserId): void;
  kick(actor: UserId, roomId: RoomId, target: UserId, reason?: string): void;
  ban(actor: UserId, roomId: RoomId, target: UserId): void;
  unban(actor: UserId, roomId: RoomId, target: UserId): void;
  /** Any state event but those for which there are other ways. */
  putState(actor: UserId, roomId: RoomId, type: string, stateKey: string, content: StateContent): void;
  /** Says something once for each transaction; the number of the message in the room. */
  send(actor: UserId, roomId: RoomId, message: Omit<Message, 'sender'>): number;
  /** The admin API's join: an invitation by the actor, unless the room is public, and a join by the target. */
  forceJoin(actor: UserId, roomId: RoomId, target: UserId): void;
  /** The admin API's `make_room_admin`; does not join the target. */
  makeRoomAdmin(actor: UserId, roomId: RoomId, target: UserId): void;
};

/** An event may have 65,536 bytes (Matrix spec, "Size limits"); some of them are not of its content. */
const MAX_EVENT_BYTES = 65_000;

export function createPassages({ serverName, limits, find, isSuspended }: PassagesDeps): Passages {
  /** A room that this server has somebody in; others it would have to ask remote servers for. */
  function enterable(roomId: RoomId): SimulatedRoom {
    const room = find(roomId);
    if (room === undefined || !isInhabited(room, serverName)) {
      throw new Refusal(404, 'M_UNKNOWN', "Can't join remote room: no server is known that is in it.");
    }
    return room;
  }

  function known(roomId: RoomId): SimulatedRoom {
    const room = find(roomId);
    if (room === undefined) throw new Refusal(404, 'M_UNKNOWN', 'Not a known room');
    return room;
  }

  function mustBeAdmissible(room: SimulatedRoom, userId: UserId, action: string): void {
    if (room.blocked) throw new Refusal(403, 'M_UNKNOWN', 'This room has been blocked on this server');
    if (membershipOf(room, userId) === 'ban') throw badState(`Cannot ${action} user who was banned`);
  }

  function mustBeIn(room: SimulatedRoom, userId: UserId): void {
    if (membershipOf(room, userId) !== 'join') throw forbidden(`${userId} not in room ${room.roomId}.`);
  }

  function mustNotBeSuspended(userId: UserId): void {
    if (!isSuspended(userId)) return;
    throw new Refusal(403, 'M_USER_SUSPENDED', 'Joining rooms while account is suspended is not allowed.');
  }

  function mayInvite(actor: UserId, room: SimulatedRoom, target: UserId): void {
    mustBeAdmissible(room, target, 'invite');
    mustBeIn(room, actor);
    if (membershipOf(room, target) === 'join') throw forbidden(`${target} is already in the room.`);
    if (powerOf(room, actor) < level(levelsOf(room), 'invite', 0)) {
      throw forbidden("You don't have permission to invite users");
    }
  }

  function mustOverpower(actor: UserId, room: SimulatedRoom, target: UserId, action: 'kick' | 'ban'): void {
    mustBeIn(room, actor);
    const power = powerOf(room, actor);
    if (power < level(levelsOf(room), action, 50) || power <= powerOf(room, target)) {
      throw forbidden(`You cannot ${action} user ${target}.`);
    }
  }

  return {
    join(actor, roomId) {
      const room = enterable(roomId);
      mustNotBeSuspended(actor);
      mustBeAdmissible(room, actor, 'join');
      const membership = membershipOf(room, actor);
      if (membership === 'join') return;
      if (room.joinRule !== 'public' && membership !== 'invite') {
        throw forbidden('You are not invited to this room.');
      }
      limits.spend('join', actor);
      limits.spend('message', actor);
      record(room, { userId: actor, membership: 'join', sender: actor });
    },

    knock(actor, roomId) {
      const room = enterable(roomId);
      mustBeAdmissible(room, actor, 'knock');
      if (!room.joinRule.startsWith('knock')) throw forbidden("You don't have permission to knock");
      record(room, { userId: actor, membership: 'knock', sender: actor });
    },

    leave(actor, roomId) {
      const room = known(roomId);
      const membership = membershipOf(room, actor);
      if (membership === 'leave') return;
      if (membership === undefined || membership === 'ban') {
        throw forbidden(`${actor} not in room ${roomId}.`);
      }
      limits.spend('message', actor);
      record(room, { userId: actor, membership: 'leave', sender: actor });
    },

    invite(actor, roomId, target) {
      const room = known(roomId);
      mayInvite(actor, room, target);
      limits.spend('invite', actor, target);
      limits.spend('message', actor);
      record(room, { userId: target, membership: 'invite', sender: actor });
    },

    kick(actor, roomId, target, reason) {
      const room = known(roomId);
      if (!isInhabited(room, serverName)) throw forbidden(`${actor} not in room ${roomId}.`);
      const membership = membershipOf(room, target);
      if (membership === 'ban') throw badState('Cannot kick user who was banned');
      if (membership === undefined || membership === 'leave') {
        throw forbidden('The target user is not in the room');
      }
      mustOverpower(actor, room, target, 'kick');
      limits.spend('message', actor);
      record(room, { userId: target, membership: 'leave', sender: actor, reason });
    },

    ban(actor, roomId, target) {
      const room = known(roomId);
      mustOverpower(actor, room, target, 'ban');
      limits.spend('message', actor);
      record(room, { userId: target, membership: 'ban', sender: actor });
    },

    unban(actor, roomId, target) {
      const room = known(roomId);
      if (membershipOf(room, target) !== 'ban') throw badState('Cannot unban user who was not banned');
      mustOverpower(actor, room, target, 'ban');
      limits.spend('message', actor);
      record(room, { userId: target, membership: 'leave', sender: actor });
    },

    putState(actor, roomId, type, stateKey, content) {
      const room = find(roomId);
      if (room === undefined) throw forbidden(`User ${actor} not in room ${roomId}`);
      mustBeIn(room, actor);
      if (stateKey.startsWith('@') && stateKey !== actor) throw forbidden('You may not set others state');
      if (powerOf(room, actor) < levelForState(room, type)) {
        throw forbidden("You don't have permission to post that to the room.");
      }
      if (type === 'm.room.power_levels') mustBeAllowed(actor, room, content);
      limits.spend('message', actor);
      putState(room, { type, stateKey, sender: actor, content });
    },

    send(actor, roomId, message) {
      const room = find(roomId);
      if (room === undefined) throw forbidden(`User ${actor} not in room ${roomId}`);
      const { transaction, type } = message;
      const said = room.messages.findIndex(
        (each) => each.sender === actor && each.transaction === transaction && each.type === type,
      );
      if (said >= 0) return said;
      mustBeIn(room, actor);
      if (powerOf(room, actor) < levelForMessage(room, type)) {
        throw forbidden("You don't have permission to post that to the room.");
      }
      if (Buffer.byteLength(JSON.stringify(message.content)) > MAX_EVENT_BYTES) {
        throw new Refusal(413, 'M_TOO_LARGE', 'event too large');
      }
      limits.spend('message', actor);
      return room.messages.push({ ...message, sender: actor }) - 1;
    },

    forceJoin(actor, roomId, target) {
      const room = enterable(roomId);
      if (room.joinRule !== 'public') {
        mayInvite(actor, room, target);
        record(room, { userId: target, membership: 'invite', sender: actor });
      }
      mustNotBeSuspended(target);
      mustBeAdmissible(room, target, 'join');
      if (membershipOf(room, target) === 'join') return;
      record(room, { userId: target, membership: 'join', sender: target });
    },

    makeRoomAdmin(actor, roomId, target) {
      const room = find(roomId);
      if (room === undefined || !isInhabited(room, serverName)) throw badRequest('Server not in room');
      const admin = localAdminOf(room, serverName);
      if (admin === undefined) throw badRequest('No local admin user in room');
      if (powerOf(room, admin) < levelForState(room, 'm.room.power_levels')) {
        throw badRequest('No local admin user in room with power to update power levels.');
      }
      limits.spend('message', actor, admin);
      const users = table(levelsOf(room), 'users');
      setPowerLevels(room, admin, { ...levelsOf(room), users: { ...users, [target]: users[admin] ?? 100 } });
      const membership = membershipOf(room, target);
      if (membership === 'join' || membership === 'invite' || room.joinRule === 'public') return;
      mustBeAdmissible(room, target, 'invite');
      limits.spend('invite', actor, target);
      record(room, { userId: target, membership: 'invite', sender: admin });
    },
  };
}

/** The local member with the highest power that somebody was given; `users_default` does not count. */
function localAdminOf(room: SimulatedRoom, serverName: string): UserId | undefined {
  const given = table(levelsOf(room), 'users');
  return joinedIn(room)
    .filter((userId) => serverNameOf(userId) === serverName)
    .filter((userId) => given[userId] !== undefined || creatorsOf(room).has(userId))
    .sort((a, b) => powerOf(room, b) - powerOf(room, a))[0];
}
