import type { Config } from '../config/config.ts';
import type { Homeserver, Restriction } from '../matrix/homeserver.ts';
import type { GroupMap } from '../plan/group-map.ts';
import { createDryRun, createExecutor, type ExecutorListener } from '../reconcile/executor.ts';
import { createHouse } from '../reconcile/house.ts';
import { createLoop, type Loop, type LoopListener } from '../reconcile/loop.ts';
import { tellOutages } from '../reconcile/outage.ts';
import { createPass } from '../reconcile/pass.ts';
import { createPersonPlanner, type PersonPlanner, type PersonPolicy } from '../reconcile/person-planner.ts';
import { createPersonReconciler } from '../reconcile/person-reconciler.ts';
import { createSurvey, type Survey } from '../reconcile/survey.ts';
import type { Store } from '../store/store.ts';
import { type CallReport, createSynapseClient } from '../synapse/client.ts';
import { createSynapseHomeserver } from '../synapse/homeserver.ts';

export type Planning = { readonly survey: Survey; readonly plan: PersonPlanner };

type PlanningDeps = {
  readonly config: Config;
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly map: () => GroupMap;
};

/** What reads and decides, and changes nothing. */
export async function createPlanning({ config, store, homeserver, map }: PlanningDeps): Promise<Planning> {
  const { accounts, matrix } = config;
  const house = createHouse({ store, map: map(), resolved: await store.rooms.resolutions() });
  const policy: PersonPolicy = {
    bot: matrix.adminUserId,
    serverName: matrix.serverName,
    provider: accounts.provider,
    localpart: accounts.localpart,
    existingAccounts: accounts.existing,
    provision: accounts.provision,
    onDeactivate: restrictionOf(accounts.onDeactivate),
    onDelete: restrictionOf(accounts.onDelete),
  };
  return {
    survey: createSurvey({ store, homeserver, house, map, policy }),
    plan: createPersonPlanner({ store, homeserver, house, policy }),
  };
}

/** The whole of it: reads, decides, and makes the homeserver agree. */
export async function createEngine(
  deps: PlanningDeps & { readonly listener: LoopListener & ExecutorListener },
): Promise<Loop> {
  const { config, store, homeserver, listener } = deps;
  const { survey, plan } = await createPlanning(deps);
  const now = Date.now;
  return createLoop({
    store,
    pass: createPass({
      store,
      homeserver,
      survey,
      bot: config.matrix.adminUserId,
      liftRateLimit: config.matrix.liftRateLimit && !config.dryRun,
      now,
    }),
    reconcile: createPersonReconciler({
      store,
      plan,
      execute: config.dryRun
        ? createDryRun(listener)
        : createExecutor({ store, homeserver, kickReason: config.kickReason, now, listener }),
      policy: { localpart: config.accounts.localpart, serverName: config.matrix.serverName },
    }),
    listener,
    concurrency: config.matrix.concurrency,
    resyncMs: config.resyncIntervalMs,
    now,
    random: Math.random,
  });
}

export function connect(config: Config, onCall: (report: CallReport) => void = () => {}): Homeserver {
  const { matrix } = config;
  const client = createSynapseClient({
    baseUrl: matrix.url,
    token: matrix.adminToken,
    timeoutMs: matrix.timeoutMs,
    certificateAuthority: matrix.certificateAuthority,
    verifyTls: matrix.verifyTls,
    onCall,
  });
  return tellOutages(createSynapseHomeserver({ client, bot: matrix.adminUserId }));
}

function restrictionOf(setting: Restriction | 'nothing'): Restriction | undefined {
  return setting === 'nothing' ? undefined : setting;
}
