import type { ResourceId } from '../directory/resource.ts';
import type { RoomId, UserId } from '../matrix/ids.ts';
import type { Word } from '../plan/words.ts';

/** What is to be said to a person who was let into a room, or lost it; `at` is milliseconds since 1970. */
export type StoredWord = Word & {
  readonly account: UserId;
  readonly userId: ResourceId;
  readonly roomId: RoomId;
  readonly at: number;
};

/** Words that wait to be said: of a person and a room, the newest. */
export interface WordStore {
  /** In place of what waits of this person and room. */
  add(word: StoredWord): Promise<void>;
  /**
   * What waits for one person, of whom something was written down before `before`, the oldest first; undefined if there is
   * nothing to say. It is forgotten by that: what was taken is never said twice, whatever becomes of us. A welcome is said
   * once she is in. What is not so any more is dropped: she is out again, or in, or nobody is to use her account.
   */
  take(before: number): Promise<readonly StoredWord[] | undefined>;
  /** They were certainly not said. What came since stands before them. */
  giveBack(words: readonly StoredWord[]): Promise<void>;
  /** Drops what is older than `before`; without it, all. */
  drop(before?: number): Promise<void>;
}
