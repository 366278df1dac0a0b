import { parseRoomAlias, type RoomAlias } from '../matrix/ids.ts';
import {
  aliasIn,
  type Call,
  type Handlers,
  isObject,
  type JsonObject,
  objects,
  ok,
  optionalText,
  param,
  roomIdIn,
  text,
  userIdIn,
} from './api-request.ts';
import type { Passages } from './passages.ts';
import { notFound } from './refusal.ts';
import type { PowerLevelsContent } from './room.ts';
import type { RoomOptions } from './rooms.ts';
import { memberEvent, stateEvent, stateEventsOf } from './state-events.ts';
import type { World } from './world.ts';

const V3 = '/_matrix/client/v3';

/** As much of the Matrix client-server API as the adapter and people in the tests need. */
export function clientHandlers(world: World): Handlers {
  const { rooms, passages } = world;
  const roomId = (call: Call) => roomIdIn(param(call, 'roomId'), 'roomId');

  function toOneself(passage: Passages['join']) {
    return (call: Call) => {
      passage(call.actor, roomId(call));
      return ok({ room_id: roomId(call) });
    };
  }

  function toAnother(passage: Passages['kick']) {
    return (call: Call) => {
      const target = userIdIn(text(call.body, 'user_id'), 'user_id');
      passage(call.actor, roomId(call), target, optionalText(call.body, 'reason'));
      return ok();
    };
  }

  /** The event as the actor may see it; memberships and the tombstone as of her leaving. */
  function eventSeen(call: Call): JsonObject | undefined {
    const { actor } = call;
    const type = param(call, 'type');
    const key = call.params.stateKey ?? '';
    const room = { roomId: roomId(call) };
    const replacement = world.replacementSeenBy(actor, room.roomId);
    if (type === 'm.room.tombstone') {
      return replacement && stateEvent(room, type, '', actor, { replacement_room: replacement });
    }
    if (type === 'm.room.member') {
      const member = world.memberSeenBy(actor, room.roomId, userIdIn(key, 'stateKey'));
      return member && memberEvent(room, member);
    }
    const known = rooms.get(room.roomId);
    const events = known === undefined ? [] : stateEventsOf(known);
    return events.find((event) => event.type === type && event.state_key === key);
  }

  function readState(call: Call) {
    const event = eventSeen(call);
    if (event === undefined) throw notFound('Event not found.');
    return ok(call.query.get('format') === 'event' || !isObject(event.content) ? event : event.content);
  }

  return {
    [`GET ${V3}/account/whoami`]: ({ actor }) => ok({ user_id: actor, is_guest: false }),

    [`GET ${V3}/directory/room/{alias}`](call) {
      const alias = aliasIn(param(call, 'alias'), 'alias');
      const found = rooms.resolve(alias);
      if (found === undefined) throw notFound(`Room alias ${alias} not found`);
      return ok({ room_id: found, servers: [world.serverName] });
    },

    [`POST ${V3}/createRoom`]: ({ actor, body }) =>
      ok({ room_id: world.createRoom(actor, roomOptionsIn(body, world.serverName)) }),

    [`POST ${V3}/join/{roomId}`]: toOneself(passages.join),
    [`POST ${V3}/knock/{roomId}`]: toOneself(passages.knock),
    [`POST ${V3}/rooms/{roomId}/leave`]: toOneself(passages.leave),
    [`POST ${V3}/rooms/{roomId}/invite`]: toAnother(passages.invite),
    [`POST ${V3}/rooms/{roomId}/kick`]: toAnother(passages.kick),
    [`POST ${V3}/rooms/{roomId}/ban`]: toAnother(passages.ban),
    [`POST ${V3}/rooms/{roomId}/unban`]: toAnother(passages.unban),

    [`POST ${V3}/rooms/{roomId}/upgrade`]: (call) =>
      ok({ replacement_room: world.upgradeRoom(call.actor, roomId(call), text(call.body, 'new_version')) }),

    [`GET ${V3}/rooms/{roomId}/state/{type}`]: readState,
    [`GET ${V3}/rooms/{roomId}/state/{type}/{stateKey}`]: readState,

    [`PUT ${V3}/rooms/{roomId}/state/m.room.power_levels/`](call) {
      passages.setPowerLevels(call.actor, roomId(call), powerLevelsIn(call.body));
      return ok({ event_id: '$simulated' });
    },
  };
}

function roomOptionsIn(body: JsonObject, serverName: string): RoomOptions {
  const local = optionalText(body, 'room_alias_name');
  const creation = isObject(body.creation_content) ? body.creation_content : {};
  return {
    name: optionalText(body, 'name'),
    alias: local === undefined ? undefined : aliasFor(local, serverName),
    joinRule: joinRuleIn(body),
    version: optionalText(body, 'room_version'),
    isSpace: creation.type === 'm.space',
  };
}

function aliasFor(local: string, serverName: string): RoomAlias | undefined {
  return parseRoomAlias(`#${local}:${serverName}`);
}

function joinRuleIn(body: JsonObject): string {
  const initial = objects(body, 'initial_state')?.find((event) => event.type === 'm.room.join_rules');
  if (isObject(initial?.content)) return text(initial.content, 'join_rule');
  return body.preset === 'public_chat' ? 'public' : 'invite';
}

function powerLevelsIn(body: JsonObject): PowerLevelsContent {
  const content: Record<string, PowerLevelsContent[string]> = {};
  for (const [key, value] of Object.entries(body)) {
    if (typeof value === 'number') content[key] = value;
    else if (isObject(value)) content[key] = levelsIn(value);
  }
  return content;
}

function levelsIn(table: JsonObject): Readonly<Record<string, number>> {
  const levels: Record<string, number> = {};
  for (const [key, value] of Object.entries(table)) if (typeof value === 'number') levels[key] = value;
  return levels;
}
