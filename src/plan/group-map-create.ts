import type { Node } from 'jsonc-parser';
import { parseRoomAlias, type RoomAlias, type RoomId } from '../matrix/ids.ts';
import type { Creation } from './group-map.ts';
import { fieldOf, readRoom } from './group-map-fields.ts';
import type { MapText } from './group-map-text.ts';

/** Longer ones are cut off by clients. */
const LONGEST = { name: 255, topic: 1000 } as const;

const PLAIN: Creation = {
  name: undefined,
  topic: undefined,
  isSpace: false,
  isPrivate: true,
  isEncrypted: false,
  parent: undefined,
};

/** What to make if there is no such room; undefined if nothing is to be made, or there is a problem. */
export function readCreate(
  text: MapText,
  node: Node | undefined,
  room: RoomId | RoomAlias | undefined,
): Creation | undefined {
  if (!node) return undefined;
  if (room !== undefined && parseRoomAlias(room) === undefined) {
    text.report(
      node,
      `"create" needs an alias as "room", such as "#general:example.com": a room has no id before it is made`,
    );
  }
  if (node.value === true) return PLAIN;
  if (node.type !== 'object') {
    const good = 'true or { "name": …, "topic": …, "space": …, "private": …, "encrypted": …, "parent": … }';
    text.report(node, `"create" must be ${good}, not ${text.quote(node)}`);
    return undefined;
  }
  const field = fieldOf(text, node, 'create');
  const parent = field('parent');
  return {
    name: readText(text, field('name'), 'name'),
    topic: readText(text, field('topic'), 'topic'),
    isSpace: readFlag(text, field('space'), 'space') ?? PLAIN.isSpace,
    isPrivate: readFlag(text, field('private'), 'private') ?? PLAIN.isPrivate,
    isEncrypted: readFlag(text, field('encrypted'), 'encrypted') ?? PLAIN.isEncrypted,
    parent: parent && readParent(text, parent, room),
  };
}

function readText(text: MapText, node: Node | undefined, name: keyof typeof LONGEST): string | undefined {
  if (!node) return undefined;
  const length = node.type === 'string' ? [...String(node.value).trim()].length : 0;
  if (length > 0 && length <= LONGEST[name]) return String(node.value).trim();
  const found = length > 0 ? `has ${length} characters` : `is ${text.quote(node)}`;
  text.report(node, `"${name}" must be a text of 1 to ${LONGEST[name]} characters: this ${found}`);
  return undefined;
}

function readFlag(text: MapText, node: Node | undefined, name: string): boolean | undefined {
  if (!node || typeof node.value === 'boolean') return node?.value;
  text.report(node, `"${name}" must be true or false, not ${text.quote(node)}`);
  return undefined;
}

function readParent(
  text: MapText,
  node: Node,
  room: RoomId | RoomAlias | undefined,
): RoomId | RoomAlias | undefined {
  const parent = readRoom(text, node, node);
  if (parent === undefined || parent !== room) return parent;
  text.report(node, `${parent} can't be its own "parent": name the space that it becomes a room of`);
  return undefined;
}
