import { othersTurn } from '../../pieces.ts';
import type { Connection } from './database.ts';

/** From the number `after`, which is not in it, to the number `to`. */
export type UserRange = readonly [after: number, to: number];

/**
 * Ranges of the numbers of all users, with a turn for others between them: each piece looks at as many rows, whatever it
 * finds.
 */
export function createUserRanges(db: Connection, rows: number): () => AsyncGenerator<UserRange> {
  const lastUser = db.prepare<[], number>('SELECT coalesce(max(seq), 0) FROM users').pluck();
  return async function* () {
    const last = lastUser.get() ?? 0;
    for (let after = 0; after < last; after += rows) {
      yield [after, after + rows];
      await othersTurn();
    }
  };
}
