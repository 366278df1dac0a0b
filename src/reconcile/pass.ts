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
 * One full pass: reads the world and marks everybody who is not as she is to be. Rejects with a
 * `HomeserverError` when the homeserver as a whole does not answer, and is then to be run again.
 */
export type Pass = (progress: {
  /** The map's rooms are known: people can be dealt with. */
  readonly onResolved: () => void;
  readonly onMarked: () => void;
}) => Promise<PassReport>;

type Deps = {
  readonly store: Pick<Store, 'rooms' | 'work'>;
  readonly homeserver: Homeserver;
  readonly survey: Survey;
  readonly bot: UserId;
  readonly liftRateLimit: boolean;
  readonly now: () => number;
};

export function createPass({ store, homeserver, survey, bot, liftRateLimit, now }: Deps): Pass {
  let isReady = false;

  /** Which leaves and kicks were ours depends on who we are: a wrong id must stop everything. */
  const getReady = async (): Promise<readonly Problem[]> => {
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
    const refused = liftRateLimit
      ? await orProblem('the rate limit of the bot', () => homeserver.liftRateLimit())
      : undefined;
    isReady = true;
    return refused === undefined ? [] : [refused];
  };

  return async ({ onResolved, onMarked }) => {
    const startedAt = now();
    const obstacles = isReady ? [] : await getReady();
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
      await store.work.mark(people, urgency, now());
      onMarked();
    });
    return { startedAt, finishedAt: now(), marked, problems: [...obstacles, ...problems, ...more] };
  };
}
