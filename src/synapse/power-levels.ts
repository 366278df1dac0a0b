import { HomeserverError } from '../matrix/error.ts';
import type { PowerLevels, RoomPower } from '../matrix/homeserver.ts';
import { parseUserId, type RoomId, type UserId } from '../matrix/ids.ts';
import { isObject, type JsonObject, list, object, optionalText } from '../rest/read.ts';
import { userId } from './read.ts';
import type { StateEvent } from './room-state.ts';

/** Where levels stand in `m.room.power_levels`: by themselves, and in tables. Anything may stand beside them. */
const LEVELS = ['ban', 'events_default', 'invite', 'kick', 'redact', 'state_default', 'users_default'];
const TABLES = ['events', 'notifications', 'users'];

/** Who may do what, by `m.room.create` and, if there is one, `m.room.power_levels`. */
export function powerIn(roomId: RoomId, create: StateEvent, levels: StateEvent | undefined): RoomPower {
  const version = optionalText(create.content.room_version, 'room_version') ?? '1';
  return {
    roomId,
    version,
    creators: creatorsStandAbove(version) ? creatorsOf(create) : new Set(),
    powerLevels: powerLevelsOf(levels?.content ?? initialContent(create)),
  };
}

/**
 * The content of `m.room.power_levels` with the levels of some users set, or taken away; undefined if that changes
 * nothing. Levels that are text become numbers: old rooms have them, but Synapse takes none any more.
 */
export function withLevels(
  create: StateEvent,
  event: StateEvent | undefined,
  levels: ReadonlyMap<UserId, number | undefined>,
): JsonObject | undefined {
  const content = event?.content ?? initialContent(create);
  const users = new Map(Object.entries(object(content.users ?? {}, 'users')));
  const changed = [...levels].filter(([id, wanted]) => ownLevel(users.get(id)) !== wanted);
  if (changed.length === 0) return undefined;
  for (const [id, wanted] of changed) {
    if (wanted === undefined) users.delete(id);
    else users.set(id, wanted);
  }
  return numeric({ ...content, users: Object.fromEntries(users) });
}

/** What a room without `m.room.power_levels` behaves as if it had (Matrix spec, `m.room.power_levels`). */
function initialContent(create: StateEvent): JsonObject {
  const version = optionalText(create.content.room_version, 'room_version') ?? '1';
  return { users: creatorsStandAbove(version) ? {} : { [create.sender]: 100 } };
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

/** Defaults of the Matrix spec, `m.room.power_levels`. */
function powerLevelsOf(content: JsonObject): PowerLevels {
  const users = new Map<UserId, number>();
  for (const [id, value] of Object.entries(object(content.users ?? {}, 'users'))) {
    const user = parseUserId(id);
    if (user !== undefined) users.set(user, level(value, 0));
  }
  const events = object(content.events ?? {}, 'events');
  return {
    users,
    usersDefault: level(content.users_default, 0),
    invite: level(content.invite, 0),
    kick: level(content.kick, 50),
    change: level(events['m.room.power_levels'], level(content.state_default, 50)),
  };
}

function ownLevel(value: unknown): number | undefined {
  return value === undefined || value === null ? undefined : level(value, 0);
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

function numeric(content: JsonObject): JsonObject {
  return mapped(content, (key, value) => {
    if (LEVELS.includes(key)) return numberOf(value);
    return TABLES.includes(key) && isObject(value) ? mapped(value, (_, own) => numberOf(own)) : value;
  });
}

function mapped(content: JsonObject, change: (key: string, value: unknown) => unknown): JsonObject {
  return Object.fromEntries(Object.entries(content).map(([key, value]) => [key, change(key, value)]));
}

function numberOf(value: unknown): unknown {
  return typeof value === 'string' ? level(value, 0) : value;
}
