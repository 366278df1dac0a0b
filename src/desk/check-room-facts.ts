import type { Config } from '../config/config.ts';
import type { Homeserver, Room } from '../matrix/homeserver.ts';
import type { RoomId } from '../matrix/ids.ts';
import { beyondReach, powerWithin } from '../matrix/power.ts';
import type { GroupMap } from '../plan/group-map.ts';
import type { RoomFact } from '../plan/group-map-rooms.ts';
import type { FoundRooms } from '../plan/openings.ts';
import { orProblem } from '../reconcile/problem.ts';
import type { RoomPlanner } from '../reconcile/room-planner.ts';
import { DECIDED } from '../store/guard-store.ts';
import type { Store } from '../store/store.ts';
import type { RoomLook } from './check-room-look.ts';
import { createRoomPlans } from './planning.ts';

type Deps = {
  readonly config: Config;
  readonly homeserver: Homeserver;
  readonly map: GroupMap;
  readonly store: Store | undefined;
  readonly look: RoomLook;
};

/** What is to be known of rooms that were read; of whom no group lets in only if there is a database. */
export async function readFacts(
  { config, map, store, look }: Deps,
  found: FoundRooms & { readonly rooms: ReadonlyMap<RoomId, Room> },
): Promise<ReadonlyMap<RoomId, RoomFact>> {
  const deps = { config, homeserver: look.remembering, map: () => map };
  const plan = store && createRoomPlans({ ...deps, store }, found);
  const facts = new Map<RoomId, RoomFact>();
  for (const [roomId, room] of found.rooms) {
    const power = powerWithin(room, config.matrix.adminUserId);
    const high = new Set(beyondReach(room, config.matrix.adminUserId, power));
    const strangers = plan && (await strangersIn(roomId, plan));
    facts.set(roomId, {
      ...{ isSpace: room.isSpace, canonicalAlias: room.canonicalAlias, power, strangers },
      beyond: (strangers ?? []).filter((account) => high.has(account)),
      asksFirst: store === undefined || (await asksFirst(store, roomId)),
    });
  }
  return facts;
}

async function strangersIn(roomId: RoomId, plan: RoomPlanner): Promise<RoomFact['strangers']> {
  const planned = await orProblem(roomId, () => plan(roomId));
  if ('message' in planned || planned.strays === undefined) return undefined;
  return [...planned.strays, ...planned.unreachable];
}

/** The guard asks once for each room, and until that is decided. */
async function asksFirst(store: Store, roomId: RoomId): Promise<boolean> {
  const scope = `exclusive:${roomId}`;
  if ((await store.guard.holds()).some((hold) => hold.scope === scope)) return true;
  return (await store.facts.get(`${DECIDED}${scope}`)) !== 'approved';
}
