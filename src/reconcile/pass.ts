import { HomeserverError } from '../matrix/error.ts';
import type { Homeserver } from '../matrix/homeserver.ts';
import type { UserId } from '../matrix/ids.ts';
import type { Store } from '../store/store.ts';
import { orProblem, type Problem, type Survey } from './survey.ts';

export type PassReport = {
  readonly startedAt: number;
  readonly finishedAt: number;
  /** How many people were found to need a look. */
  readonly marked: number;
  readonly problems: readonly Problem[];
};

/**
 * One full pass: reads the world and marks everybody who is not as she is to be. Rejects when aborted, and with a
 * `HomeserverError` when the homeserver as a whole does not answer, and is then to be run again.
 */
export type Pass = (progress: {
  /** The map's rooms are known: people can be dealt with. */
  readonly onResolved: () => void;
  readonly onMarked: () => void;
  /** Whoever waits after a refusal is tried again at once; otherwise she goes on waiting. */
  readonly isImpatient: boolean;
  readonly signal: AbortSignal;
}) => Promise<PassReport>;

type Deps = {
  readonly store: Pick<Store, 'rooms' | 'work' | 'journal'>;
  readonly homeserver: Homeserver;
  readonly survey: Survey;
  readonly bot: UserId;
  readonly liftRateLimit: boolean;
  readonly now: () => number;
};

/** How long the journal goes back: 400 days, so that it always holds a year. */
const JOURNAL_MS = 400 * 24 * 3_600_000;

export function createPass({ store, homeserver, survey, bot, liftRateLimit, now }: Deps): Pass {
  let isLifted = !liftRateLimit;

  /** Once, before anything else: taking more than five rooms in a row is beyond the limit, too. */
  const lift = async (): Promise<readonly Problem[]> => {
    if (isLifted) return [];
    const problem = await orProblem('the rate limit of the bot', () => homeserver.liftRateLimit());
    isLifted = problem === undefined;
    return problem === undefined ? [] : [problem];
  };

  return async ({ onResolved, onMarked, isImpatient, signal }) => {
    const startedAt = now();
    await verifyIdentity(homeserver, bot);
    const obstacles = await lift();
    const known = await store.rooms.resolutions();
    const { resolved, problems } = await survey.resolve();
    for (const [target, roomId] of resolved) {
      if (known.get(target) !== roomId) await store.rooms.saveResolution(target, roomId, now());
    }
    onResolved();
    let marked = 0;
    const more = await survey.look(async (people, urgency) => {
      if (people.length === 0) return;
      marked += people.length;
      if (isImpatient) await store.work.mark(people, urgency, now());
      else await store.work.remind(people, urgency, now());
      onMarked();
    }, signal);
    await store.journal.prune(now() - JOURNAL_MS);
    return { startedAt, finishedAt: now(), marked, problems: [...obstacles, ...problems, ...more] };
  };
}

/**
 * Which leaves and kicks were ours depends on who we are: with a wrong id nothing may be decided. Rejects with an
 * `unauthorised` error that says what to correct.
 */
export async function verifyIdentity(homeserver: Homeserver, bot: UserId): Promise<void> {
  const identity = await homeserver.identify();
  if (identity.userId !== bot) {
    throw new HomeserverError(
      'unauthorised',
      `MATRIX_ADMIN_TOKEN belongs to ${identity.userId}, but MATRIX_ADMIN_USER_ID says ${bot}. Correct one of them.`,
    );
  }
  if (!identity.admin) {
    throw new HomeserverError(
      'unauthorised',
      `${bot} is not a server admin. Make it one, or use another token.`,
    );
  }
}
