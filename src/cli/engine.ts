import { createPlanningIn, LEARN_ONLY, type PlanningDeps, policyOf } from '../desk/planning.ts';
import { isNotLocal } from '../photos/allowed-host.ts';
import { createPhotoFetcher } from '../photos/fetch-photo.ts';
import type { FetchPhoto } from '../plan/photo.ts';
import { createAvatarSetter, noticeSwitch } from '../reconcile/avatars.ts';
import { createSteadyClock } from '../reconcile/clock.ts';
import { createDryRun, createExecutor } from '../reconcile/executor.ts';
import { createGuard, type GuardListener, IDLE_GUARD } from '../reconcile/guard.ts';
import { createHouse, lastKnown } from '../reconcile/house.ts';
import { createJudge } from '../reconcile/judge.ts';
import { createLeavers } from '../reconcile/leavers.ts';
import { createLocks } from '../reconcile/locks.ts';
import { createLoop, type Loop, type LoopListener } from '../reconcile/loop.ts';
import { createMaker, type ExecutorListener } from '../reconcile/maker.ts';
import { createMapWatch } from '../reconcile/map-watch.ts';
import { createPass } from '../reconcile/pass.ts';
import { createPending } from '../reconcile/pending.ts';
import { createPersonReconciler } from '../reconcile/person-reconciler.ts';
import { createRoomBuilder } from '../reconcile/room-builder.ts';
import { createRoomDesk, ROOM_PROBLEMS } from '../reconcile/room-desk.ts';
import { createRoomReconciler, NOTHING_LEFT } from '../reconcile/room-reconciler.ts';
import { traced } from '../reconcile/traced.ts';
import { NO_TRACING, type Tracing } from '../tracing.ts';

/** The whole of it: reads, decides, and makes the homeserver agree. */
export async function createEngine(
  deps: PlanningDeps & {
    readonly listener: LoopListener & ExecutorListener & GuardListener;
    /** The default refuses this machine. */
    readonly fetchPhoto?: FetchPhoto;
    readonly tracing?: Tracing | undefined;
  },
): Promise<Loop> {
  const { config, store, homeserver, listener, map, tracing = NO_TRACING } = deps;
  const now = createSteadyClock(Date.now);
  await store.work.mendTimes(now());
  await store.guard.mendTimes(now());
  const house = createHouse({ store, map: map(), found: await lastKnown(store) });
  const policy = policyOf(config);
  // What was wrong with rooms in the last run is found again, or is over.
  await store.facts.set(ROOM_PROBLEMS, undefined);
  const rooms = createRoomDesk({
    ...{ store, house, now, onRequested: tracing.mark },
    onProblems: (problems) => {
      store.facts.set(ROOM_PROBLEMS, problems).catch(listener.crashed);
    },
  });
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
  const work = {
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
  };
  return createLoop({
    ...{ store, rooms, guard, listener, now },
    ...traced(work, tracing),
    concurrency: config.matrix.concurrency,
    resyncMs: config.resyncIntervalMs,
    random: Math.random,
  });
}

const fetchFromElsewhere = createPhotoFetcher({ isAllowed: isNotLocal });
