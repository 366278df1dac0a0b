import type { Node } from 'jsonc-parser';
import { parseRoomAlias, parseRoomId, type RoomAlias, type RoomId } from '../matrix/ids.ts';
import type { Limit, Mode, RoomTarget } from './group-map.ts';
import { fieldsOf, type MapText } from './group-map-text.ts';
import { isSlip, nearest } from './nearest.ts';

/** The fields of a room's object, and of the objects in it. */
export const FIELDS = {
  room: ['room', 'mode', 'leave', 'powerLevel', 'children', 'create', 'limit', 'words'],
  create: ['name', 'topic', 'space', 'private', 'encrypted', 'parent'],
  limit: ['percent', 'count'],
  words: ['added', 'removed'],
} as const;

const MOST_COUNT = 100_000;
const GOOD_ROOM = 'an alias such as "#general:example.com" or a room id such as "!abc:example.com"';

type Owner = keyof typeof FIELDS;

/** Looks a field of an object up, after all that are unknown or there twice were reported. */
export function fieldOf(text: MapText, object: Node, owner: Owner): (name: string) => Node | undefined {
  const fields = fieldsOf(text, object);
  for (const { key, keyNode } of fields) {
    if (!isIn(owner, key)) text.report(keyNode, unknownField(key, owner));
  }
  return (name) => fields.find(({ key }) => key === name)?.value;
}

function isIn(owner: Owner, key: string): boolean {
  return FIELDS[owner].some((name) => name === key);
}

function unknownField(key: string, owner: Owner): string {
  if (key === 'admin' && owner === 'room') {
    return '"admin" is about the homeserver and not about a room: write { "admin": true } beside the room';
  }
  const elsewhere = (Object.keys(FIELDS) as Owner[]).find((other) => isIn(other, key));
  if (elsewhere === 'room') return `"${key}" belongs beside "${owner}", not into it`;
  if (elsewhere) return `"${key}" belongs into "${elsewhere}": write "${elsewhere}": { "${key}": … }`;
  const known = nearest(key, FIELDS[owner]);
  if (known && isSlip(key, known)) return `"${key}" is not a field: did you mean "${known.name}"?`;
  const names = FIELDS[owner].map((name) => `"${name}"`);
  return `"${key}" is not a field: ${OWNERS[owner]} has ${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

const OWNERS: Readonly<Record<Owner, string>> = {
  room: 'a room',
  create: '"create"',
  limit: '"limit"',
  words: '"words"',
};

/** An alias or an id; undefined if it is none, or is missing in `owner`, which is reported. */
export function readRoom(text: MapText, node: Node | undefined, owner: Node): RoomId | RoomAlias | undefined {
  if (!node) {
    text.report(owner, `"room" is missing: ${GOOD_ROOM}`);
    return undefined;
  }
  const name = node.type === 'string' ? decodeSigil(String(node.value)) : '';
  const room = parseRoomAlias(name) ?? parseRoomId(name);
  if (!room) text.report(node, `${text.quote(node)} is not a room: write ${GOOD_ROOM}`);
  return room;
}

/** `%23room:server` and `%21id` for places where a plain `#` would begin a comment, such as `.env` files. */
function decodeSigil(name: string): string {
  if (!/^%2[13]/.test(name)) return name;
  try {
    return decodeURIComponent(name);
  } catch {
    return name; // not percent-encoding: then not a room either, and reported as it was written
  }
}

/** Undefined if it is no mode, which is reported. */
export function readMode(text: MapText, node: Node | undefined): Mode | undefined {
  return node ? readWord(text, node, '"mode"', ['granted', 'additive', 'exclusive']) : 'granted';
}

export function readLeave(text: MapText, node: Node | undefined): RoomTarget['leave'] {
  return (node && readWord(text, node, '"leave"', ['allowed', 'undone'])) ?? 'allowed';
}

export function readPowerLevel(text: MapText, node: Node | undefined): number | undefined {
  return node && readNumber(text, node, '"powerLevel"', 100);
}

/** The rooms of the space that come along. */
export function readChildren(
  text: MapText,
  node: Node | undefined,
  space: RoomId | RoomAlias | undefined,
): RoomTarget['children'] {
  if (!node) return 'none';
  if (node.value === 'all') return 'all';
  const entries = node.type === 'array' ? (node.children ?? []) : [];
  if (entries.length === 0) {
    text.report(node, `"children" must be "all" or a list of at least one room, not ${text.quote(node)}`);
    return 'none';
  }
  const first = new Map<string, Node>();
  return entries.flatMap((entry) => {
    const child = readRoom(text, entry, node);
    if (child === undefined) return [];
    const before = first.get(child);
    if (before) text.report(entry, `${child} is there already, in line ${text.placeOf(before).line}`);
    else first.set(child, entry);
    if (child === space) text.report(entry, `${child} is the space itself: "children" are the rooms in it`);
    return [child];
  });
}

export function readLimit(text: MapText, node: Node | undefined): Partial<Limit> | undefined {
  if (!node) return undefined;
  if (node.value === 'none') return { percent: 100, count: 0 };
  if (node.type !== 'object' || node.children?.length === 0) {
    const good = '{ "percent": 25, "count": 5 }, one of these two fields, or "none"';
    text.report(node, `"limit" must be ${good}, not ${text.quote(node)}`);
    return undefined;
  }
  const field = fieldOf(text, node, 'limit');
  const [percent, count] = [field('percent'), field('count')];
  const share = percent && readNumber(text, percent, '"percent"', 100);
  const few = count && readNumber(text, count, '"count"', MOST_COUNT);
  return {
    ...(share !== undefined && { percent: share }),
    ...(few !== undefined && { count: few }),
  };
}

function readNumber(text: MapText, node: Node, name: string, most: number): number | undefined {
  if (Number.isInteger(node.value) && node.value >= 0 && node.value <= most) return node.value;
  text.report(node, `${name} must be a whole number from 0 to ${most}, not ${text.quote(node)}`);
  return undefined;
}

function readWord<const W extends string>(
  text: MapText,
  node: Node,
  name: string,
  words: readonly W[],
): W | undefined {
  const word = words.find((each) => each === node.value);
  if (word !== undefined) return word;
  const quoted = words.map((each) => `"${each}"`);
  const listed = `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
  text.report(node, `${name} must be ${listed}, not ${text.quote(node)}`);
  return undefined;
}
