import type { ResourceId } from '../../src/directory/resource.ts';
import type { Homeserver, Membership } from '../../src/matrix/homeserver.ts';
import { type RoomId, type UserId, userId } from '../../src/matrix/ids.ts';
import type { FoundRooms } from '../../src/plan/openings.ts';
import type { House } from '../../src/reconcile/house.ts';
import type { PersonPlan } from '../../src/reconcile/person-plan.ts';
import { createPersonPlanner, type PersonPolicy } from '../../src/reconcile/person-planner.ts';
import { createStepLog } from '../../src/reconcile/steps.ts';
import type { AccountChange } from '../../src/simulator/accounts.ts';
import { record } from '../../src/simulator/room.ts';
import type { Entitlement, Store } from '../../src/store/store.ts';
import { startSimulated } from './homeserver/simulated.ts';
import { type Condition, directoryDesk, NOW } from './survey-desk.ts';

export const DAY = 86_400_000;
export const PROVIDER = 'oidc';
export const at = (name: string): UserId => userId(name, 'usher.test');
export const ANN = at('ann');

export type Look = Condition & {
  readonly map?: object;
  readonly found?: Partial<FoundRooms>;
  readonly policy?: Partial<PersonPolicy>;
  readonly faults?: Partial<Homeserver>;
  readonly faultyPeople?: Partial<Store['people']>;
};

/**
 * A planner over a real store and a simulated homeserver. Who is deactivated is locked at once, who is deleted is
 * deactivated; `boss` is protected.
 */
export async function plannerDesk() {
  const desk = directoryDesk();
  const { store } = desk;
  const { world, homeserver, bot } = await startSimulated({ via: 'port' });
  const owner = world.register('owner');
  const [eng, ops] = [world.createRoom(owner, {}), world.createRoom(owner, {})];
  const names = new Map<string, string>([
    [eng, 'eng'],
    [ops, 'ops'],
  ]);
  const defaults: PersonPolicy = {
    ...{ bot, provider: PROVIDER, existingAccounts: 'refuse', avatars: false },
    ...{ serverName: 'usher.test', localpart: '{userName}', provision: 'all' },
    isProtected: (user) => user === at('boss'),
    onDeactivate: [{ step: 'lock', afterMs: 0 }],
    onDelete: [{ step: 'deactivate', afterMs: 0 }],
  };
  return {
    ...{ ...desk, world, homeserver, bot, owner, eng, ops, steps: createStepLog(store) },
    /** An account of the homeserver. */
    account(name: string, change: AccountChange = {}): UserId {
      const user = at(name);
      world.register(name);
      world.putAccount(user, change);
      return user;
    },
    /** What the homeserver says of somebody in a room; `sender` is who made it so. */
    stand(
      roomId: RoomId,
      membership: Membership,
      by: { readonly who?: UserId; readonly sender?: UserId } = {},
    ) {
      const { who = ANN, sender = who } = by;
      const room = world.rooms.get(roomId);
      if (room === undefined) throw new RangeError(`there is no room ${roomId}`);
      record(room, { userId: who, membership, sender });
    },
    /** What is written down of an account in a room. */
    entitle: (roomId: RoomId, rest: Partial<Entitlement> = {}) =>
      store.people.saveEntitlement({
        ...{ account: ANN, roomId, state: 'joined', via: ['g'], mode: 'granted', since: NOW, ...rest },
      }),
    plan(
      id: ResourceId,
      look: Look = {},
      whileHouse: (house: House) => void = () => {},
    ): Promise<PersonPlan> {
      const { house, learn } = desk.house(look.map ?? {}, look.found);
      learn(look);
      const plan = createPersonPlanner({
        ...{ house, now: () => NOW, policy: { ...defaults, ...look.policy } },
        store: { ...store, people: { ...store.people, ...look.faultyPeople } },
        homeserver: { ...homeserver, ...look.faults },
      })(id);
      whileHouse(house);
      return plan;
    },
    /** The changes of a plan, in their order. */
    changesOf: ({ changes }: PersonPlan): readonly string[] =>
      changes.map((change) =>
        'roomId' in change
          ? `${change.kind} ${names.get(change.roomId)}`
          : 'restriction' in change
            ? `${change.kind} ${change.restriction}`
            : change.kind,
      ),
    /** What is to be written down of rooms. */
    recordsOf: ({ records }: PersonPlan) =>
      Object.fromEntries([...records].map(([roomId, { state }]) => [names.get(roomId), state])),
    endedOf: ({ ended }: PersonPlan) => ended.map((roomId) => names.get(roomId)),
    decides: (plan: PersonPlan, roomId: RoomId) => plan.isDecided({ kind: 'kick', account: ANN, roomId }),
  };
}

export const codesOf = ({ findings }: PersonPlan): readonly string[] => findings.map(({ code }) => code);
