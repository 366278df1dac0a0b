import { setImmediate } from 'node:timers/promises';

/** What is done in one go: some milliseconds. */
export const PIECE = 1000;

/** Goes through a long list piece by piece; between two pieces, whatever else waits to be done is done. */
export async function* inPieces<T>(list: readonly T[], size = PIECE): AsyncGenerator<readonly T[]> {
  for (let start = 0; start < list.length; start += size) {
    if (start > 0) await setImmediate();
    yield list.slice(start, start + size);
  }
}
