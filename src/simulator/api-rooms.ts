import type { RoomId } from '../matrix/ids.ts';
import {
  aliasIn,
  type Call,
  type Handlers,
  isObject,
  ok,
  optionalFlag,
  param,
  roomIdIn,
  text,
  userIdIn,
} from './api-request.ts';
import { badRequest, notFound, Refusal } from './refusal.ts';
import { isInhabited, joinedIn, nameOf, type SimulatedRoom, statementsIn } from './room.ts';
import { stateEventsOf } from './state-events.ts';
import type { World } from './world.ts';

const V1 = '/_synapse/admin/v1';

/** Synapse's admin API for rooms. */
export function roomHandlers(world: World): Handlers {
  const { accounts, rooms, passages } = world;

  /** By its id only: an alias in its place is an unknown room. */
  function existing(call: Call): SimulatedRoom {
    const id = param(call, 'roomId');
    const room = id.startsWith('!') ? rooms.get(roomIdIn(id, 'roomId')) : undefined;
    if (room === undefined) throw notFound('Room not found');
    return room;
  }

  function resolved(idOrAlias: string): RoomId {
    if (!idOrAlias.startsWith('#')) return roomIdIn(idOrAlias, 'roomId');
    const roomId = rooms.resolve(aliasIn(idOrAlias, 'roomId'));
    if (roomId === undefined) throw notFound(`Room alias ${idOrAlias} not found`);
    return roomId;
  }

  return {
    [`GET ${V1}/rooms`](call) {
      const term = call.query.get('search_term');
      if (term === '') throw badRequest('search_term cannot be an empty string');
      const found = rooms.find(term ?? '');
      const listed = found.slice(0, Number(call.query.get('limit') ?? 100)).map((room) => ({
        ...{ room_id: room.roomId, name: nameOf(room) ?? null },
        canonical_alias: room.canonicalAlias ?? null,
      }));
      return ok({ offset: 0, rooms: listed, total_rooms: found.length });
    },

    [`GET ${V1}/rooms/{roomId}`](call) {
      const room = existing(call);
      const inhabited = isInhabited(room, world.serverName);
      const stated = (type: string) => statementsIn(room).find((said) => said.type === type)?.content;
      return ok({
        room_id: room.roomId,
        name: inhabited ? (nameOf(room) ?? null) : null,
        canonical_alias: inhabited ? (room.canonicalAlias ?? null) : null,
        join_rules: inhabited ? room.joinRule : null,
        room_type: room.isSpace ? 'm.space' : null,
        version: room.version,
        creator: room.creator,
        public: false,
        encryption: inhabited ? (stated('m.room.encryption')?.algorithm ?? null) : null,
        topic: inhabited ? (stated('m.room.topic')?.topic ?? null) : null,
        joined_members: inhabited ? joinedIn(room).length : 0,
        tombstoned: room.tombstone !== undefined,
        replacement_room: room.tombstone?.replacement ?? null,
      });
    },

    [`GET ${V1}/rooms/{roomId}/members`](call) {
      const room = existing(call);
      const members = isInhabited(room, world.serverName) ? joinedIn(room) : [];
      return ok({ members, total: members.length });
    },

    [`GET ${V1}/rooms/{roomId}/state`](call) {
      const room = existing(call);
      const type = call.query.get('type');
      const state = isInhabited(room, world.serverName) ? stateEventsOf(room) : [];
      return ok({ state: state.filter((event) => type === null || event.type === type) });
    },

    [`PUT ${V1}/rooms/{roomId}/block`](call) {
      const room = existing(call);
      room.blocked = optionalFlag(call.body, 'block') ?? false;
      return ok({ block: room.blocked });
    },

    [`POST ${V1}/rooms/{roomId}/make_room_admin`](call) {
      const target = userIdIn(call.body.user_id ?? call.actor, 'user_id');
      passages.makeRoomAdmin(call.actor, resolved(param(call, 'roomId')), target);
      return ok();
    },

    [`POST ${V1}/send_server_notice`]({ body }) {
      const missing = ['user_id', 'content'].filter((name) => body[name] === undefined);
      if (missing.length > 0) {
        throw new Refusal(400, 'M_MISSING_PARAM', `Missing params: ['${missing.join("', '")}']`);
      }
      if (!world.serverNotices.isEnabled) throw badRequest('Server notices are not enabled on this server');
      const content = isObject(body.content) ? body.content : {};
      const number = world.serverNotices.send(userIdIn(body.user_id, 'user_id'), content);
      return ok({ event_id: `$simulated-notice-${number}` });
    },

    [`POST ${V1}/join/{roomId}`](call) {
      const target = userIdIn(text(call.body, 'user_id'), 'user_id');
      if (!target.endsWith(`:${world.serverName}`)) {
        throw badRequest('This endpoint can only be used with local users');
      }
      if (accounts.get(target) === undefined) throw notFound('User not found');
      const roomId = resolved(param(call, 'roomId'));
      passages.forceJoin(call.actor, roomId, target);
      return ok({ room_id: roomId });
    },
  };
}
