import type { Room } from './homeserver.ts';
import { serverNameOf, type UserId } from './ids.ts';

/** What the creator of a room of version 12 or later gives to whom `takeRoom` lets in. */
const ADMIN = 100;

/** A member's power in a room; creators stand above every level from room version 12 on. */
export function powerOf(room: Room, user: UserId): number {
  if (room.creators.has(user)) return Number.POSITIVE_INFINITY;
  return room.powerLevels.users.get(user) ?? room.powerLevels.usersDefault;
}

/** The power of the bot in a room, or what `takeRoom` would give it, if that is more. */
export function powerWithin(room: Room, bot: UserId): number {
  const own = isIn(room, bot) ? powerOf(room, bot) : 0;
  const [highest] = [...room.members.keys()]
    .filter((user) => isIn(room, user) && serverNameOf(user) === serverNameOf(bot))
    .filter((user) => room.powerLevels.users.has(user) || room.creators.has(user))
    .sort((a, b) => compare(powerOf(room, b), powerOf(room, a)));
  if (highest === undefined || powerOf(room, highest) < room.powerLevels.change) return own;
  return Math.max(own, room.powerLevels.users.get(highest) ?? ADMIN);
}

/** Joined members, the remover aside, whom it can't remove: their power is not below its own. */
export function beyondReach(
  room: Room,
  remover: UserId,
  power: number = powerOf(room, remover),
): readonly UserId[] {
  return [...room.members.keys()]
    .filter((user) => isIn(room, user) && user !== remover)
    .filter((user) => powerOf(room, user) >= power);
}

function isIn({ members }: Room, user: UserId): boolean {
  return members.get(user)?.membership === 'join';
}

/** Infinity less infinity is no number. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
