import { profileOf } from '../directory/user.ts';
import { type HoldView, holdsOf } from '../plan/holds.ts';
import type { Loop } from '../reconcile/loop.ts';
import type { Store } from '../store/store.ts';
import { type Sighting, type Sights, TROUBLE_KINDS, type Trouble, type TroubleKind } from './trouble.ts';

type Deps = {
  readonly store: Pick<Store, 'guard' | 'work' | 'people'>;
  readonly loop: Pick<Loop, 'status' | 'problems'>;
  /** Why the map that is in force is not that of the file. */
  readonly mapProblem: () => string | undefined;
  readonly databaseTrouble: () => string | undefined;
  /** How much of what a hold has. */
  readonly numbersOf: (counts: HoldView['counts']) => string;
  /** Providers of which nothing was heard for too long, and since when. */
  readonly silent: () => Promise<ReadonlyMap<string, string>>;
  readonly now: () => number;
};

/** Looks at what is wrong now. Never rejects: what can't be read is not known. `onError` is told why. */
export type Watch = () => Promise<Sights>;

/** How long something stays as it is before it is told, in milliseconds: most outages pass, and a hold grows first. */
const SETTLING: Readonly<Record<TroubleKind, number>> = {
  held: 10_000,
  people: 60_000,
  rooms: 0,
  homeserver: 300_000,
  token: 10_000,
  database: 5_000,
  map: 5_000,
  provider: 10_000,
};
/** What never comes to rest is told all the same. */
const LONGEST_MS = 300_000;
/** More people than these are told as a number. */
const MOST_PEOPLE = 200;

export function createWatch(deps: Deps & { readonly onError: (error: unknown) => void }): Watch {
  const { now, onError } = deps;
  const settle = createSettling(now);
  return async () => {
    const sights = new Map<TroubleKind, readonly Sighting[]>();
    for (const kind of TROUBLE_KINDS) {
      try {
        const troubles = await LOOKS[kind](deps);
        if (troubles !== undefined) sights.set(kind, settle(kind, troubles));
      } catch (error) {
        onError(error);
      }
    }
    return sights;
  };
}

/** Undefined: not known at present. */
type Look = (deps: Deps) => readonly Trouble[] | undefined | Promise<readonly Trouble[]>;

const LOOKS: Readonly<Record<TroubleKind, Look>> = {
  async held({ store, numbersOf }) {
    const holds = await store.guard.holds();
    if (holds.length === 0) return [];
    return holdsOf(holds, await store.guard.heldCounts())
      .filter(({ verdict }) => verdict === undefined)
      .map(({ scope, digest, reason, counts }) => ({
        ...{ id: scope, mark: digest, text: `${reason}; waiting: ${numbersOf(counts)}` },
        command: `usher approve ${digest}`,
      }));
  },

  async people({ store, now }) {
    const { failing } = await store.work.summary(now());
    if (failing > MOST_PEOPLE) return [{ id: '*', mark: '', text: `${failing} people` }];
    return Promise.all(
      (await store.work.failing(MOST_PEOPLE)).map(async ({ userId, lastError }) => {
        const person = await store.people.person(userId);
        const who = person === undefined ? 'a deleted user' : profileOf(person.user.attributes).userName;
        return { id: userId, mark: lastError?.kind ?? '', text: `${who}: ${lastError?.message ?? ''}` };
      }),
    );
  },

  rooms({ loop }) {
    if (loop.status().lastPass === undefined) return undefined;
    const byTarget = new Map(loop.problems().map(({ target, message }) => [target, message]));
    return [...byTarget].map(([id, text]) => ({ id, mark: '', text }));
  },

  homeserver({ loop }) {
    const { pause, lastPass } = loop.status();
    if (pause === undefined) return lastPass === undefined ? undefined : [];
    if (pause.kind === 'internal') return undefined;
    return pause.kind === 'unauthorised' ? [] : [{ id: '', mark: '', text: pause.message }];
  },

  token({ loop }) {
    const { pause, lastPass } = loop.status();
    if (pause === undefined) return lastPass === undefined ? undefined : [];
    return pause.kind === 'unauthorised' ? [{ id: '', mark: '', text: pause.message }] : undefined;
  },

  database: ({ databaseTrouble }) => theOne(databaseTrouble()),
  map: ({ mapProblem }) => theOne(mapProblem()),
  provider: async ({ silent }) => [...(await silent())].map(([id, text]) => ({ id, mark: '', text })),
};

function theOne(text: string | undefined): readonly Trouble[] {
  return text === undefined ? [] : [{ id: '', mark: text, text }];
}

function createSettling(now: () => number) {
  const seen = new Map<TroubleKind, ReadonlyMap<string, Seen>>();
  return (kind: TroubleKind, troubles: readonly Trouble[]): readonly Sighting[] => {
    const at = now();
    const before = seen.get(kind);
    const after = new Map<string, Seen>();
    const sightings = troubles.map((trouble) => {
      const last = before?.get(trouble.id);
      const firstAt = last?.firstAt ?? at;
      const changedAt = last?.mark === trouble.mark ? last.changedAt : at;
      after.set(trouble.id, { mark: trouble.mark, firstAt, changedAt });
      const isSettled = at - changedAt >= SETTLING[kind] || at - firstAt >= LONGEST_MS;
      return { ...trouble, since: firstAt, isSettled };
    });
    seen.set(kind, after);
    return sightings;
  };
}

type Seen = { readonly mark: string; readonly firstAt: number; readonly changedAt: number };
