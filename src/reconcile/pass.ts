import type { ResourceId } from '../directory/resource.ts';
import { HomeserverError } from '../matrix/error.ts';
import type { Homeserver } from '../matrix/homeserver.ts';
import type { UserId } from '../matrix/ids.ts';
import { othersTurn } from '../pieces.ts';
import type { GroupMap } from '../plan/group-map.ts';
import type { GroupMapWarning } from '../plan/group-map-warnings.ts';
import type { Store } from '../store/store.ts';
import { GROUPS_SEEN } from './judge.ts';
import { orProblem, type Problem } from './problem.ts';
import type { RoomBuilder } from './room-builder.ts';
import type { Found, RoomFinder } from './room-finder.ts';
import type { Survey } from './survey.ts';

export type PassReport = {
  readonly startedAt: number;
  readonly finishedAt: number;
  /** How many people were found to need a look. */
  readonly marked: number;
  /** Of these, how many because the homeserver was changed by somebody else. */
  readonly drifted: number;
  readonly problems: readonly Problem[];
  /** What is seldom meant in the map, with the rooms as they were found. */
  readonly warnings: readonly GroupMapWarning[];
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
  readonly store: Pick<Store, 'rooms' | 'work' | 'journal' | 'facts' | 'groups' | 'seal'>;
  readonly homeserver: Homeserver;
  readonly map: () => GroupMap;
  readonly findRooms: RoomFinder;
  /** Undefined in a dry run. */
  readonly buildRooms: RoomBuilder | undefined;
  readonly survey: Survey;
  readonly bot: UserId;
  readonly liftRateLimit: boolean;
  readonly now: () => number;
};

/** How long the journal goes back: 400 days, so that it always holds a year. */
const JOURNAL_MS = 400 * 24 * 3_600_000;

/** After a longer time without a pass the clock may be wrong, as on a machine that just started. */
const LONG_GAP_MS = 30 * 24 * 3_600_000;

/** The name of the fact that holds the last report. */
export const LAST_PASS = 'last-pass';

export function createPass(deps: Deps): Pass {
  const { store, homeserver, findRooms, survey, bot, liftRateLimit, now } = deps;
  let isLifted = !liftRateLimit;

  /** Once, before anything else: taking more than five rooms in a row is beyond the limit, too. */
  const lift = async (): Promise<readonly Problem[]> => {
    if (isLifted) return [];
    const problem = await orProblem('the rate limit of the bot', () => homeserver.liftRateLimit());
    isLifted = problem === undefined;
    return problem === undefined ? [] : [problem];
  };

  const lastPassAt = async (): Promise<number> => {
    const last = await store.facts.get(LAST_PASS);
    const isReport = typeof last === 'object' && last !== null && 'finishedAt' in last;
    return isReport && typeof last.finishedAt === 'number' ? last.finishedAt : Number.NEGATIVE_INFINITY;
  };

  const remember = async ({ resolved, children }: Found): Promise<void> => {
    // First the rooms of a space, so that none is known without them.
    for (const [space, rooms] of children) {
      const before = await store.rooms.children(space);
      if (JSON.stringify(before) !== JSON.stringify(rooms)) await store.rooms.saveChildren(space, rooms);
    }
    const known = await store.rooms.resolutions();
    await othersTurn();
    const news = [...resolved].filter(([target, roomId]) => known.get(target) !== roomId);
    await store.rooms.saveResolutions(new Map(news), now());
  };

  /** What was made is found again by its alias, so that nothing that is not there counts as made. */
  const findAndBuild = async (signal: AbortSignal): Promise<Pick<PassReport, 'problems' | 'warnings'>> => {
    const found = await findRooms(signal);
    const built = await deps.buildRooms?.(deps.map(), found);
    await remember(found);
    if (built === undefined || built.made.length === 0) {
      return { problems: [...found.problems, ...(built?.problems ?? [])], warnings: found.warnings };
    }
    const again = await findRooms(signal);
    const { problems } = (await deps.buildRooms?.(deps.map(), again)) ?? { problems: [] };
    await remember(again);
    return { problems: [...again.problems, ...problems], warnings: again.warnings };
  };

  return async ({ onResolved, onMarked, isImpatient, signal }) => {
    const startedAt = now();
    await verifyIdentity(homeserver, bot);
    const obstacles = await lift();
    const { problems, warnings } = await findAndBuild(signal);
    await othersTurn();
    onResolved();
    // She may be wrong in several rooms.
    const marked = new Set<ResourceId>();
    const drifted = new Set<ResourceId>();
    const more = await survey(async (people, urgency, { text, isDrift }) => {
      if (people.length === 0) return;
      for (const userId of people) {
        marked.add(userId);
        if (isDrift) drifted.add(userId);
      }
      // Of whoever is marked already it is known why.
      await store.work.remind(people, urgency, now(), text);
      if (isImpatient) await store.work.mark(people, urgency, now());
      onMarked();
    }, signal);
    if (startedAt - (await lastPassAt()) < LONG_GAP_MS) await store.journal.prune(now() - JOURNAL_MS);
    const report = {
      ...{ startedAt, finishedAt: now(), marked: marked.size, drifted: drifted.size },
      problems: [...obstacles, ...problems, ...more],
      warnings,
    };
    if ((await store.facts.get(GROUPS_SEEN)) === undefined && (await store.groups.names()).length > 0) {
      await store.facts.set(GROUPS_SEEN, true);
    }
    await store.facts.set(LAST_PASS, report);
    await store.seal(now());
    return report;
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
      `the token for the homeserver belongs to ${identity.userId}, but MATRIX_ADMIN_USER_ID says ${bot}. Correct that, or MATRIX_ADMIN_TOKEN; one that Usher got from MAS is in synapse-token.json in DATA_DIR, and can be removed.`,
    );
  }
  if (!identity.admin) {
    throw new HomeserverError(
      'unauthorised',
      `${bot} is not a server admin. Make it one, or use another token.`,
    );
  }
}
