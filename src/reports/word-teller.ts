import { HomeserverError, stopsEverything } from '../matrix/error.ts';
import type { Homeserver } from '../matrix/homeserver.ts';
import { backoff } from '../reconcile/backoff.ts';
import type { Store } from '../store/store.ts';
import type { StoredWord } from '../store/word-store.ts';

/** Says to people what the map has for who is added to a room or removed. */
export interface WordTeller {
  /** Says what waits for one person, if it is time. Rejects only if the store does. */
  tell(): Promise<void>;
}

type Deps = {
  readonly store: Pick<Store, 'words' | 'journal'>;
  readonly homeserver: Pick<Homeserver, 'hasServerNotices' | 'sendServerNotice'>;
  /** False while the homeserver as a whole does not answer. */
  readonly isOpen: () => boolean;
  readonly now: () => number;
  readonly random: () => number;
  /** Told when nothing can be said to anybody, and when it can be again. */
  readonly onTrouble: (trouble: string | undefined) => void;
};

/** What comes of one change at the provider is said in one message. */
const SETTLING_MS = 5_000;
/** A welcome of the day before yesterday is none. */
const LONGEST_MS = 24 * 3_600_000;
/** At most one message in so many milliseconds, and no more than one part in so many of the homeserver's time. */
const INTERVAL_MS = 1_000;
const SHARE = 5;
/** How often it is looked whether the homeserver has server notices by now. */
const ASK_AGAIN_MS = 600_000;
const RETRY = { baseMs: 5_000, capMs: 600_000 };

export const NO_SERVER_NOTICES =
  'The group map has words for people, and the homeserver has no server notices: nobody is told. "usher check" says how to have them.';

/** One person after the other, and nobody twice: what was taken out of the store is said, or never. */
export function createWordTeller(deps: Deps): WordTeller {
  const { store, homeserver, isOpen, now, random, onTrouble } = deps;
  let nextAt = 0;
  let attempts = 0;
  /** Asked before the first word, and after each that was refused. */
  let isKnown = false;
  let trouble: string | undefined;

  const setTrouble = (next: string | undefined): void => {
    if (next === trouble) return;
    trouble = next;
    onTrouble(next);
  };

  const wait = (atLeastMs = 0): void => {
    nextAt = now() + Math.max(atLeastMs, backoff(attempts, RETRY, random));
    attempts += 1;
  };

  /** What is written down once, however many there are. */
  const noteNone = (): Promise<unknown> =>
    store.journal.appendNews({
      ...{ at: now(), action: 'tell', outcome: 'failed', detail: NO_SERVER_NOTICES, cause: undefined },
      ...{ account: undefined, userId: undefined, roomId: undefined },
    });

  const note = async (words: readonly StoredWord[], failure: string | undefined): Promise<void> => {
    for (const { account, userId, roomId, kind } of words) {
      const what = `tell ${account} of having been ${kind}`;
      await store.journal.append({
        ...{ at: now(), action: 'tell', account, userId, roomId, cause: undefined },
        ...(failure === undefined
          ? { outcome: 'done', detail: what }
          : { outcome: 'failed', detail: `${what}: ${failure}` }),
      });
    }
  };

  /** Resolves with false if nobody can be told anything; what waits is dropped then, so that it never comes all at once. */
  const canBeTold = async (): Promise<boolean> => {
    isKnown ||= await homeserver.hasServerNotices();
    if (isKnown) {
      setTrouble(undefined);
      return true;
    }
    await store.words.drop();
    await noteNone();
    setTrouble(NO_SERVER_NOTICES);
    nextAt = now() + ASK_AGAIN_MS;
    return false;
  };

  const say = async (words: readonly StoredWord[]): Promise<void> => {
    const [first] = words;
    if (first === undefined) return;
    const begin = now();
    await homeserver.sendServerNotice(
      first.account,
      [...new Set(words.map(({ text }) => text))].join('\n\n'),
    );
    attempts = 0;
    nextAt = now() + Math.max(INTERVAL_MS, (now() - begin) * (SHARE - 1));
    await note(words, undefined);
  };

  return {
    async tell() {
      if (!isOpen() || now() < nextAt) return;
      await store.words.drop(now() - LONGEST_MS);
      const words = await store.words.take(now() - SETTLING_MS);
      if (words === undefined) return;
      try {
        if (await canBeTold()) await say(words);
      } catch (error) {
        if (!(error instanceof HomeserverError)) throw error;
        const { kind, message, retryAfterMs } = error;
        if (kind === 'refused' || kind === 'not-found') nextAt = now() + INTERVAL_MS;
        else wait(retryAfterMs);
        const wasTried = isKnown;
        isKnown = false;
        // Without an answer it may have been said, and then it is not said again.
        const isUntold = !wasTried || kind === 'throttled' || kind === 'unauthorised';
        if (isUntold) await store.words.giveBack(words);
        else
          await note(
            words,
            stopsEverything(error) ? `${message}; it may have been said, so it is not said again` : message,
          );
      }
    },
  };
}
