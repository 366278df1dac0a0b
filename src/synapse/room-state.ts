import { HomeserverError } from '../matrix/error.ts';
import type { MemberState, PowerLevels, Room } from '../matrix/homeserver.ts';
import { parseRoomAlias, parseRoomId, parseUserId, type RoomId, type UserId } from '../matrix/ids.ts';
import { type JsonObject, list, membership, object, optionalText, text, userId } from './read.ts';

/** A state event, as far as it is needed here (Matrix spec, "Room events"). */
export type StateEvent = {
  readonly type: string;
  readonly stateKey: string;
  readonly sender: UserId;
  readonly content: JsonObject;
};

export function stateEventOf(value: unknown): StateEvent {
  const event = object(value, 'the state event');
  return {
    type: text(event.type, 'type'),
    stateKey: text(event.state_key, 'state_key'),
    sender: userId(event.sender, 'sender'),
    content: object(event.content, 'content'),
  };
}

/** The whole state of a room. Empty state is that of a room that no local user is in any more: refused. */
export function roomOf(roomId: RoomId, state: unknown): Room {
  const events = list(state, 'state').map(stateEventOf);
  if (events.length === 0) throw new HomeserverError('refused', `nobody on this homeserver is in ${roomId}`);
  const find = (type: string) => events.find((event) => event.type === type && event.stateKey === '');
  const create = find('m.room.create');
  if (create === undefined) throw new HomeserverError('protocol', `${roomId} has no m.room.create`);
  const version = optionalText(create.content.room_version, 'room_version') ?? '1';
  const creators = creatorsOf(create);
  const alias = optionalText(find('m.room.canonical_alias')?.content.alias, 'alias');
  return {
    roomId,
    name: optionalText(find('m.room.name')?.content.name, 'name'),
    canonicalAlias: alias === undefined ? undefined : parseRoomAlias(alias),
    version,
    isSpace: create.content.type === 'm.space',
    joinRule: optionalText(find('m.room.join_rules')?.content.join_rule, 'join_rule') ?? 'invite',
    creators: creatorsStandAbove(version) ? creators : new Set(),
    powerLevels: powerLevelsOf(find('m.room.power_levels')?.content, creators),
    members: membersOf(events),
    replacement: replacementOf(find('m.room.tombstone')?.content),
  };
}

export function memberStateOf(event: StateEvent): MemberState {
  return { membership: membership(event.content.membership, 'membership'), sender: event.sender };
}

/** A tombstone may name no room that one could follow: then the room is only closed. */
export function replacementOf(tombstone: JsonObject | undefined): RoomId | undefined {
  const replacement = tombstone?.replacement_room;
  return typeof replacement === 'string' ? parseRoomId(replacement) : undefined;
}

/** Ids that the grammar does not allow can only be those of remote users, whom nothing here concerns. */
function membersOf(events: readonly StateEvent[]): ReadonlyMap<UserId, MemberState> {
  const members = new Map<UserId, MemberState>();
  for (const event of events) {
    const member = event.type === 'm.room.member' ? parseUserId(event.stateKey) : undefined;
    if (member !== undefined) members.set(member, memberStateOf(event));
  }
  return members;
}

/** Room versions with names are experiments (Matrix spec, "Room versions"); this one became version 12. */
function creatorsStandAbove(version: string): boolean {
  return version === 'org.matrix.hydra.11' || (/^\d+$/.test(version) && Number(version) >= 12);
}

function creatorsOf(create: StateEvent): ReadonlySet<UserId> {
  const additional = create.content.additional_creators ?? [];
  const ids = list(additional, 'additional_creators').map((id) => userId(id, 'additional_creators'));
  return new Set([create.sender, ...ids]);
}

/** Defaults of the Matrix spec, `m.room.power_levels`: without the event, the creator has 100. */
function powerLevelsOf(content: JsonObject | undefined, creators: ReadonlySet<UserId>): PowerLevels {
  if (content === undefined) {
    return { users: new Map([...creators].map((id) => [id, 100])), usersDefault: 0, invite: 0, kick: 50 };
  }
  const users = new Map<UserId, number>();
  for (const [id, value] of Object.entries(object(content.users ?? {}, 'users'))) {
    const user = parseUserId(id);
    if (user !== undefined) users.set(user, level(value, 0));
  }
  return {
    users,
    usersDefault: level(content.users_default, 0),
    invite: level(content.invite, 0),
    kick: level(content.kick, 50),
  };
}

/** Before room version 10 a level may be a string that holds a number. */
function level(value: unknown, absent: number): number {
  if (value === undefined || value === null) return absent;
  const number = typeof value === 'string' ? Number.parseInt(value, 10) : value;
  if (typeof number !== 'number' || !Number.isInteger(number)) {
    throw new HomeserverError('protocol', 'a power level is not a number');
  }
  return number;
}
