import type { Node } from 'jsonc-parser';
import type { GroupSelector, Place } from './group-map.ts';
import { fieldsOf, type MapText } from './group-map-text.ts';

const ALONE = 'write [{ "admin": true }, "#general:example.com"]';

/** Whether an entry is about the homeserver, `{ "admin": … }`, and not about a room. */
export function isAdminEntry({ type, children = [] }: Node): boolean {
  const keys = children.map((property) => property.children?.[0]?.value);
  return type === 'object' && keys.includes('admin') && !keys.includes('room');
}

/** Where the entries of a group make its members server admins; undefined if none does, or there is a problem. */
export function readAdmin(
  text: MapText,
  entries: readonly Node[],
  group: GroupSelector | undefined,
): Place | undefined {
  const [first, ...more] = entries;
  if (first === undefined) return undefined;
  for (const entry of more) {
    text.report(entry, `this group has "admin" already, in line ${text.placeOf(first).line}`);
  }
  const isGiven = readFlag(text, first);
  if (isGiven && group?.kind === 'everybody') {
    text.report(
      first,
      '"*" can\'t have "admin": everybody would be a server admin. Write it at a group of few people',
    );
  }
  return isGiven ? text.placeOf(first) : undefined;
}

function readFlag(text: MapText, entry: Node): boolean {
  let isGiven = false;
  for (const { key, keyNode, value } of fieldsOf(text, entry)) {
    if (key !== 'admin') text.report(keyNode, `"${key}" can't stand beside "admin": ${ALONE}`);
    else if (typeof value.value === 'boolean') isGiven = value.value;
    else text.report(value, `"admin" must be true or false, not ${text.quote(value)}`);
  }
  return isGiven;
}
