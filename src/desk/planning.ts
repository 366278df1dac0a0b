import type { Config } from '../config/config.ts';
import type { Homeserver } from '../matrix/homeserver.ts';
import type { RoomId } from '../matrix/ids.ts';
import type { GroupMap } from '../plan/group-map.ts';
import type { FoundRooms } from '../plan/openings.ts';
import type { Request } from '../reconcile/guard.ts';
import { createHouse, type House, lastKnown } from '../reconcile/house.ts';
import { createJudge, reasonsToHold } from '../reconcile/judge.ts';
import { lossOf, type MapWatch } from '../reconcile/map-watch.ts';
import { NOBODY_WAITS } from '../reconcile/pending.ts';
import { createPersonPlanner, type PersonPlanner, type PersonPolicy } from '../reconcile/person-planner.ts';
import { createRoomFinder, type RoomFinder } from '../reconcile/room-finder.ts';
import { createRoomPlanner, type RoomPlanner } from '../reconcile/room-planner.ts';
import { createSurvey, type Survey } from '../reconcile/survey.ts';
import type { Store } from '../store/store.ts';

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

export type PlanningDeps = {
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

/** The same for who goes on to do it. */
export function createPlanningIn(
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

/** Minds no loss: who only looks loses nothing. */
export const LEARN_ONLY: MapWatch = async () => async () => {};

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
