import type { MemberState, PowerLevels, Room } from '../matrix/homeserver.ts';
import { parseUserId, type RoomAlias, type RoomId, serverNameOf, type UserId } from '../matrix/ids.ts';

/** The content of `m.room.power_levels`: levels, and tables of levels such as `users` and `events`. */
export type PowerLevelsContent = Readonly<Record<string, number | Readonly<Record<string, number>>>>;

/** A change of somebody's membership. */
export type Passage = MemberState & { readonly userId: UserId; readonly reason?: string | undefined };

/** The one mutable thing of the simulator, beside the accounts. */
export type SimulatedRoom = {
  readonly roomId: RoomId;
  readonly version: string;
  readonly creator: UserId;
  readonly isSpace: boolean;
  readonly name: string | undefined;
  readonly joinRule: string;
  canonicalAlias: RoomAlias | undefined;
  powerLevels: PowerLevelsContent;
  blocked: boolean;
  /** `at` is the length that the log had. */
  tombstone: { readonly replacement: RoomId; readonly at: number } | undefined;
  /** The last passage of each. */
  readonly members: Map<UserId, Passage>;
  /** Every change of membership, oldest first. */
  readonly log: Passage[];
  /** How long the log was when they left: those who left see no further. */
  readonly horizons: Map<UserId, number>;
};

export function record(room: SimulatedRoom, passage: Passage): void {
  const { userId, membership } = passage;
  const wasJoined = membershipOf(room, userId) === 'join';
  room.members.set(userId, passage);
  room.log.push(passage);
  if (membership === 'join') room.horizons.delete(userId);
  else if (wasJoined) room.horizons.set(userId, room.log.length);
}

/** The passage as the port gives it. */
export function memberStateOf({ membership, sender }: Passage): MemberState {
  return { membership, sender };
}

export function membershipOf(room: SimulatedRoom, userId: UserId): MemberState['membership'] | undefined {
  return room.members.get(userId)?.membership;
}

export function joinedIn(room: SimulatedRoom): readonly UserId[] {
  return [...room.members].filter(([, state]) => state.membership === 'join').map(([userId]) => userId);
}

/** A homeserver that has nobody in a room any more forgets its state. */
export function isInhabited(room: SimulatedRoom, serverName: string): boolean {
  for (const [userId, { membership }] of room.members) {
    if (membership === 'join' && serverNameOf(userId) === serverName) return true;
  }
  return false;
}

/** How much of the log a user may see: all of it while joined, nothing (undefined) if she never was. */
export function horizonOf(room: SimulatedRoom, userId: UserId): number | undefined {
  return membershipOf(room, userId) === 'join' ? Number.POSITIVE_INFINITY : room.horizons.get(userId);
}

export function level(content: PowerLevelsContent, key: string, absent: number): number {
  const value = content[key];
  return typeof value === 'number' ? value : absent;
}

export function table(content: PowerLevelsContent, key: string): Readonly<Record<string, number>> {
  const value = content[key];
  return typeof value === 'object' ? value : {};
}

export function powerOf(room: SimulatedRoom, userId: UserId): number {
  if (creatorsOf(room).has(userId)) return Number.POSITIVE_INFINITY;
  return table(room.powerLevels, 'users')[userId] ?? level(room.powerLevels, 'users_default', 0);
}

/** What it takes to send such a state event. */
export function levelForState(room: SimulatedRoom, type: string): number {
  return table(room.powerLevels, 'events')[type] ?? level(room.powerLevels, 'state_default', 50);
}

/** Who stands above all power levels: nobody before room version 12. */
export function creatorsOf(room: SimulatedRoom): ReadonlySet<UserId> {
  return new Set(standsAbove(room.version) ? [room.creator] : []);
}

export function standsAbove(version: string): boolean {
  return Number(version) >= 12;
}

/** The room as the port gives it. */
export function snapshotOf(room: SimulatedRoom): Room {
  return {
    roomId: room.roomId,
    name: room.name,
    canonicalAlias: room.canonicalAlias,
    version: room.version,
    isSpace: room.isSpace,
    joinRule: room.joinRule,
    creators: creatorsOf(room),
    powerLevels: powerLevelsOf(room.powerLevels),
    members: new Map([...room.members].map(([userId, passage]) => [userId, memberStateOf(passage)])),
    replacement: room.tombstone?.replacement,
  };
}

function powerLevelsOf(content: PowerLevelsContent): PowerLevels {
  const users = new Map<UserId, number>();
  for (const [id, power] of Object.entries(table(content, 'users'))) {
    const userId = parseUserId(id);
    if (userId !== undefined) users.set(userId, power);
  }
  return {
    users,
    usersDefault: level(content, 'users_default', 0),
    invite: level(content, 'invite', 0),
    kick: level(content, 'kick', 50),
  };
}
