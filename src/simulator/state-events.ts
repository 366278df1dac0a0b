import type { UserId } from '../matrix/ids.ts';
import type { JsonObject } from './api-request.ts';
import { type Passage, type SimulatedRoom, statementsIn } from './room.ts';

/** The room's state as the APIs give it, with the fields of events that somebody reads. */
export function stateEventsOf(room: SimulatedRoom): readonly JsonObject[] {
  return [...eventsSeen(room), ...[...room.members.values()].map((passage) => memberEvent(room, passage))];
}

/** All but the members; as it was for who sees no further. */
export function eventsSeen(room: SimulatedRoom, horizon?: number): readonly JsonObject[] {
  const { creator, version, isSpace, canonicalAlias, tombstone } = room;
  const event = (type: string, content: JsonObject) => stateEvent(room, type, '', creator, content);
  return [
    event('m.room.create', { room_version: version, ...(isSpace ? { type: 'm.space' } : {}) }),
    event('m.room.join_rules', { join_rule: room.joinRule }),
    ...statementsIn(room, horizon).map((said) =>
      stateEvent(room, said.type, said.stateKey, said.sender, said.content),
    ),
    ...(canonicalAlias === undefined ? [] : [event('m.room.canonical_alias', { alias: canonicalAlias })]),
    ...(tombstone === undefined || tombstone.at >= (horizon ?? Number.POSITIVE_INFINITY)
      ? []
      : [event('m.room.tombstone', { replacement_room: tombstone.replacement })]),
  ];
}

function stateEvent(
  room: Pick<SimulatedRoom, 'roomId'>,
  type: string,
  stateKey: string,
  sender: UserId,
  content: JsonObject,
): JsonObject {
  return { type, room_id: room.roomId, state_key: stateKey, sender, content };
}

/** A reason only if there is one. */
export function memberEvent(room: Pick<SimulatedRoom, 'roomId'>, passage: Passage): JsonObject {
  const { userId, membership, sender, reason } = passage;
  const content = { membership, ...(reason === undefined ? {} : { reason }) };
  return stateEvent(room, 'm.room.member', userId, sender, content);
}
