import type { Config } from '../config/config.ts';
import type { Homeserver } from '../matrix/homeserver.ts';
import type { RoomId } from '../matrix/ids.ts';
import { isNotLocal } from '../photos/allowed-host.ts';
import { createPhotoFetcher } from '../photos/fetch-photo.ts';
import type { GroupMap } from '../plan/group-map.ts';
import type { FoundRooms } from '../plan/openings.ts';
import type { FetchPhoto } from '../plan/photo.ts';
import { createAvatarSetter, noticeSwitch } from '../reconcile/avatars.ts';
import { createSteadyClock } from '../reconcile/clock.ts';
import { createDryRun, createExecutor } from '../reconcile/executor.ts';
import { createGuard, type GuardListener, IDLE_GUARD, type Request } from '../reconcile/guard.ts';
import { createHouse, type House, lastKnown } from '../reconcile/house.ts';
import { createJudge, reasonsToHold } from '../reconcile/judge.ts';
import { createLeavers } from '../reconcile/leavers.ts';
import { createLocks } from '../reconcile/locks.ts';
import { createLoop, type Loop, type LoopListener } from '../reconcile/loop.ts';
import { createMaker, type ExecutorListener } from '../reconcile/maker.ts';
import { createMapWatch, lossOf, type MapWatch } from '../reconcile/map-watch.ts';
import { tellOutages } from '../reconcile/outage.ts';
import { createPass } from '../reconcile/pass.ts';
import { createPending, NOBODY_WAITS } from '../reconcile/pending.ts';
import { createPersonPlanner, type PersonPlanner, type PersonPolicy } from '../reconcile/person-planner.ts';
import { createPersonReconciler } from '../reconcile/person-reconciler.ts';
import { createRoomBuilder } from '../reconcile/room-builder.ts';
import { createRoomDesk } from '../reconcile/room-desk.ts';
import { createRoomFinder, type RoomFinder } from '../reconcile/room-finder.ts';
import { createRoomPlanner, type RoomPlanner } from '../reconcile/room-planner.ts';
import { createRoomReconciler, NOTHING_LEFT } from '../reconcile/room-reconciler.ts';
import { createSurvey, type Survey } from '../reconcile/survey.ts';
import type { Store } from '../store/store.ts';
import { type CallReport, createSynapseClient } from '../synapse/client.ts';
import { createSynapseHomeserver } from '../synapse/homeserver.ts';

export type Planning = {
  readonly findRooms: RoomFinder;
  readonly survey: Survey;
  readonly plan: PersonPlanner;
  readonly planRoom: RoomPlanner;
  readonly nameOf: House['nameOf'];
  /** What the map lost of what it opened, if that is so much that a person is to be asked. */
  readonly mapLoss: (found: FoundRooms) => Promise<string | undefined>;
  /** Why some of these would be held; or were rejected, and would not be made. */
  readonly reasonsToHold: (wanted: readonly Request[]) => Promise<readonly string[]>;
};

type PlanningDeps = {
  readonly config: Config;
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly map: () => GroupMap;
};

/** What reads and decides, and changes nothing. */
export async function createPlanning(
  deps: PlanningDeps,
  onRooms: (rooms: readonly RoomId[]) => void = () => {},
): Promise<Planning> {
  const house = createHouse({ store: deps.store, map: deps.map(), found: await lastKnown(deps.store) });
  return createPlanningIn(deps, { house, now: Date.now, beforeLearning: LEARN_ONLY, onRooms });
}

function createPlanningIn(
  { config, store, homeserver, map }: PlanningDeps,
  {
    house,
    now,
    beforeLearning,
    onRooms,
  }: {
    readonly house: House;
    readonly now: () => number;
    readonly beforeLearning: MapWatch;
    readonly onRooms: (rooms: readonly RoomId[]) => void;
  },
): Planning {
  const policy = policyOf(config);
  const { bot } = policy;
  const readers = Math.ceil(config.matrix.concurrency / 2);
  return {
    findRooms: createRoomFinder({ store, homeserver, house, map, beforeLearning, readers, now }),
    survey: createSurvey({ store, homeserver, house, bot, policy, onRooms, readers, now }),
    plan: createPersonPlanner({ store, homeserver, house, policy, now }),
    planRoom: createRoomPlanner({ store, homeserver, house, policy }),
    nameOf: house.nameOf,
    mapLoss: (found) => lossOf(store, map(), found),
    reasonsToHold: (wanted) =>
      reasonsToHold(
        store,
        createJudge({ store, house, pending: NOBODY_WAITS, limit: config.removalLimit, now }),
        wanted,
      ),
  };
}

