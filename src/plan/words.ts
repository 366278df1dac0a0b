import type { Words } from './group-map.ts';

/** What is said to a person whom her groups let into a room, or who lost it with the last of them. */
export type Word = { readonly kind: keyof Words; readonly text: string };

/** Undefined if the map has no such word for the room. */
export function wordOf(words: Words | undefined, kind: keyof Words): Word | undefined {
  const text = words?.[kind];
  return text === undefined ? undefined : { kind, text };
}
