import type { Membership } from '../matrix/homeserver.ts';
import { parseRoomId, parseUserId, type RoomId, type UserId } from '../matrix/ids.ts';
import { wrong } from '../rest/read.ts';

/** Readers of Matrix ids and words, as those of `rest/read.ts`. */
export function userId(value: unknown, what: string): UserId {
  const id = typeof value === 'string' ? parseUserId(value) : undefined;
  if (id === undefined) throw wrong(what, 'user id');
  return id;
}

export function roomId(value: unknown, what: string): RoomId {
  const id = typeof value === 'string' ? parseRoomId(value) : undefined;
  if (id === undefined) throw wrong(what, 'room id');
  return id;
}

export function membership(value: unknown, what: string): Membership {
  switch (value) {
    case 'join':
    case 'invite':
    case 'knock':
    case 'leave':
    case 'ban':
      return value;
    default:
      throw wrong(what, 'membership');
  }
}
