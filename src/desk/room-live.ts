import { HomeserverError } from '../matrix/error.ts';
import { powerOf } from '../matrix/power.ts';
import type { GroupMap, RoomTarget } from '../plan/group-map.ts';
import { createRoomLook } from './check-room-look.ts';
import { checkRooms } from './check-rooms.ts';
import type { Desk } from './desk.ts';
import type { Finding } from './finding.ts';
import type { MapRoom } from './map-rooms.ts';

/** What the homeserver says of a room now, and what is wrong with it; or why it could not be asked. */
export type RoomNow =
  | {
      readonly answers: true;
      /** Undefined if it does not know the room. */
      readonly room:
        | {
            readonly name: string | undefined;
            readonly version: string;
            readonly isSpace: boolean;
            readonly isEncrypted: boolean;
            readonly joinRule: string;
            readonly joined: number;
            /** Undefined if the bot is not in it; `creator` stands above all levels. */
            readonly botPower: number | 'creator' | undefined;
          }
        | undefined;
      /** What needs a person, with its cure. */
      readonly problems: readonly Exclude<Finding, { level: 'ok' }>[];
    }
  | { readonly answers: false; readonly reason: string };

export async function readRoomNow(desk: Desk, mapRoom: MapRoom): Promise<RoomNow> {
  const { config, store, map } = desk;
  const homeserver = createRoomLook(desk.homeserver).remembering;
  const { adminUserId: bot } = config.matrix;
  try {
    const room = mapRoom.roomId && (await homeserver.room(mapRoom.roomId));
    const problems: Exclude<Finding, { level: 'ok' }>[] = [];
    const only = await aboutOnly(desk, map, mapRoom);
    for await (const finding of checkRooms({ config, homeserver, map: only, store })) {
      if (finding.level !== 'ok') problems.push(finding);
    }
    if (room === undefined) return { answers: true, room, problems };
    const { name, version, isSpace, isEncrypted, joinRule, members } = room;
    const power = powerOf(room, bot);
    const isIn = members.get(bot)?.membership === 'join';
    const joined = [...members.values()].filter(({ membership }) => membership === 'join').length;
    return {
      answers: true,
      room: {
        ...{ name, version, isSpace, isEncrypted, joinRule, joined },
        botPower: isIn ? (Number.isFinite(power) ? power : 'creator') : undefined,
      },
      problems,
    };
  } catch (error) {
    if (!(error instanceof HomeserverError)) throw error;
    return { answers: false, reason: error.message };
  }
}

/** What of the map is about one room, as if there were no other. */
async function aboutOnly({ store }: Desk, map: GroupMap, room: MapRoom): Promise<GroupMap> {
  const resolved = await store.rooms.resolutions();
  const spaces = new Set(room.doors.flatMap(({ space }) => space ?? []));
  const here = (target: RoomTarget): readonly RoomTarget[] => {
    const isHere = target.room === room.target || (room.roomId && resolved.get(target.room) === room.roomId);
    if (isHere) return [{ ...target, children: 'none' }];
    if (!spaces.has(target.room) || room.roomId === undefined) return [];
    return [{ ...target, room: room.roomId, children: 'none', powerLevel: undefined, create: undefined }];
  };
  return {
    rules: map.rules
      .map(({ group, targets }) => ({ group, targets: targets.flatMap(here), admin: undefined }))
      .filter(({ targets }) => targets.length > 0),
  };
}
