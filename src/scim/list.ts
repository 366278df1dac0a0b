import { invalidValue } from './error.ts';
import type { JsonObject } from './json.ts';
import { LIST_RESPONSE } from './urns.ts';

/** Resources in an answer to a client that asks for no number. */
const DEFAULT_COUNT = 100;

/** A window of a listing; `startIndex` counts from 1. */
export type Paging = { readonly startIndex: number; readonly count: number };

/**
 * Reads RFC 7644 §3.4.2.4: what is too small counts as the least, and who asks for more than `maxResults` gets that
 * many. Throws `ScimError` 400 `invalidValue`.
 */
export function readPaging({ startIndex, count }: JsonObject, maxResults: number): Paging {
  return {
    startIndex: Math.max(1, integer(startIndex, 'startIndex') ?? 1),
    count: Math.min(maxResults, Math.max(0, integer(count, 'count') ?? DEFAULT_COUNT)),
  };
}

function integer(value: unknown, name: string): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || !/^[+-]?\d+$/.test(text)) {
    throw invalidValue(`${name} is an integer`);
  }
  // More digits than a number holds are a large number, and no error.
  return Math.min(Number(text), Number.MAX_SAFE_INTEGER);
}

/** `itemsPerPage` is what is there, not what was asked for: Authentik and Pocket ID count on by it. */
export function listHead(itemsPerPage: number, totalResults: number, startIndex: number): JsonObject {
  return { schemas: [LIST_RESPONSE], totalResults, startIndex, itemsPerPage };
}
