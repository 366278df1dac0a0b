import { parseRoomId, type RoomAlias, type RoomId, type UserId } from '../matrix/ids.ts';
import type { GroupMap, RoomTarget } from './group-map.ts';
import { sameRoomWarnings } from './group-map-same-room.ts';
import { ADMIN, type Caution, type GroupMapWarning, placed } from './group-map-warnings.ts';
import { labelOf, modeOf, type Way, waysOf } from './group-map-ways.ts';
import type { FoundRooms } from './openings.ts';

/** What is known of the map's rooms beside which they are. */
export type RoomFacts = {
  /** Rooms that Usher made and that have lost their alias, by that alias. */
  readonly lost: ReadonlyMap<string, RoomId>;
  /** What could not be read: nothing is said about it here. */
  readonly unread: ReadonlySet<string>;
  /** Rooms that were read as a whole. Of others only is said what is known without. */
  readonly rooms: ReadonlyMap<RoomId, RoomFact>;
};

export type RoomFact = {
  readonly isSpace: boolean;
  readonly canonicalAlias: RoomAlias | undefined;
  /** The level that the bot has there, or could take. */
  readonly power: number;
  /** Members who stand as high as the bot, and whom it can't remove though nothing else protects them. */
  readonly beyond: readonly UserId[];
  /** Of an `exclusive` room: whom no group lets in; undefined if that is not known. */
  readonly strangers: readonly UserId[] | undefined;
  /** Whether a person is asked before they are removed. */
  readonly asksFirst: boolean;
};

const MOST_NAMES = 3;

/**
 * What is valid in a map, seldom meant, and only to be seen once its rooms are found. In the order of the map; each
 * once.
 */
export function roomWarnings(map: GroupMap, found: FoundRooms, facts: RoomFacts): readonly GroupMapWarning[] {
  const ways = waysOf(map, found);
  const targets = map.rules.flatMap((rule) => rule.targets);
  const made = new Set(targets.filter(({ create }) => create).map(({ room }) => room));
  const warnings = [
    ...[...ways].flatMap(([roomId, own]) => sameRoomWarnings(roomId, own)),
    ...targets.flatMap((target) =>
      [
        ...aboutNames(target, found, facts),
        ...aboutChildren(target, found, facts),
        ...aboutLevel(target, ways, facts, made),
      ].map((caution) => placed(caution, target.place)),
    ),
    ...[...ways].flatMap(([roomId, own]) => aboutStrangers(roomId, own, facts)),
  ];
  const told = new Set<string>();
  return warnings
    .filter(({ found: text }) => !told.has(text) && told.add(text))
    .sort((a, b) => a.line - b.line || a.column - b.column);
}

/** Ids of rooms that were replaced, and aliases that rooms of ours have lost. */
function* aboutNames(target: RoomTarget, found: FoundRooms, { lost, rooms }: RoomFacts): Generator<Caution> {
  const { room, children, create } = target;
  const inside = typeof children === 'string' ? [] : children;
  for (const name of [room, ...inside, ...(create?.parent === undefined ? [] : [create.parent])]) {
    const current = found.resolved.get(name);
    if (parseRoomId(name) && current !== undefined && current !== name) {
      const alias = rooms.get(current)?.canonicalAlias;
      yield {
        found: `${name} was replaced by ${current}`,
        meaning: `${current} is in force`,
        remedy: `write ${alias === undefined ? `${current}, or better an alias of it` : alias}`,
      };
    }
    const own = lost.get(name);
    if (own !== undefined) {
      yield {
        found: `${name} was made by Usher as ${own} and has lost its alias`,
        meaning: 'no room has that name, and none is made again',
        remedy: `give ${own} the alias again, or write ${own}`,
      };
    }
  }
}

