import { parseRoomAlias, parseRoomId } from '../matrix/ids.ts';
import type { GroupMap, GroupSelector, Place, RoomTarget } from './group-map.ts';

/** Something in a map that is valid and seldom meant. */
export type GroupMapWarning = Place &
  Caution & { /** All three in one sentence. */ readonly message: string };

/** What was found, what comes of it, and what to write instead. */
export type Caution = { readonly found: string; readonly meaning: string; readonly remedy: string };

/** What the name of our own homeserver is known for; undefined if it is not. */
type Surroundings = { readonly serverName: string | undefined };

/** From this level on, Matrix clients and most rooms let a member moderate. */
const MODERATOR = 50;
/** What the bot has in rooms that it did not create. */
export const ADMIN = 100;

/** What is valid and seldom meant, in the order of the map; each once. */
export function warningsOf(map: GroupMap, { serverName }: Surroundings): readonly GroupMapWarning[] {
  const everybodys = new Set(
    map.rules.flatMap(({ group, targets }) =>
      group.kind === 'everybody' ? targets.map(({ room }) => room) : [],
    ),
  );
  const made = new Set(
    map.rules.flatMap(({ targets }) => targets.filter(({ create }) => create).map(({ room }) => room)),
  );
  const told = new Set<string>();
  return map.rules.flatMap(({ group, targets, admin }) => [
    ...aboutAdmins(group).flatMap((caution) => (admin === undefined ? [] : [placed(caution, admin)])),
    ...targets.flatMap((target) => {
      const cautions = [
        ...aboutServers(target, serverName),
        ...aboutMode(target, everybodys.has(target.room)),
        ...aboutLevel(target, group.kind === 'everybody', made.has(target.room)),
      ].filter(({ found }) => !told.has(found));
      for (const { found } of cautions) told.add(found);
      return cautions.map((caution) => placed(caution, target.place));
    }),
  ]);
}

/** The warning at its place in the map. */
export function placed(caution: Caution, place: Place): GroupMapWarning {
  const { found, meaning, remedy } = caution;
  return { ...place, ...caution, message: `${found}, so ${meaning}: ${remedy}` };
}

/** A name is not what a provider keeps others from giving to a group. */
function aboutAdmins(group: GroupSelector): readonly Caution[] {
  if (group.kind !== 'name') return [];
  return [
    {
      found: `"name:${group.name}" makes server admins, by the display name of a group`,
      meaning: 'who may give a group that name at an identity provider decides who is one',
      remedy: 'write the external id of the group',
    },
  ];
}

function* aboutServers({ room, create, children }: RoomTarget, own: string | undefined): Generator<Caution> {
  const rooms = typeof children === 'string' ? [room] : [room, ...children];
  for (const each of rooms.filter((name) => isForeign(name, own))) {
    yield each === room && create
      ? {
          found: `${room} is to be made, and is no alias of ${own}`,
          meaning: 'Usher can not make it',
          remedy: `write "#…:${own}"`,
        }
      : {
          found: `${each} has the name of another server`,
          meaning: `people can be added only while somebody of ${own} is in that room`,
          remedy: `join it by hand first, or write an alias of ${own}`,
        };
  }
}

function* aboutMode({ room, mode, create }: RoomTarget, isEverybodys: boolean): Generator<Caution> {
  if (mode !== 'exclusive') return;
  if (isEverybodys) {
    yield {
      found: `${room} is "exclusive" and open to "*"`,
      meaning: 'only those are removed whom no identity provider calls active',
      remedy: 'write "granted" if they may stay',
    };
  }
  if (create?.isPrivate === false) {
    yield {
      found: `${room} is "exclusive", and made for anybody to come in`,
      meaning: 'whom Usher removes can come back',
      remedy: 'leave out "private": false',
    };
  }
}

function* aboutLevel(
  { room, powerLevel = 0 }: RoomTarget,
  isEverybody: boolean,
  isMade: boolean,
): Generator<Caution> {
  // In a room that it made the bot is the creator, who stands above all levels.
  if (powerLevel >= ADMIN && !isMade) {
    yield {
      found: `the power level ${powerLevel} in ${room} is that of the bot`,
      meaning: 'who has it can be neither lowered nor removed by Usher',
      remedy: `write ${ADMIN - 1} or less`,
    };
  }
  if (powerLevel >= MODERATOR && isEverybody) {
    yield {
      found: `"*" has the power level ${powerLevel} in ${room}`,
      meaning: 'everybody is a moderator there',
      remedy: 'write it at a group instead',
    };
  }
}

/** Whether the name says so; ids of room version 12 and later name no server. */
function isForeign(room: string, serverName: string | undefined): boolean {
  if (serverName === undefined) return false;
  const known = parseRoomAlias(room) ?? parseRoomId(room) ?? '';
  const [, server = serverName] = /^[^:]*:(.*)$/.exec(known) ?? [];
  return server !== serverName;
}
