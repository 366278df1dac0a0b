import { HomeserverError } from '../../src/matrix/error.ts';
import type { Homeserver } from '../../src/matrix/homeserver.ts';
import type { Change } from '../../src/plan/change.ts';
import type { Limit } from '../../src/plan/group-map.ts';
import type { LevelsPlan } from '../../src/plan/levels.ts';
import { createGuard } from '../../src/reconcile/guard.ts';
import { createJudge } from '../../src/reconcile/judge.ts';
import { createLocks } from '../../src/reconcile/locks.ts';
import { createMaker } from '../../src/reconcile/maker.ts';
import { createPending } from '../../src/reconcile/pending.ts';
import type { RoomPlan, RoomPlanner } from '../../src/reconcile/room-planner.ts';
import { createRoomReconciler } from '../../src/reconcile/room-reconciler.ts';
import { DECIDED } from '../../src/store/guard-store.ts';
import { NOW, roomStage } from './room-stage.ts';

/** The stage of a room, and all that acts in it. The bot is in the room, and may do what its owner may. */
export async function actingStage(limit: Limit = { percent: 100, count: 0 }) {
  const stage = await roomStage();
  const { store, house, homeserver, room } = stage;
  const now = () => NOW;
  const pending = createPending({ store, async *leavers() {}, now });
  const judge = createJudge({ store, house, pending, limit, now });
  const guard = createGuard({ ...{ store, house, judge, pending, now }, onRooms() {}, onHeld() {} });
  const inTurn = createLocks();
  const changes: Change[] = [];
  stage.learn({});
  await homeserver.takeRoom(room);
  return {
    ...{ ...stage, guard, inTurn, changes },
    /** Whether a person said that strangers are to be removed from the room. */
    decided: (isDecided = true) =>
      store.facts.set(`${DECIDED}exclusive:${room}`, isDecided ? 'approved' : undefined),
    /** One look at the room, with faults put in front of the homeserver. */
    look(
      plan: RoomPlanner = stage.planner(),
      faults: Partial<Homeserver> = {},
      signal = new AbortController().signal,
    ) {
      const faulty = { ...homeserver, ...faults };
      const make = createMaker({
        ...{ store, homeserver: faulty, now, kickReason: 'no group' },
        setAvatar: async () => undefined,
        listener: { changed: (change) => changes.push(change), found() {} },
      });
      const deps = { store, homeserver: faulty, house, plan, guard, make, inTurn };
      return createRoomReconciler(deps)(room, signal);
    },
  };
}

/** A plan that is what a test says. */
export const planned =
  (plan: Partial<RoomPlan>): RoomPlanner =>
  async () => ({
    ...{ strays: [], unreachable: new Set(), levels: undefined, absent: new Set(), staying: new Set() },
    ...{ needsPower: false, problems: [], ...plan },
  });

export const failed = (): Promise<never> =>
  Promise.reject(new HomeserverError('failed', 'did not answer in time'));

export const levelsPlan = (plan: Partial<LevelsPlan>): LevelsPlan => ({
  ...{ raised: new Map(), lowered: new Map(), records: new Map(), beyond: new Map(), ...plan },
});
