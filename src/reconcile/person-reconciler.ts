import type { ResourceId } from '../directory/resource.ts';
import { profileOf } from '../directory/user.ts';
import { deriveAccount } from '../plan/localpart.ts';
import type { Store, WorkError, WorkItem } from '../store/store.ts';
import type { Executor } from './executor.ts';
import { createLocks } from './locks.ts';
import type { PersonPlanner } from './person-planner.ts';

/** `wasRead`: the homeserver was asked, and answered. */
export type PersonOutcome = { readonly problems: readonly WorkError[]; readonly wasRead: boolean };

/**
 * Looks at one person and makes her right. Rejects with a `HomeserverError`, after which she is to be looked at
 * again.
 */
export type PersonReconciler = (item: WorkItem) => Promise<PersonOutcome>;

type Deps = {
  readonly store: Pick<Store, 'people'>;
  readonly plan: PersonPlanner;
  readonly execute: Executor;
  readonly policy: { readonly localpart: string; readonly serverName: string };
};

/**
 * Between reading that a name, an external id or an e-mail is free and taking it, nobody else may take it: Synapse
 * would hand it over without a word. So people who may want the same are dealt with one after the other.
 */
export function createPersonReconciler({ store, plan, execute, policy }: Deps): PersonReconciler {
  const inTurn = createLocks();

  const wantedBy = async (userId: ResourceId): Promise<readonly string[]> => {
    const person = await store.people.person(userId);
    const link = await store.people.link(userId);
    const keys = link === undefined ? [] : [`account ${link.account}`];
    if (person === undefined) return keys;
    const profile = profileOf(person.user.attributes);
    const derived = deriveAccount(policy.localpart, profile, policy.serverName);
    if (link === undefined && derived.kind === 'derived') keys.push(`account ${derived.account}`);
    if (profile.externalId !== undefined) keys.push(`external id ${profile.externalId}`);
    if (profile.email !== undefined) keys.push(`e-mail ${profile.email.toLowerCase()}`);
    return keys;
  };

  return async ({ userId, lastError }) =>
    inTurn(await wantedBy(userId), async () => {
      const personPlan = await plan(userId);
      const problems = await execute(personPlan, lastError?.message);
      return { problems, wasRead: personPlan.account !== undefined };
    });
}
