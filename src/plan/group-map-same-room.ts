import { parseRoomAlias, type RoomId } from '../matrix/ids.ts';
import type { RoomTarget } from './group-map.ts';
import { type GroupMapWarning, placed } from './group-map-warnings.ts';
import { labelOf, modeOf, type Way } from './group-map-ways.ts';

/**
 * One room that the map has by several names, or by a name and as a room of a space. By another name each is a warning;
 * coming along with a space is one only where the terms differ: who wants that can't write it otherwise.
 */
export function sameRoomWarnings(roomId: RoomId, ways: readonly Way[]): readonly GroupMapWarning[] {
  const all = distinct(ways);
  const main = all.find(({ name }) => name !== undefined) ?? all[0];
  if (main === undefined) return [];
  const names = all.flatMap(({ name }) => name ?? []);
  const best =
    names.find((name) => parseRoomAlias(name)) ?? names.find((name) => name === roomId) ?? main.name;
  const label = (way: Way): string => `${labelOf(roomId, way)} (${line(way)})`;
  return all.flatMap((way) => {
    const isRenamed = way.name !== undefined && way.name !== main.name;
    const differences = differencesOf(main, way, ways);
    if (!isRenamed && differences.length === 0) return [];
    // Whichever stands first in the map is named first.
    const [first, second] = all.indexOf(way) < all.indexOf(main) ? [way, main] : [main, way];
    const caution = {
      found: `${label(first)} and ${label(second)} are one room`,
      meaning:
        differences.map(({ text }) => text).join(', and ') ||
        'what is written about the one holds for the other too',
      remedy: [
        ...(isRenamed ? [`write one name in both places, ${best}`] : []),
        ...differences.map(({ term }) => `write the same "${term}" in both places`),
      ].join(', and '),
    };
    return [placed(caution, second.target.place)];
  });
}

/** Each name, and each space, at its first place; with the terms that the same name has elsewhere. */
function distinct(ways: readonly Way[]): readonly Way[] {
  const known = new Map<string, Way>();
  for (const way of ways) {
    const key = `${way.spaceId ?? ''} ${way.name ?? ''}`;
    const before = known.get(key);
    const limit = before?.target.limit ?? way.target.limit;
    const create = before?.target.create ?? way.target.create;
    known.set(key, { ...way, target: { ...(before ?? way).target, limit, create } });
  }
  return [...known.values()];
}

type Difference = { readonly term: 'mode' | 'limit' | 'create'; readonly text: string };

function differencesOf(a: Way, b: Way, ways: readonly Way[]): readonly Difference[] {
  const differences: Difference[] = [];
  if (a.target.mode !== b.target.mode) differences.push({ term: 'mode', text: modesDiffer([a, b], ways) });
  const limited = ways.find(({ target }) => target.limit !== undefined);
  if (limited !== undefined && differs(a.target.limit, b.target.limit)) {
    const text = `the "limit" in ${line(limited)} is in force there and no other has an effect`;
    differences.push({ term: 'limit', text });
  }
  const isMade = a.space === undefined && b.space === undefined;
  if (isMade && differs(a.target.create, b.target.create)) {
    differences.push({ term: 'create', text: 'at most one "create" was used' });
  }
  return differences;
}

function modesDiffer(pair: readonly Way[], ways: readonly Way[]): string {
  const mode = modeOf(ways);
  const inForce = ways.filter(({ target }) => target.mode === mode).slice(0, 1);
  const idle = pair.filter(({ target }) => target.mode !== mode);
  const told = (some: readonly Way[]): string =>
    some.map((way) => `"${way.target.mode}" (${line(way)})`).join(' and ');
  return `${told(inForce)} is in force there and ${told(idle)} ${idle.length === 1 ? 'has' : 'have'} no effect`;
}

/** Leaving it out is no contradiction. Both were read by the same function, which gives the fields in one order. */
function differs(a: RoomTarget['limit' | 'create'], b: RoomTarget['limit' | 'create']): boolean {
  return a !== undefined && b !== undefined && JSON.stringify(a) !== JSON.stringify(b);
}

function line({ target }: Way): string {
  return `line ${target.place.line}`;
}
