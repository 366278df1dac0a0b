import { HomeserverError } from '../matrix/error.ts';
import type { MemberState, Room } from '../matrix/homeserver.ts';
import { parseRoomAlias, parseRoomId, parseUserId, type RoomId, type UserId } from '../matrix/ids.ts';
import { type JsonObject, list, object, optionalText, text } from '../rest/read.ts';
import { powerIn } from './power-levels.ts';
import { membership, userId } from './read.ts';

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
  if (events.length === 0) throw nobodyIn(roomId);
  const find = (type: string) => events.find((event) => event.type === type && event.stateKey === '');
  const create = find('m.room.create');
  if (create === undefined) throw new HomeserverError('protocol', `${roomId} has no m.room.create`);
  const alias = optionalText(find('m.room.canonical_alias')?.content.alias, 'alias');
  return {
    ...powerIn(roomId, create, find('m.room.power_levels')),
    name: optionalText(find('m.room.name')?.content.name, 'name'),
    canonicalAlias: alias === undefined ? undefined : parseRoomAlias(alias),
    isSpace: create.content.type === 'm.space',
    joinRule: optionalText(find('m.room.join_rules')?.content.join_rule, 'join_rule') ?? 'invite',
    isEncrypted: find('m.room.encryption') !== undefined,
    historyVisibility:
      optionalText(find('m.room.history_visibility')?.content.history_visibility, 'history_visibility') ??
      'shared',
    members: membersOf(events),
    replacement: replacementOf(find('m.room.tombstone')?.content),
  };
}

/** The state of a room is not known any more when all local members have left it. */
export function nobodyIn(roomId: RoomId): HomeserverError {
  return new HomeserverError('refused', `nobody on this homeserver is in ${roomId}`);
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
