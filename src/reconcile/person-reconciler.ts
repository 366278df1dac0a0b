import type { ResourceId } from '../directory/resource.ts';
import { profileOf } from '../directory/user.ts';
import { keyOf } from '../plan/guard.ts';
import { deriveAccount } from '../plan/localpart.ts';
import type { Store, WorkError, WorkItem } from '../store/store.ts';
import type { Executor } from './executor.ts';
import type { Guard } from './guard.ts';
import { requestsOf, takeAwayOf } from './holding.ts';
import type { House } from './house.ts';
import type { Locks } from './locks.ts';
import type { PersonPlan } from './person-plan.ts';
import type { PersonPlanner } from './person-planner.ts';

/** `wasRead`: the homeserver was asked, and answered. */
export type PersonOutcome = {
  readonly problems: readonly WorkError[];
  readonly wasRead: boolean;
  /** The map or its rooms changed meanwhile: she is to be looked at again. */
  readonly isOutdated: boolean;
};

/**
 * Looks at one person and makes her right. Rejects with a `HomeserverError`, after which she is to be looked at
 * again.
 */
export type PersonReconciler = (item: WorkItem) => Promise<PersonOutcome>;

type Deps = {
  readonly store: Pick<Store, 'people' | 'work'>;
  readonly plan: PersonPlanner;
  readonly execute: Executor;
  readonly guard: Guard;
  readonly house: Pick<House, 'edition'>;
  /** Told what was tried for her. */
  readonly onPlanned: (plan: PersonPlan) => Promise<void>;
  /** Who may want the same are dealt with one after the other. */
  readonly inTurn: Locks;
  readonly policy: { readonly localpart: string; readonly serverName: string };
};

/**
 * Between reading that a name, an external id or an e-mail is free and taking it, nobody else may take it: Synapse
 * would hand it over without a word. So people who may want the same are dealt with one after the other.
 */
export function createPersonReconciler({
  store,
  plan,
  execute,
  guard,
  house,
  onPlanned,
  inTurn,
  policy,
}: Deps): PersonReconciler {
  /** What she has and what she may get: her account, external id and e-mail, by the link and by the directory. */
  const concerning = async (userId: ResourceId): Promise<ReadonlySet<string>> => {
    const person = await store.people.person(userId);
    const link = await store.people.link(userId);
    const profile = person && profileOf(person.user.attributes);
    const derived = profile && deriveAccount(policy.localpart, profile, policy.serverName);
    const accounts = [link?.account, derived?.kind === 'derived' ? derived.account : undefined];
    const externalIds = [link?.externalId, profile?.externalId];
    const emails = [link?.email, profile?.email?.toLowerCase()];
    return new Set([...named('account', accounts), ...named('id', externalIds), ...named('e-mail', emails)]);
  };

  const carryOut = async (item: WorkItem, personPlan: PersonPlan): Promise<PersonOutcome> => {
    const { account, isDecided, edition } = personPlan;
    const held =
      account === undefined
        ? NOTHING
        : await guard.sift(requestsOf(personPlan, item.cause), { account, isDecided });
    const isCurrent = async (): Promise<boolean> =>
      edition === house.edition() && (await store.work.isCurrent(item));
    const { problems, unmade } = await execute(personPlan, { isCurrent, held, cause: item.cause });
    const letThrough = unmade.flatMap((change) => takeAwayOf(change) ?? []);
    await guard.giveBack(letThrough.filter((change) => !held.has(keyOf(change))));
    await onPlanned(personPlan);
    const isOutdated = edition !== house.edition();
    return { problems, wasRead: personPlan.account !== undefined, isOutdated };
  };

  return async (item) =>
    inTurn([...(await concerning(item.userId))], async () => {
      const personPlan = await plan(item.userId);
      if (!personPlan.changes.some(({ kind }) => kind === 'revoke-admin')) return carryOut(item, personPlan);
      // Of two who are the last server admins, the second is looked at when the first is none any more.
      return inTurn(['server admins'], async () => carryOut(item, await plan(item.userId)));
    });
}

const NOTHING: ReadonlySet<string> = new Set();

function named(kind: string, values: readonly (string | undefined)[]): readonly string[] {
  return values.filter((value) => value !== undefined).map((value) => `${kind} ${value}`);
}
