import type { MemberState, PowerLevels, Room, RoomPower } from '../matrix/homeserver.ts';
import { parseUserId, type RoomAlias, type RoomId, serverNameOf, type UserId } from '../matrix/ids.ts';

/** The content of a state event. */
export type StateContent = Readonly<Record<string, unknown>>;

/** That of `m.room.power_levels`: levels, and tables of levels such as `users` and `events`. */
export type PowerLevelsContent = StateContent;

/** A state event; `at` is the length that the log had. */
export type Statement = {
  readonly type: string;
  readonly stateKey: string;
  readonly sender: UserId;
  readonly content: StateContent;
  readonly at: number;
};

/** A change of somebody's membership. */
export type Passage = MemberState & { readonly userId: UserId; readonly reason?: string | undefined };

/** What somebody said; the transaction is that of its sender. */
export type Message = {
  readonly sender: UserId;
  readonly type: string;
  readonly content: StateContent;
  readonly transaction: string;
};

/** The one mutable thing of the simulator, beside the accounts. */
export type SimulatedRoom = {
  readonly roomId: RoomId;
  readonly version: string;
  readonly creator: UserId;
  readonly isSpace: boolean;
  readonly joinRule: string;
  canonicalAlias: RoomAlias | undefined;
  blocked: boolean;
  /** `at` is the length that the log had. */
  tombstone: { readonly replacement: RoomId; readonly at: number } | undefined;
  /** The last passage of each. */
  readonly members: Map<UserId, Passage>;
  /** Every change of membership, oldest first. */
  readonly log: Passage[];
  /** What was ever stated: power levels, the name, and all that no other field holds. Oldest first. */
  readonly statements: Statement[];
  /** What was said, oldest first. */
  readonly messages: Message[];
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

export function putState(room: SimulatedRoom, statement: Omit<Statement, 'at'>): void {
  room.statements.push({ ...statement, at: room.log.length });
}

/** The state that holds, or that held for who sees no further. */
export function statementsIn(room: SimulatedRoom, horizon = Number.POSITIVE_INFINITY): readonly Statement[] {
  const last = new Map<string, Statement>();
  for (const statement of room.statements) {
    if (statement.at < horizon) last.set(`${statement.type} ${statement.stateKey}`, statement);
  }
  return [...last.values()];
}

export function setPowerLevels(room: SimulatedRoom, sender: UserId, content: PowerLevelsContent): void {
  putState(room, { type: 'm.room.power_levels', stateKey: '', sender, content });
}

export function levelsOf(room: SimulatedRoom): PowerLevelsContent {
  return room.statements.findLast(({ type }) => type === 'm.room.power_levels')?.content ?? {};
}

export function nameOf(room: SimulatedRoom): string | undefined {
  const name = contentOf(room, 'm.room.name')?.name;
  return typeof name === 'string' ? name : undefined;
}

/** What was stated last about the room as a whole. */
function contentOf(room: SimulatedRoom, wanted: string): StateContent | undefined {
  return statementsIn(room).find(({ type, stateKey }) => type === wanted && stateKey === '')?.content;
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
  return isTable(value) ? value : {};
}

/** What else than numbers there could be was refused when it came. */
function isTable(value: unknown): value is Readonly<Record<string, number>> {
  return typeof value === 'object' && value !== null;
}

export function powerOf(room: SimulatedRoom, userId: UserId): number {
  if (creatorsOf(room).has(userId)) return Number.POSITIVE_INFINITY;
  return table(levelsOf(room), 'users')[userId] ?? level(levelsOf(room), 'users_default', 0);
}

/** What it takes to send such a state event. */
export function levelForState(room: SimulatedRoom, type: string): number {
  return levelFor(levelsOf(room), type);
}

/** What it takes to say something. */
export function levelForMessage(room: SimulatedRoom, type: string): number {
  return table(levelsOf(room), 'events')[type] ?? level(levelsOf(room), 'events_default', 0);
}

function levelFor(content: PowerLevelsContent, type: string): number {
  return table(content, 'events')[type] ?? level(content, 'state_default', 50);
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
    ...powerIn(room),
    name: nameOf(room),
    canonicalAlias: room.canonicalAlias,
    isSpace: room.isSpace,
    joinRule: room.joinRule,
    isEncrypted: contentOf(room, 'm.room.encryption') !== undefined,
    historyVisibility: String(contentOf(room, 'm.room.history_visibility')?.history_visibility ?? 'shared'),
    members: new Map([...room.members].map(([userId, passage]) => [userId, memberStateOf(passage)])),
    replacement: room.tombstone?.replacement,
  };
}

export function powerIn(room: SimulatedRoom): RoomPower {
  const { roomId, version } = room;
  return { roomId, version, creators: creatorsOf(room), powerLevels: powerLevelsOf(levelsOf(room)) };
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
    change: levelFor(content, 'm.room.power_levels'),
  };
}
