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
import { badRequest, notFound, Refusal } from './refusal.ts';
import type { FirstState, RoomOptions } from './rooms.ts';
import { memberEvent } from './state-events.ts';
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

  /** The event as the actor may see it: as of her leaving. */
  function eventSeen(call: Call): JsonObject | undefined {
    const { actor } = call;
    const type = param(call, 'type');
    const key = call.params.stateKey ?? '';
    const room = { roomId: roomId(call) };
    if (type === 'm.room.member') {
      const member = world.memberSeenBy(actor, room.roomId, userIdIn(key, 'stateKey'));
      return member && memberEvent(room, member);
    }
    const events = world.stateSeenBy(actor, room.roomId);
    return events.find((event) => event.type === type && event.state_key === key);
  }

  function writeState(call: Call) {
    const type = param(call, 'type');
    if (FIXED.has(type)) throw badRequest(`${type} can not be set in a simulated room`);
    passages.putState(call.actor, roomId(call), type, call.params.stateKey ?? '', call.body);
    return ok({ event_id: '$simulated' });
  }

  function readState(call: Call) {
    const event = eventSeen(call);
    if (event === undefined) throw notFound('Event not found.');
    return ok(call.query.get('format') === 'event' || !isObject(event.content) ? event : event.content);
  }

  return {
    [`GET ${V3}/directory/room/{alias}`](call) {
      const alias = aliasIn(param(call, 'alias'), 'alias');
      const found = rooms.resolve(alias);
      if (found === undefined) throw notFound(`Room alias ${alias} not found`);
      return ok({ room_id: found, servers: [world.serverName] });
    },

    [`PUT ${V3}/directory/room/{alias}`](call) {
      const target = roomIdIn(text(call.body, 'room_id'), 'room_id');
      if (rooms.get(target) === undefined) throw notFound('Room not found');
      rooms.name(aliasIn(param(call, 'alias'), 'alias'), target);
      return ok();
    },

    [`DELETE ${V3}/directory/room/{alias}`](call) {
      rooms.forgetAlias(aliasIn(param(call, 'alias'), 'alias'));
      return ok();
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

    [`PUT ${V3}/rooms/{roomId}/send/{type}/{transaction}`](call) {
      const [type, transaction] = [param(call, 'type'), param(call, 'transaction')];
      // A transaction is one of a device, and Synapse does not expect a token without one.
      if (!call.hasDevice) throw new Refusal(500, 'M_UNKNOWN', 'Internal server error');
      const number = passages.send(call.actor, roomId(call), { type, content: call.body, transaction });
      return ok({ event_id: `$simulated-message-${number}` });
    },

    /** Newest first, and only what was said: no state, and no pages. */
    [`GET ${V3}/rooms/{roomId}/messages`](call) {
      const chunk = world
        .messagesSeenBy(call.actor, roomId(call))
        .map(({ type, sender, content }) => ({ type, sender, content, room_id: roomId(call) }));
      return ok({ chunk: chunk.toReversed(), start: 'simulated' });
    },

    [`GET ${V3}/rooms/{roomId}/state/{type}`]: readState,
    [`GET ${V3}/rooms/{roomId}/state/{type}/{stateKey}`]: readState,

    [`PUT ${V3}/rooms/{roomId}/state/{type}`]: writeState,
    [`PUT ${V3}/rooms/{roomId}/state/{type}/{stateKey}`]: writeState,
  };
}

/** State that the simulator holds in another way. */
const FIXED: ReadonlySet<string> = new Set([
  'm.room.canonical_alias',
  'm.room.create',
  'm.room.join_rules',
  'm.room.member',
  'm.room.tombstone',
]);

function roomOptionsIn(body: JsonObject, serverName: string): RoomOptions {
  const local = optionalText(body, 'room_alias_name');
  const creation = isObject(body.creation_content) ? body.creation_content : {};
  return {
    name: optionalText(body, 'name'),
    topic: optionalText(body, 'topic'),
    state: stateIn(body),
    alias: local === undefined ? undefined : aliasFor(local, serverName),
    joinRule: joinRuleIn(body),
    version: optionalText(body, 'room_version'),
    isSpace: creation.type === 'm.space',
  };
}

function aliasFor(local: string, serverName: string): RoomAlias {
  if (/[:\s]/.test(local)) throw badRequest('Invalid characters in room alias');
  const alias = parseRoomAlias(`#${local}:${serverName}`);
  if (alias !== undefined) return alias;
  throw new Refusal(400, 'M_INVALID_PARAM', "Can't create aliases longer than 255 characters");
}

function stateIn(body: JsonObject): readonly FirstState[] {
  const initial = objects(body, 'initial_state') ?? [];
  return initial
    .map((event) => {
      const content = isObject(event.content) ? event.content : {};
      return { type: text(event, 'type'), stateKey: optionalText(event, 'state_key') ?? '', content };
    })
    .filter(({ type }) => !FIXED.has(type));
}

function joinRuleIn(body: JsonObject): string {
  const initial = objects(body, 'initial_state')?.find((event) => event.type === 'm.room.join_rules');
  if (isObject(initial?.content)) return text(initial.content, 'join_rule');
  return body.preset === 'public_chat' ? 'public' : 'invite';
}
