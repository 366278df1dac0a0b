import { HomeserverError } from '../matrix/error.ts';
import type { Homeserver, Room } from '../matrix/homeserver.ts';
import { parseRoomAlias, parseRoomId, type RoomId, type UserId } from '../matrix/ids.ts';
import { beyondReach, powerOf } from '../matrix/power.ts';
import type { GroupMap } from '../plan/group-map.ts';
import { type Finding, failure, ok, warning } from './check-report.ts';

const MOST_NAMES = 5;

/** Looks at every room of the map: does it exist, and can the bot do there what it is to do? */
export async function* checkRooms(
  homeserver: Homeserver,
  map: GroupMap,
  bot: UserId,
): AsyncGenerator<Finding> {
  const targets = new Set(map.rules.flatMap((rule) => rule.targets.map((target) => target.room as string)));
  for (const target of targets) {
    const subject = `room ${target}`;
    try {
      yield* checkRoom(homeserver, target, subject, bot);
    } catch (error) {
      if (!(error instanceof HomeserverError)) throw error;
      yield failure(subject, {
        found: error.message,
        meaning: 'the room can not be read; nobody is added to it or removed from it.',
        remedy: 'run this again; if it stays so, look into the log of the homeserver.',
      });
    }
  }
}

async function* checkRoom(
  homeserver: Homeserver,
  target: string,
  subject: string,
  bot: UserId,
): AsyncGenerator<Finding> {
  const alias = parseRoomAlias(target);
  const roomId = alias === undefined ? parseRoomId(target) : await homeserver.resolveAlias(alias);
  const room = roomId && (await homeserver.room(roomId));
  if (roomId === undefined || room === undefined) {
    yield failure(subject, {
      found: alias === undefined ? 'the homeserver does not know this room' : 'no room has this alias',
      meaning: 'nobody is added to it or removed from it.',
      remedy: 'correct the group map, or make the room.',
    });
    return;
  }
  const kind = room.isSpace ? 'space' : 'room';
  yield ok(
    subject,
    `${kind} ${roomId}${room.name === undefined ? '' : ` "${room.name}"`}, version ${room.version}, ${room.joinRule}`,
  );
  if (room.replacement !== undefined) {
    yield warning(subject, {
      found: `it was upgraded to ${room.replacement}`,
      meaning: 'Usher follows it there; the map names the old room.',
      remedy: 'write the new room, or better its alias, into the group map.',
    });
  }
  yield* checkPower(room, roomId, subject, bot);
}

function* checkPower(room: Room, roomId: RoomId, subject: string, bot: UserId): Generator<Finding> {
  const { invite, kick } = room.powerLevels;
  const power = powerOf(room, bot);
  const isIn = room.members.get(bot)?.membership === 'join';
  if (!isIn || power < invite || power < kick) {
    const lack = isIn
      ? `${bot} has power ${power} there, inviting needs ${invite} and removing ${kick}`
      : `${bot} is not in it`;
    if (!hasLocalAdmin(room, bot)) {
      yield failure(subject, {
        found: `${lack}, and nobody of this homeserver there has the power to change that`,
        meaning: 'people can not be added or removed.',
        remedy: `let somebody who has power in ${roomId} invite ${bot} and give it power 100.`,
      });
      return;
    }
    yield ok(subject, `${lack}; Usher makes it a member with power when it first needs to`);
    return;
  }
  const beyond = beyondReach(room, bot);
  if (beyond.length === 0) return;
  const names = beyond.slice(0, MOST_NAMES).join(', ');
  const rest = beyond.length > MOST_NAMES ? ` and ${beyond.length - MOST_NAMES} more` : '';
  yield warning(subject, {
    found: `${names}${rest} can not be removed: their power is not below that of ${bot}`,
    meaning: 'when one of them loses the group, the removal is refused and reported.',
    remedy:
      'lower their power if groups are to decide about them too. Who created a room of version 12 or later has no power to lower: nothing to do.',
  });
}

/** Whether `make_room_admin` can help: it acts as a local member who may change power levels. */
function hasLocalAdmin(room: Room, bot: UserId): boolean {
  const server = bot.slice(bot.indexOf(':'));
  return [...room.members].some(
    ([user, { membership }]) =>
      membership === 'join' &&
      user.endsWith(server) &&
      powerOf(room, user) > Math.max(0, room.powerLevels.usersDefault),
  );
}
