import type { Room } from './homeserver.ts';
import type { UserId } from './ids.ts';

/** A member's power in a room; creators stand above every level from room version 12 on. */
export function powerOf(room: Room, user: UserId): number {
  if (room.creators.has(user)) return Number.POSITIVE_INFINITY;
  return room.powerLevels.users.get(user) ?? room.powerLevels.usersDefault;
}

/** Joined members, the remover aside, whom it can't remove: their power is not below its own. */
export function beyondReach(room: Room, remover: UserId): readonly UserId[] {
  const power = powerOf(room, remover);
  return [...room.members]
    .filter(([user, { membership }]) => membership === 'join' && user !== remover)
    .map(([user]) => user)
    .filter((user) => powerOf(room, user) >= power);
}
