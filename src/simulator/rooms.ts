import { createHash } from 'node:crypto';
import type { Membership } from '../matrix/homeserver.ts';
import { localpartOf, type RoomAlias, type RoomId, type UserId } from '../matrix/ids.ts';
import { badRequest, forbidden, Refusal } from './refusal.ts';
import {
  isInhabited,
  joinedIn,
  level,
  levelForState,
  levelsOf,
  membershipOf,
  nameOf,
  type PowerLevelsContent,
  powerOf,
  putState,
  record,
  type SimulatedRoom,
  type Statement,
  setPowerLevels,
  standsAbove,
  statementsIn,
  table,
} from './room.ts';

/** `alias` is the whole of it. Without a version the room is of version 12, without a rule on invitation. */
export type RoomOptions = {
  readonly name?: string | undefined;
  readonly topic?: string | undefined;
  readonly alias?: RoomAlias | undefined;
  readonly joinRule?: string | undefined;
  readonly version?: string | undefined;
  readonly isSpace?: boolean | undefined;
  /** State beside that of the other options. */
  readonly state?: readonly FirstState[] | undefined;
};

export type FirstState = Pick<Statement, 'type' | 'stateKey' | 'content'>;

export type RoomRegistry = {
  get(roomId: RoomId): SimulatedRoom | undefined;
  /** An alias of another homeserver would have to be asked for there: refused with 502. */
  resolve(alias: RoomAlias): RoomId | undefined;
  /** Refused if a room has it. */
  name(alias: RoomAlias, roomId: RoomId): void;
  /** No room has it any more. */
  forgetAlias(alias: RoomAlias): void;
  create(creator: UserId, options: RoomOptions): SimulatedRoom;
  /** The new room has the name, topic, encryption, rooms, aliases, power levels and bans of the old one, and nobody in it. */
  upgrade(actor: UserId, old: SimulatedRoom, version: string): SimulatedRoom;
  /**
   * Those with this in their name or the local part of their canonical alias, in any case, or with this id; those with most
   * members first.
   */
  find(term: string): readonly SimulatedRoom[];
  /** Rooms that nobody here is in are left out. */
  memberships(userId: UserId): ReadonlyMap<RoomId, Membership>;
};

export function createRoomRegistry(serverName: string): RoomRegistry {
  const rooms = new Map<RoomId, SimulatedRoom>();
  const aliases = new Map<RoomAlias, RoomId>();

  function mustBeFree(alias: RoomAlias): void {
    if (aliases.has(alias)) throw new Refusal(400, 'M_ROOM_IN_USE', 'Room alias already taken');
  }

  function create(creator: UserId, options: RoomOptions): SimulatedRoom {
    const { alias, joinRule = 'invite', version = '12', isSpace = false } = options;
    if (alias !== undefined) mustBeFree(alias);
    const room: SimulatedRoom = {
      roomId: roomIdFor(rooms.size + 1, version, serverName),
      version,
      creator,
      isSpace,
      joinRule,
      canonicalAlias: alias,
      blocked: false,
      tombstone: undefined,
      members: new Map(),
      log: [],
      statements: [],
      messages: [],
      horizons: new Map(),
    };
    record(room, { userId: creator, membership: 'join', sender: creator });
    setPowerLevels(room, creator, firstPowerLevels(creator, version, joinRule));
    for (const first of firstState(options)) putState(room, { ...first, sender: creator });
    rooms.set(room.roomId, room);
    if (alias !== undefined) aliases.set(alias, room.roomId);
    return room;
  }

  return {
    get: (roomId) => rooms.get(roomId),
    resolve(alias) {
      if (alias.endsWith(`:${serverName}`)) return aliases.get(alias);
      throw new Refusal(502, 'M_UNKNOWN', 'Failed to fetch alias');
    },
    name(alias, roomId) {
      mustBeFree(alias);
      aliases.set(alias, roomId);
    },
    forgetAlias(alias) {
      aliases.delete(alias);
    },
    create,

    upgrade(actor, old, version) {
      if (membershipOf(old, actor) !== 'join') throw forbidden(`${actor} not in room ${old.roomId}.`);
      if (powerOf(old, actor) < levelForState(old, 'm.room.tombstone')) {
        throw forbidden("You don't have permission to post that to the room.");
      }
      const { joinRule, isSpace } = old;
      const state = statementsIn(old).filter((statement) => isTakenAlong(statement, isSpace));
      const room = create(actor, { joinRule, isSpace, version, state });
      room.canonicalAlias = old.canonicalAlias;
      setPowerLevels(room, actor, inherited(levelsOf(old), actor, version));
      for (const [userId, { membership }] of old.members) {
        if (membership === 'ban') record(room, { userId, membership, sender: actor });
      }
      for (const [alias, roomId] of aliases) if (roomId === old.roomId) aliases.set(alias, room.roomId);
      old.canonicalAlias = undefined;
      old.tombstone = { replacement: room.roomId, at: old.log.length };
      const least = Math.max(50, level(levelsOf(old), 'users_default', 0) + 1);
      setPowerLevels(old, actor, { ...levelsOf(old), events_default: least, invite: least });
      return room;
    },

    find(term) {
      const part = term.toLowerCase();
      const isMeant = (room: SimulatedRoom): boolean =>
        room.roomId === term ||
        nameOf(room)?.toLowerCase().includes(part) === true ||
        (room.canonicalAlias !== undefined && localpartOf(room.canonicalAlias).toLowerCase().includes(part));
      const found = [...rooms.values()].filter((room) => term === '' || isMeant(room));
      return found.sort((a, b) => joinedIn(b).length - joinedIn(a).length);
    },

    memberships(userId) {
      const found = new Map<RoomId, Membership>();
      for (const room of rooms.values()) {
        const membership = membershipOf(room, userId);
        if (membership !== undefined && isInhabited(room, serverName)) found.set(room.roomId, membership);
      }
      return found;
    },
  };
}

