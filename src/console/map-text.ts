import { applyEdits, modify, parseTree } from 'jsonc-parser';
import { queryOf } from './api.ts';
import { to } from './places.ts';

const LAYOUT = { insertSpaces: true, tabSize: 2 };

/** The editor of the map, with an entry for this group that the admin has only to fill. */
export function mapWithGroup({ name, externalId }: { name: string; externalId?: string }): string {
  return `${to('/map')}${queryOf({ add: externalId ?? `name:${name}` })}`;
}

/** What ends the lines of a file that was edited here: CRLF only if every line had it, since a file keeps what it has. */
export function lineEndOf(text: string): '\r\n' | '\n' {
  return text.includes('\r\n') && !/\r(?!\n)|(?<!\r)\n/.test(text) ? '\r\n' : '\n';
}

/** Whether the editor gives back the same for both. It reads a file of mixed line ends with one kind. */
export function isSameMap(one: string, other: string): boolean {
  return one === other || evened(one) === evened(other);
}

function evened(text: string): string {
  return text.replace(/\r\n?|\n/g, lineEndOf(text));
}

/** The map with an entry for this group, which opens nothing yet; as it is if there is one, or no group is named. */
export function withGroup(text: string, group: string): string {
  if (group === '') return text;
  const tree = parseTree(text);
  if (tree?.type !== 'object') return text;
  const keys = (tree.children ?? []).map((property) => property.children?.[0]?.value);
  return keys.includes(group)
    ? text
    : applyEdits(text, modify(text, [group], [], { formattingOptions: LAYOUT }));
}
