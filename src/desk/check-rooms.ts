import type { Config } from '../config/config.ts';
import type { Homeserver, Room } from '../matrix/homeserver.ts';
import { parseRoomAlias, type RoomId } from '../matrix/ids.ts';
import type { GroupMap } from '../plan/group-map.ts';
import { roomWarnings } from '../plan/group-map-rooms.ts';
import { oneLine } from '../plan/legible.ts';
import type { Store } from '../store/store.ts';
import { checkPower } from './check-power.ts';
import { readFacts } from './check-room-facts.ts';
import { createRoomLook, type RoomLook, type Sight } from './check-room-look.ts';
import { type Finding, failure, fromMap, ok, warning } from './finding.ts';

type Deps = {
  readonly config: Config;
  readonly homeserver: Homeserver;
  readonly map: GroupMap;
  /** Undefined if there is no database yet. */
  readonly store: Store | undefined;
};

/** What of the map was found so far. */
type Notes = {
  readonly resolved: Map<string, RoomId>;
  readonly children: Map<RoomId, readonly RoomId[]>;
  readonly rooms: Map<RoomId, Room>;
  readonly lost: Map<string, RoomId>;
  readonly unread: Set<string>;
};

/** Looks at every room of the map: is it what is meant, and can the bot do there what it is to do? */
export async function* checkRooms(deps: Deps): AsyncGenerator<Finding> {
  const { config, homeserver, map, store } = deps;
  const look = createRoomLook(homeserver);
  const created = (await store?.rooms.created()) ?? new Map<string, RoomId>();
  const notes: Notes = {
    ...{ resolved: new Map(), children: new Map(), rooms: new Map(), lost: new Map(), unread: new Set() },
  };
  const toMake = new Set(
    map.rules.flatMap(({ targets }) =>
      targets.filter(({ create }) => create).map(({ room }) => room as string),
    ),
  );
  for (const name of namesIn(map)) {
    const sight = await look.see(name);
    const own = sight.kind === 'nothing' ? created.get(name) : undefined;
    if (own !== undefined) {
      // The service goes on with the room that it made.
      notes.lost.set(name, own);
      yield* checkRoom(name, await look.see(own), config, notes);
    } else if (sight.kind === 'nothing' && toMake.has(name) && parseRoomAlias(name)) {
      yield ok(`room ${name}`, 'no room has this alias; Usher makes it');
    } else yield* checkRoom(name, sight, config, notes);
  }
  for (const space of spacesIn(map)) yield* checkSpace(space, look, config, notes);
  const facts = await readFacts({ ...deps, look }, notes);
  for (const found of roomWarnings(map, notes, { ...notes, rooms: facts })) {
    yield fromMap(config.groupMap, found);
  }
}

function* checkRoom(name: string, sight: Sight, { matrix }: Config, notes: Notes): Generator<Finding> {
  const subject = `room ${name}`;
  if (sight.kind !== 'room') {
    notes.unread.add(name);
    yield missing(name, sight);
    return;
  }
  const { named, room } = sight;
  const { roomId } = room;
  const isKnown = notes.rooms.has(roomId);
  const others = [...notes.resolved].filter(([, id]) => id === roomId).map(([other]) => other);
  notes.resolved.set(name, roomId);
  notes.rooms.set(roomId, room);
  if (isKnown) {
    yield ok(subject, `the same room as ${others[0]}`);
    return;
  }
  const kind = room.isSpace ? 'space' : 'room';
  const called = room.name === undefined ? '' : ` "${oneLine(room.name)}"`;
  yield ok(subject, `${kind} ${roomId}${called}, version ${room.version}, ${room.joinRule}`);
  if (named !== roomId && parseRoomAlias(name) && !notes.lost.has(name)) {
    yield warning(subject, {
      found: `it is the alias of ${named}, which was upgraded to ${roomId}`,
      meaning: 'Usher follows it there; whoever enters by the alias does not.',
      remedy: 'give the alias to the new room.',
    });
  }
  yield* checkHistory(room, subject);
  yield* checkPower(room, subject, matrix.adminUserId);
}

/** To know, and often meant. */
function* checkHistory({ isEncrypted, historyVisibility }: Room, subject: string): Generator<Finding> {
  const isHidden = historyVisibility === 'joined' || historyVisibility === 'invited';
  if (!isEncrypted && !isHidden) return;
  const why = isEncrypted
    ? 'it is end-to-end encrypted'
    : `its history is visible to those "${historyVisibility}" then`;
  yield ok(subject, `${why}: newcomers can not read what was written before`);
}

async function* checkSpace(
  name: string,
  look: RoomLook,
  config: Config,
  notes: Notes,
): AsyncGenerator<Finding> {
  const space = notes.resolved.get(name);
  if (space === undefined || notes.children.has(space)) return;
  const inside = await look.inside(space);
  if (inside instanceof Error) {
    notes.unread.add(name);
    yield missing(name, { kind: 'unread', error: inside });
    return;
  }
  const rooms = new Set<RoomId>();
  for (const child of inside) {
    const sight = await look.see(child);
    if (sight.kind !== 'room') {
      notes.unread.add(child);
      yield warning(`room ${child} in ${name}`, {
        found: sight.kind === 'nothing' ? 'the homeserver does not know this room' : sight.error.message,
        meaning: 'it does not come along with the space.',
        remedy: 'have somebody of this homeserver join it, or take it out of the space.',
      });
      continue;
    }
    const { room } = sight;
    rooms.add(room.roomId);
    if (!notes.rooms.has(room.roomId)) {
      yield* checkPower(room, `room ${room.roomId} in ${name}`, config.matrix.adminUserId);
    }
    notes.rooms.set(room.roomId, room);
  }
  notes.children.set(space, [...rooms]);
  yield ok(`room ${name}`, `rooms that the space has: ${rooms.size}`);
}

function missing(name: string, sight: Exclude<Sight, { kind: 'room' }>): Finding {
  const subject = `room ${name}`;
  if (sight.kind === 'unread') {
    return failure(subject, {
      found: sight.error.message,
      meaning: 'the room can not be read; nobody is added to it or removed from it.',
      remedy: 'run this again; if it stays so, look into the log of the homeserver.',
    });
  }
  return failure(subject, {
    found: parseRoomAlias(name) ? 'no room has this alias' : 'the homeserver does not know this room',
    meaning: 'nobody is added to it or removed from it.',
    remedy: 'correct the group map, or make the room.',
  });
}

/** Every alias and id of the map, in its order. */
function namesIn(map: GroupMap): ReadonlySet<string> {
  const targets = map.rules.flatMap((rule) => rule.targets);
  return new Set([
    ...targets.map(({ room }) => room),
    ...targets.flatMap(({ children }) => (typeof children === 'string' ? [] : children)),
    ...targets.flatMap(({ create }) => create?.parent ?? []),
  ]);
}

function spacesIn(map: GroupMap): ReadonlySet<string> {
  const targets = map.rules.flatMap((rule) => rule.targets);
  return new Set(targets.filter(({ children }) => children !== 'none').map(({ room }) => room));
}
