import type { Node } from 'jsonc-parser';
import { parseRoomAlias, parseRoomId, type RoomAlias, type RoomId } from '../matrix/ids.ts';
import type { Mode, RoomTarget } from './group-map.ts';
import { fieldsOf, type MapText } from './group-map-text.ts';
import { isSlip, nearest } from './nearest.ts';

const FIELDS = ['room', 'mode', 'leave', 'powerLevel'];
const GOOD_ROOM = 'an alias such as "#general:example.com" or a room id such as "!abc:example.com"';

/** One room of a rule, as a string or as an object; undefined if there is a problem, which is reported. */
export function readTarget(text: MapText, node: Node): RoomTarget | undefined {
  if (node.type === 'object') return readObject(text, node);
  const room = readRoom(text, node);
  return room && { room, mode: 'granted', leave: 'allowed' };
}

function readObject(text: MapText, node: Node): RoomTarget | undefined {
  const fields = fieldsOf(text, node);
  const field = (name: string) => fields.find(({ key }) => key === name)?.value;
  for (const { key, keyNode } of fields) {
    if (!FIELDS.includes(key)) text.report(keyNode, unknownField(key));
  }
  const roomNode = field('room');
  if (!roomNode) text.report(node, `"room" is missing: ${GOOD_ROOM}`);
  const room = roomNode && readRoom(text, roomNode);
  const mode = readMode(text, field('mode'));
  checkLeave(text, field('leave'));
  checkPowerLevel(text, field('powerLevel'));
  return room && mode && { room, mode, leave: 'allowed' };
}

function readRoom(text: MapText, node: Node): RoomId | RoomAlias | undefined {
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

function readMode(text: MapText, node: Node | undefined): Mode | undefined {
  if (!node) return 'granted';
  if (node.value === 'granted' || node.value === 'additive') return node.value;
  text.report(
    node,
    node.value === 'exclusive'
      ? notYet('"mode": "exclusive"', 'write "mode": "granted", which removes those whom a group let in')
      : `"mode" must be "granted" or "additive", not ${text.quote(node)}`,
  );
  return undefined;
}

function checkLeave(text: MapText, node: Node | undefined): void {
  if (!node || node.value === 'allowed') return;
  text.report(
    node,
    node.value === 'undone'
      ? notYet('"leave": "undone"', 'write "leave": "allowed", or leave it out')
      : `"leave" must be "allowed", not ${text.quote(node)}`,
  );
}

function checkPowerLevel(text: MapText, node: Node | undefined): void {
  if (!node) return;
  const valid = Number.isInteger(node.value) && node.value >= 0 && node.value <= 100;
  text.report(
    node,
    valid
      ? notYet('"powerLevel"', 'leave it out, and set the power level in the room itself')
      : `"powerLevel" must be a whole number from 0 to 100, not ${text.quote(node)}`,
  );
}

function notYet(what: string, instead: string): string {
  return `this version of Usher does not act on ${what} yet: ${instead}`;
}

function unknownField(key: string): string {
  const known = nearest(key, FIELDS);
  return known && isSlip(key, known)
    ? `"${key}" is not a field: did you mean "${known.name}"?`
    : `"${key}" is not a field: a room has "room", "mode" and "leave"`;
}
