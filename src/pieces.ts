import { setImmediate } from 'node:timers/promises';

/** Whatever else waits to be done is done. */
export function othersTurn(): Promise<void> {
  return setImmediate();
}

/** What is done in one go: some milliseconds. */
export const PIECE = 1000;

/** All of what comes in pieces, for who has the time. */
export async function whole<T>(pieces: AsyncIterable<readonly T[]>): Promise<readonly T[]> {
  const all: T[][] = [];
  for await (const piece of pieces) all.push([...piece]);
  return all.flat();
}

/** Does the same for each of a list, some of them at once. Who fails has the others end; the first failure rejects. */
export async function forEach<T>(
  list: Iterable<T>,
  atOnce: number,
  act: (each: T) => Promise<void>,
): Promise<void> {
  const rest = list[Symbol.iterator]();
  let isOver = false;
  const workThrough = async (): Promise<void> => {
    for (let next = rest.next(); !isOver && !next.done; next = rest.next()) await act(next.value);
  };
  const workers = Array.from({ length: atOnce }, () =>
    workThrough().catch((error: unknown) => {
      isOver = true;
      throw error;
    }),
  );
  const ends = await Promise.allSettled(workers);
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** Goes through a long list piece by piece; between two pieces, whatever else waits to be done is done. */
export async function* inPieces<T>(list: readonly T[], size = PIECE): AsyncGenerator<readonly T[]> {
  for (let start = 0; start < list.length; start += size) {
    if (start > 0) await othersTurn();
    yield list.slice(start, start + size);
  }
}
