import { createScanner, type Node, type ParseError, parseTree } from 'jsonc-parser';
import { GroupMapError } from '../plan/group-map.ts';
import { parseGroupMap } from '../plan/group-map-parse.ts';

/** A map in our words, with the comments of the old one, and what was changed in it. */
type ConvertedMap = { readonly text: string; readonly notes: readonly string[] };

/**
 * The group map of synapse-scim, as a file of Usher. They agree but for what the line of an `.env` file has around it,
 * and for a room that a group names twice. Throws `GroupMapError` for what is no map.
 */
export function convertMap(old: string, file: string): ConvertedMap {
  let text = withoutAssignment(old.replace(/^\uFEFF/, ''));
  const notes: string[] = [];
  for (;;) {
    const twice = findTwice(text);
    if (twice === undefined) break;
    text = without(text, twice);
    notes.push(`${twice.room} was there twice for ${twice.group}`);
  }
  try {
    parseGroupMap(text);
  } catch (error) {
    throw error instanceof GroupMapError ? new GroupMapError(error.problems, file) : error;
  }
  return { text: text.endsWith('\n') ? text : `${text}\n`, notes };
}

/** `IDP_GROUP_TO_ROOM={…}`, also in quotes, as it stands in an `.env` file. */
function withoutAssignment(text: string): string {
  const [, quote = '', value] = /^\s*IDP_GROUP_TO_ROOM\s*=\s*(['"]?)([\s\S]*)$/.exec(text) ?? [];
  if (value === undefined) return text;
  const trimmed = value.trimEnd();
  return quote !== '' && trimmed.endsWith(quote) ? trimmed.slice(0, -1) : trimmed;
}

/** A room that stands behind itself in a list, and what stands just before it there. */
type Twice = { readonly group: string; readonly room: string; readonly node: Node; readonly before: Node };

/** The text without that room and the comma before it; comments stay. */
function without(text: string, { node, before }: Twice): string {
  const start = before.offset + before.length;
  const between = text.slice(start, node.offset);
  const scanner = createScanner(between);
  do scanner.scan();
  while (between[scanner.getTokenOffset()] !== ',');
  const comma = scanner.getTokenOffset();
  const rest = between.slice(comma + 1);
  const comment = rest.trim() === '' ? '' : rest;
  return text.slice(0, start) + between.slice(0, comma) + comment + text.slice(node.offset + node.length);
}

/** Nothing in a text that is broken: that is told by who reads maps. */
function findTwice(text: string): Twice | undefined {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  if (errors.length > 0) return undefined;
  for (const { children: [key, value] = [] } of tree?.children ?? []) {
    if (key === undefined || value?.type !== 'array') continue;
    const nodes = value.children ?? [];
    const rooms = nodes.map(roomIn);
    const index = rooms.findIndex((room, place) => room !== undefined && rooms.indexOf(room) < place);
    const [room, node, before] = [rooms[index], nodes[index], nodes[index - 1]];
    if (room !== undefined && node !== undefined && before !== undefined) {
      return { group: String(key.value), room, node, before };
    }
  }
  return undefined;
}

/** As the map means it: `%23` is `#`. */
function roomIn({ type, value }: Node): string | undefined {
  if (type !== 'string') return undefined;
  const room = String(value);
  try {
    return /^%2[13]/.test(room) ? decodeURIComponent(room) : room;
  } catch {
    return room;
  }
}