/** Plans single rooms of a map, of which it is known what they are. */
export function createRoomPlans(
  { config, store, homeserver, map }: PlanningDeps,
  found: FoundRooms,
): RoomPlanner {
  const house = createHouse({ store, map: map(), found });
  return createRoomPlanner({ store, homeserver, house, policy: policyOf(config) });
}

const LEARN_ONLY: MapWatch = async () => async () => {};

/** What the settings say about accounts. */
export function policyOf({ accounts, matrix }: Config): PersonPolicy {
  return {
    bot: matrix.adminUserId,
    serverName: matrix.serverName,
    provider: accounts.provider,
    localpart: accounts.localpart,
    existingAccounts: accounts.existing,
    isProtected: accounts.isProtected,
    avatars: accounts.avatars,
    provision: accounts.provision,
    onDeactivate: accounts.onDeactivate,
    onDelete: accounts.onDelete,
  };
}

/** The whole of it: reads, decides, and makes the homeserver agree. */
export async function createEngine(
  deps: PlanningDeps & {
    readonly listener: LoopListener & ExecutorListener & GuardListener;
    /** The default refuses this machine. */
    readonly fetchPhoto?: FetchPhoto;
  },
): Promise<Loop> {
  const { config, store, homeserver, listener, map } = deps;
  const now = createSteadyClock(Date.now);
  await store.work.mendTimes(now());
  await store.guard.mendTimes(now());
  const house = createHouse({ store, map: map(), found: await lastKnown(store) });
  const policy = policyOf(config);
  const rooms = createRoomDesk({ store, house, now });
  const isDry = config.dryRun;
  const inTurn = createLocks();
  const pending = createPending({ store, leavers: createLeavers({ store, house, policy, now }), now });
  const guard = isDry
    ? IDLE_GUARD
    : createGuard({
        ...{ store, house, pending, now },
        judge: createJudge({ store, house, pending, limit: config.removalLimit, now }),
        onRooms: (decided) => rooms.request(decided, true),
        onHeld: listener.held,
      });
  const watch = createMapWatch({ store, guard });
  const { findRooms, survey, plan, planRoom } = createPlanningIn(deps, {
    ...{ house, now, onRooms: rooms.request },
    beforeLearning: isDry ? LEARN_ONLY : watch,
  });
  if (!isDry) await noticeSwitch(store, policy.avatars, now());
  const make = createMaker({
    ...{ store, homeserver, kickReason: config.kickReason, now, listener },
    setAvatar: createAvatarSetter({ store, homeserver, fetchPhoto: deps.fetchPhoto ?? fetchFromElsewhere }),
  });
  return createLoop({
    ...{ store, rooms, guard, listener, now },
    pass: createPass({
      ...{ store, homeserver, map, findRooms, survey, now, bot: policy.bot },
      buildRooms: isDry ? undefined : createRoomBuilder({ store, homeserver, now, bot: policy.bot }),
      liftRateLimit: config.matrix.liftRateLimit && !isDry,
    }),
    reconcile: createPersonReconciler({
      ...{ store, plan, policy, guard, house, inTurn },
      execute: isDry
        ? createDryRun(listener)
        : createExecutor({ store, make, now, listener, nameOf: house.nameOf }),
      onPlanned: rooms.concern,
    }),
    reconcileRoom: isDry
      ? async () => NOTHING_LEFT
      : createRoomReconciler({ store, homeserver, house, guard, make, inTurn, plan: planRoom }),
    concurrency: config.matrix.concurrency,
    resyncMs: config.resyncIntervalMs,
    random: Math.random,
  });
}

const fetchFromElsewhere = createPhotoFetcher({ isAllowed: isNotLocal });

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
