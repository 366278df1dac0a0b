import { applyEdits, type Edit, type Node, parseTree } from 'jsonc-parser';
import { type GroupMap, GroupMapError, type RoomTarget } from './group-map.ts';
import { isAdminEntry } from './group-map-admin.ts';
import { appendItem, layoutOf, makeList, removeItem } from './group-map-layout.ts';
import { entriesOf, parseGroupMap, sameGroup } from './group-map-parse.ts';
import { oneLine } from './legible.ts';
import { isSlip, nearest } from './nearest.ts';

/** A room for a group, as it is to be written; the fields as the map has them. */
export type NewTarget = { readonly room: string } & Readonly<Record<string, string | number | undefined>>;

/** The new text; or why there is none: it is so `already`, or it can't be done. */
export type Edited = { readonly text: string } | { readonly already: string } | { readonly refused: string };

/** A group of the map: its key, the value, and what the parser made of that. */
type Found = {
  readonly key: string;
  readonly index: number;
  readonly value: Node;
  readonly targets: readonly RoomTarget[];
};

const MARK = '\uFEFF';

/** Gives a group a room more. Throws `GroupMapError` if the text is no map. */
export function addToMap(text: string, key: string, target: NewTarget): Edited {
  const wanted = readWanted(key, target);
  if ('refused' in wanted) return wanted;
  return edit(text, (plain, tree, groups) => {
    const layout = layoutOf(plain, tree);
    const item = written({ ...target, room: wanted.target.room });
    const found = groups.find((group) => sameGroup(group.key) === sameGroup(key));
    if (!found) return appendItem(plain, tree, `${JSON.stringify(key)}: ${item}`, layout);
    const present = found.targets.find(({ room }) => room === wanted.target.room);
    if (present) return whyPresent(found.key, present, target, wanted.target);
    const { value } = found;
    return value.type === 'array'
      ? appendItem(plain, value, item, layout)
      : [makeList(plain, value, item, layout)];
  });
}

/** Takes a room from a group, and the group itself out of the map with its last room, or without `room`. */
export function removeFromMap(text: string, key: string, room: string | undefined): Edited {
  return edit(text, (plain, tree, groups) => {
    const found = groups.find((group) => sameGroup(group.key) === sameGroup(key));
    if (!found)
      return {
        refused: `the map has no group "${key}"${meant(
          key,
          groups.map((group) => oneLine(group.key)),
        )}`,
      };
    const { value, targets } = found;
    const wanted = room === undefined ? undefined : readWanted(key, { room });
    if (wanted && 'refused' in wanted) return wanted;
    const index = targets.findIndex((target) => target.room === wanted?.target.room);
    if (wanted && index < 0) {
      const { room: missing } = wanted.target;
      return {
        refused: `"${found.key}" has no room ${missing}${meant(
          missing,
          targets.map((target) => target.room),
        )}`,
      };
    }
    const entries = entriesOf(value);
    const entry = entries.filter((each) => !isAdminEntry(each))[index];
    return entry === undefined || entries.length === 1
      ? removeItem(plain, tree, found.index)
      : removeItem(plain, value, entries.indexOf(entry));
  });
}

/** What somebody probably meant, as the end of a sentence that says that there is no such thing. */
function meant(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  const named = known.find((name) => sameGroup(`name:${word}`) === sameGroup(name));
  if (named) return `: "name:${word}" is a group by its display name, and "${word}" one by its external id`;
  if (near && isSlip(word, near)) return `: did you mean "${near.name}"?`;
  return known.length > 0 && known.length <= 5
    ? `: there is ${known.map((name) => `"${name}"`).join(', ')}`
    : '';
}

/** Reads a group and a room by the rules of the map, for the same words when something is wrong. */
function readWanted(
  key: string,
  target: NewTarget,
): { readonly target: RoomTarget } | { readonly refused: string } {
  if (key.startsWith('$'))
    return { refused: `"${key}" is no group: write its external id, "name:" and its display name, or "*"` };
  try {
    const [rule] = parseGroupMap(JSON.stringify({ [key]: target })).rules;
    const [first] = rule?.targets ?? [];
    return first ? { target: first } : { refused: `"${key}" is no group` };
  } catch (error) {
    if (!(error instanceof GroupMapError)) throw error;
    return { refused: error.problems.map(({ message }) => message).join('\n') };
  }
}

function edit(
  text: string,
  change: (
    plain: string,
    tree: Node,
    groups: readonly Found[],
  ) => readonly Edit[] | Exclude<Edited, { text: string }>,
): Edited {
  const plain = text.startsWith(MARK) ? text.slice(1) : text;
  const map = parseGroupMap(plain);
  const tree = parseTree(plain, [], { allowTrailingComma: true });
  if (tree === undefined) return { refused: 'nothing is in this file' };
  const edits = change(plain, tree, groupsOf(tree, map));
  if ('already' in edits || 'refused' in edits) return edits;
  return { text: `${text.startsWith(MARK) ? MARK : ''}${applyEdits(plain, [...edits])}` };
}

/** The parser gives a rule for each key in turn, but for `$schema`. */
function groupsOf(tree: Node, { rules }: GroupMap): readonly Found[] {
  const properties = (tree.children ?? []).map(({ children: [key, value] = [] }, index) => ({
    key: String(key?.value),
    index,
    value,
  }));
  return properties
    .filter(({ key }) => key !== '$schema')
    .flatMap(({ key, index, value }, order) =>
      value ? [{ key, index, value, targets: rules[order]?.targets ?? [] }] : [],
    );
}

/** A room without rules of its own is its name alone. */
function written(target: NewTarget): string {
  const fields = Object.entries(target).filter(([, value]) => value !== undefined);
  if (fields.length === 1) return JSON.stringify(target.room);
  return `{ ${fields.map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`).join(', ')} }`;
}

function whyPresent(
  key: string,
  present: RoomTarget,
  target: NewTarget,
  wanted: RoomTarget,
): Exclude<Edited, { text: string }> {
  const where = `"${key}" has ${present.room} already, in line ${present.place.line}`;
  const other = (['mode', 'leave', 'powerLevel'] as const).filter(
    (name) => target[name] !== undefined && present[name] !== wanted[name],
  );
  if (other.length === 0) return { already: `${where}.` };
  const names = other.map((name) => `"${name}"`).join(' and ');
  return { refused: `${where}, with another ${names}: change it there` };
}