function* aboutChildren(
  { room, children }: RoomTarget,
  { resolved, children: spaces }: FoundRooms,
  { unread, rooms }: RoomFacts,
): Generator<Caution> {
  const space = resolved.get(room);
  const inside = space === undefined || unread.has(room) ? undefined : spaces.get(space);
  if (children === 'none' || space === undefined || inside === undefined) return;
  const meaning = 'nothing comes along with it';
  if (inside.length === 0) {
    const isSpace = rooms.get(space)?.isSpace;
    const without = 'or leave out "children"';
    if (isSpace === false) {
      const remedy = `write the space that the rooms are in, ${without}`;
      yield { found: `${room} has "children" and is no space`, meaning, remedy };
    } else {
      const doubt = isSpace === undefined ? ', if it is a space at all' : '';
      const remedy = `put rooms into it, ${without}`;
      yield { found: `${room} has "children" and no room is in it${doubt}`, meaning, remedy };
    }
    return;
  }
  for (const child of children === 'all' ? [] : children) {
    const roomId = resolved.get(child);
    if (roomId === undefined || inside.includes(roomId) || unread.has(child) || unread.has(roomId)) continue;
    yield {
      found: `${child} is among the "children" of ${room} and no room of that space`,
      meaning: 'it does not come along',
      remedy: 'put it into the space, or give it to the group by itself',
    };
  }
}

/** The levels that a target gives, in its room and in those that come along. */
function* aboutLevel(
  target: RoomTarget,
  ways: ReadonlyMap<RoomId, readonly Way[]>,
  { rooms }: RoomFacts,
  made: ReadonlySet<string>,
): Generator<Caution> {
  const { powerLevel } = target;
  if (powerLevel === undefined) return;
  for (const [roomId, own] of ways) {
    const way = own.find((each) => each.target === target);
    const power = rooms.get(roomId)?.power ?? 0;
    // Without any power there the bot can't do anything, which is said elsewhere.
    if (way === undefined || power <= 0 || powerLevel < power) continue;
    // That of most rooms is seen in the map alone.
    if (way.space === undefined && power === ADMIN && powerLevel === ADMIN && !made.has(target.room))
      continue;
    const [relation, meaning] =
      powerLevel > power
        ? [`above the bot's own level, ${power}`, "the bot can't give it"]
        : ["as high as the bot's own level", "the bot can't take it back, nor remove who has it"];
    yield {
      found: `the power level ${powerLevel} in ${labelOf(roomId, way)} is ${relation}`,
      meaning,
      remedy: `write ${power - 1} or less, or have the bot raised there`,
    };
  }
}

/** Whom an `exclusive` room would lose, and whom it can't. */
function aboutStrangers(
  roomId: RoomId,
  ways: readonly Way[],
  { rooms }: RoomFacts,
): readonly GroupMapWarning[] {
  const fact = rooms.get(roomId);
  const [way] = ways;
  if (fact === undefined || way === undefined || modeOf(ways) !== 'exclusive') return [];
  const { beyond, strangers = [], asksFirst } = fact;
  const cautions: Caution[] = [];
  const name = labelOf(roomId, way);
  if (beyond.length > 0) {
    const more = beyond.length > MOST_NAMES ? ` and ${beyond.length - MOST_NAMES} more` : '';
    cautions.push({
      found: `${name} is "exclusive", and the bot stands no higher there than ${beyond.slice(0, MOST_NAMES).join(', ')}${more}`,
      meaning: "they can't be removed, whatever the groups say",
      remedy: 'lower their power, or name them in PROTECTED_USERS',
    });
  }
  const removable = strangers.filter((account) => !beyond.includes(account)).length;
  if (removable > 0) {
    const people = removable === 1 ? '1 stranger is' : `${removable} strangers are`;
    cautions.push({
      found: `${name} is "exclusive", and ${people} in it, whom no group lets in today`,
      meaning: asksFirst ? 'Usher would ask for approval to remove them' : 'Usher would remove them',
      remedy: 'see "usher plan"; whom you want to keep needs a group, or PROTECTED_USERS',
    });
  }
  return cautions.map((caution) => placed(caution, way.target.place));
}
