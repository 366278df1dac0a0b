import type { Homeserver, NewRoom } from '../matrix/homeserver.ts';
import { parseRoomId, type RoomId, roomSearchTerm, serverNameOf, type UserId } from '../matrix/ids.ts';
import { forbidden, notFound } from './refusal.ts';
import {
  isInhabited,
  levelsOf,
  membershipOf,
  nameOf,
  powerIn,
  type SimulatedRoom,
  type StateContent,
  statementsIn,
  table,
} from './room.ts';
import type { RoomOptions } from './rooms.ts';
import type { World } from './world.ts';

/** One call of what only admins may do. */
type Call = <T>(operation: (bot: UserId) => T) => Promise<T>;

type Rooms = Pick<
  Homeserver,
  'findRooms' | 'roomPower' | 'children' | 'setPowerLevels' | 'createRoom' | 'addChild'
>;

/** The part of the port that is about power, and about spaces. */
export function roomsByPort(world: World, call: Call): Rooms {
  function readable(roomId: RoomId): SimulatedRoom | undefined {
    const room = world.rooms.get(roomId);
    if (room === undefined || isInhabited(room, world.serverName)) return room;
    throw forbidden(`nobody on this homeserver is in ${roomId}`);
  }

  function link(bot: UserId, from: RoomId, type: string, to: RoomId, fields: StateContent): void {
    const room = world.rooms.get(from);
    const said = room && statementsIn(room).find((state) => state.type === type && state.stateKey === to);
    if (isLink(said?.content)) return;
    world.passages.putState(bot, from, type, to, { via: [world.serverName], ...fields });
  }

  return {
    findRooms: (search) =>
      call(() =>
        world.rooms
          .find(roomSearchTerm(search))
          .slice(0, 20)
          .map((room) => ({
            ...{ roomId: room.roomId, name: nameOf(room), canonicalAlias: room.canonicalAlias },
          })),
      ),

    roomPower: (roomId) =>
      call(() => {
        const room = readable(roomId);
        return room && powerIn(room);
      }),

    children: (spaceId) =>
      call(() => {
        const space = readable(spaceId);
        if (space === undefined) throw notFound('Room not found');
        return statementsIn(space)
          .filter(({ type, content }) => type === 'm.space.child' && isLink(content))
          .map(({ stateKey, content }) => ({ id: parseRoomId(stateKey), order: orderOf(content) }))
          .sort((a, b) => compare(a.order, b.order) || compare(a.id ?? '', b.id ?? ''))
          .map(({ id }) => id)
          .filter((id) => id !== undefined);
      }),

    setPowerLevels: (roomId, levels) =>
      call((bot) => {
        const room = world.rooms.get(roomId);
        if (room === undefined || membershipOf(room, bot) !== 'join') throw forbidden('the bot is not there');
        const before = table(levelsOf(room), 'users');
        const changed = [...levels].filter(([userId, level]) => before[userId] !== level);
        if (changed.length === 0) return;
        const after = new Map(Object.entries(before));
        for (const [userId, level] of changed) {
          if (level === undefined) after.delete(userId);
          else after.set(userId, level);
        }
        const content = { ...levelsOf(room), users: Object.fromEntries(after) };
        world.passages.putState(bot, roomId, 'm.room.power_levels', '', content);
      }),

    createRoom: (room) =>
      call((bot) => {
        if (serverNameOf(room.alias) !== world.serverName) throw forbidden(`${room.alias} is not ours`);
        return world.createRoom(bot, optionsFor(room));
      }),

    addChild: (spaceId, roomId) =>
      call((bot) => {
        link(bot, spaceId, 'm.space.child', roomId, {});
        link(bot, roomId, 'm.space.parent', spaceId, { canonical: true });
      }),
  };
}

function isLink(content: StateContent | undefined): boolean {
  return Array.isArray(content?.via) && content.via.length > 0;
}

/** DEL comes after all that an `order` may hold. */
function orderOf({ order }: StateContent): string {
  return typeof order === 'string' && /^[\x20-\x7e]{1,50}$/.test(order) ? order : '\x7f';
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function optionsFor({ alias, name, topic, isSpace, isPrivate, isEncrypted }: NewRoom): RoomOptions {
  const content = { algorithm: 'm.megolm.v1.aes-sha2' };
  return {
    alias,
    name,
    topic,
    isSpace,
    joinRule: isPrivate ? 'invite' : 'public',
    state: isEncrypted ? [{ type: 'm.room.encryption', stateKey: '', content }] : [],
  };
}
