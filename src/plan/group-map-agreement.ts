import type { Creation, RoomTarget } from './group-map.ts';
import type { PlacedTarget } from './group-map-target.ts';
import type { MapText } from './group-map-text.ts';

/** Reports where the targets of a whole map contradict each other. */
export function reportDisagreement(text: MapText, placed: readonly PlacedTarget[]): void {
  reportModes(text, placed);
  reportOthers(text, placed, 'create', 'write the same in both places, or in one of them only');
  reportOthers(text, placed, 'limit', 'choose one, or write it in one of the places only');
  reportOthers(text, placed, 'words', 'write the same in both places, or in one of them only');
  const made = new Map<string, PlacedTarget>();
  for (const each of placed) {
    if (each.target.create && !made.has(each.target.room)) made.set(each.target.room, each);
  }
  reportNoSpaces(text, placed, made);
  reportCircles(text, made);
}

/** One mode for each room, or whether somebody is removed would depend on which of her groups is looked at. */
function reportModes(text: MapText, placed: readonly PlacedTarget[]): void {
  const firsts = new Map<string, PlacedTarget>();
  for (const each of placed) {
    const { target, node } = each;
    const first = firsts.get(target.room) ?? each;
    firsts.set(target.room, first);
    if (first.target.mode === target.mode) continue;
    const there = `"${first.target.mode}" in line ${text.placeOf(first.node).line}`;
    text.report(node, `${target.room} has the mode "${target.mode}" here and ${there}: choose one`);
  }
}

/** What is about the room as a whole, and may stand in one place only. */
type Shared = 'create' | 'limit' | 'words';

/** A field that is about the room as a whole, and not about a group in it. Leaving it out is no contradiction. */
function reportOthers(text: MapText, placed: readonly PlacedTarget[], name: Shared, remedy: string): void {
  const firsts = new Map<string, PlacedTarget>();
  for (const each of placed) {
    const { target, node, field } = each;
    if (target[name] === undefined) continue;
    const first = firsts.get(target.room) ?? each;
    firsts.set(target.room, first);
    if (isSame(first.target[name], target[name])) continue;
    const { line } = text.placeOf(first.field(name) ?? first.node);
    text.report(field(name) ?? node, `${target.room} has another "${name}" in line ${line}: ${remedy}`);
  }
}

/** Both were read by the same function, which gives the fields in one order. */
function isSame(a: RoomTarget[Shared], b: RoomTarget[Shared]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** What is made as a room has no rooms in it. */
function reportNoSpaces(
  text: MapText,
  placed: readonly PlacedTarget[],
  made: ReadonlyMap<string, PlacedTarget>,
): void {
  const whereRoom = (room: string): string | undefined => {
    const maker = made.get(room);
    if (maker === undefined || maker.target.create?.isSpace) return undefined;
    return `in line ${text.placeOf(maker.field('create') ?? maker.node).line} as a room: write "create": { "space": true } there`;
  };
  for (const { target, node, field } of placed) {
    const own = target.children === 'none' ? undefined : whereRoom(target.room);
    if (own) {
      text.report(field('children') ?? node, `"children" needs a space, and ${target.room} is made ${own}`);
    }
    const { parent } = target.create ?? {};
    const parents = parent && whereRoom(parent);
    if (parents)
      text.report(field('create') ?? node, `"parent" needs a space, and ${parent} is made ${parents}`);
  }
}

/** A space that is made inside one that is made inside it: none could be the first. */
function reportCircles(text: MapText, made: ReadonlyMap<string, PlacedTarget>): void {
  const parentOf = (room: string): Creation['parent'] => made.get(room)?.target.create?.parent;
  const known = new Set<string>();
  for (const [room, { node, field }] of made) {
    const path = new Set<string>();
    for (let at: string | undefined = room; at !== undefined && !known.has(at); at = parentOf(at)) {
      if (path.has(at)) {
        text.report(field('create') ?? node, `${[...path, at].join(' is made in ')}: leave out one "parent"`);
        break;
      }
      path.add(at);
    }
    for (const seen of path) known.add(seen);
  }
}
