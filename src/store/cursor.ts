import { UnknownCursor } from './page-store.ts';

/** Where a page ends: values of the columns that order the list. */
export type Place = readonly (string | number)[];

/** As text that is good for a URL, and says nothing to who sees it. */
export function cursorOf(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** Reads a cursor of the same shape as `first`, where the list begins. Throws `UnknownCursor`. */
export function placeOf<P extends Place>(cursor: string | undefined, first: P): P {
  if (cursor === undefined) return first;
  const place = parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  const isSame =
    Array.isArray(place) &&
    place.length === first.length &&
    place.every((value, index) => typeof value === typeof first[index]);
  if (!isSame) throw new UnknownCursor('is no cursor of this list: take the "next" of a page of it');
  return place as unknown as P;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