/** From version 12 on the id is a hash and names no server. */
function roomIdFor(number: number, version: string, serverName: string): RoomId {
  if (!/^\d+$/.test(version)) throw badRequest('Unknown room version');
  const hash = createHash('sha256').update(`${serverName} ${number}`).digest('base64url');
  return (standsAbove(version) ? `!${hash}` : `!${hash.slice(0, 18)}:${serverName}`) as RoomId;
}

function firstState({ name, topic, state = [] }: RoomOptions): readonly FirstState[] {
  const named = { type: 'm.room.name', stateKey: '', content: { name } };
  const content = { topic, 'm.topic': { 'm.text': [{ body: topic }] } };
  return [
    ...(name === undefined ? [] : [named]),
    ...(topic === undefined ? [] : [{ type: 'm.room.topic', stateKey: '', content }]),
    ...state,
  ];
}

const TAKEN_ALONG: ReadonlySet<string> = new Set([
  'm.room.avatar',
  'm.room.encryption',
  'm.room.guest_access',
  'm.room.history_visibility',
  'm.room.name',
  'm.room.server_acl',
  'm.room.topic',
]);

/** An upgrade takes a space's rooms along, but not those that were taken out of it. */
function isTakenAlong({ type, stateKey, content }: Statement, isSpace: boolean): boolean {
  if (type === 'm.space.child') return isSpace && Object.keys(content).length > 0;
  return stateKey === '' && TAKEN_ALONG.has(type);
}

/** What Synapse's presets give; in version 12 the creator must not stand among the users. */
function firstPowerLevels(creator: UserId, version: string, joinRule: string): PowerLevelsContent {
  return {
    users: standsAbove(version) ? {} : { [creator]: 100 },
    users_default: 0,
    events: {
      'm.room.avatar': 50,
      'm.room.canonical_alias': 50,
      'm.room.encryption': 100,
      'm.room.history_visibility': 100,
      'm.room.name': 50,
      'm.room.power_levels': 100,
      'm.room.server_acl': 100,
      'm.room.tombstone': standsAbove(version) ? 150 : 100,
    },
    events_default: 0,
    state_default: 50,
    ban: 50,
    kick: 50,
    redact: 50,
    invite: joinRule === 'public' ? 50 : 0,
  };
}

function inherited(content: PowerLevelsContent, creator: UserId, version: string): PowerLevelsContent {
  if (!standsAbove(version)) return content;
  const { [creator]: _, ...users } = table(content, 'users');
  return { ...content, users };
}
