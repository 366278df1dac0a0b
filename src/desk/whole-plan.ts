import type { ResourceId } from '../directory/resource.ts';
import type { RoomId } from '../matrix/ids.ts';
import type { Change, Finding } from '../plan/change.ts';
import type { GroupMap } from '../plan/group-map.ts';
import { unmatchedRules } from '../plan/openings.ts';
import type { Request } from '../reconcile/guard.ts';
import { requestsOf } from '../reconcile/holding.ts';
import { verifyIdentity } from '../reconcile/pass.ts';
import type { PersonPlan } from '../reconcile/person-plan.ts';
import { orProblem, type Problem } from '../reconcile/problem.ts';
import { lowerRequests, strayRequests } from '../reconcile/room-reconciler.ts';
import { roomNames } from './desk.ts';
import { createPlanning, type Planning, type PlanningDeps } from './planning.ts';

/** Everything that would be done now; `problems` are rooms and people that can't be read. */
export type WholePlan = {
  readonly changes: readonly Change[];
  readonly findings: readonly Finding[];
  readonly problems: readonly Problem[];
  /** Why some of what takes away would be held. */
  readonly held: readonly string[];
  /** Rooms that would be made. */
  readonly toMake: readonly string[];
  readonly notes: readonly string[];
};

/** What ids are called: groups by their display names, rooms as this map has them, or the one before. */
export type Names = ReadonlyMap<string, string>;

type Options = {
  /** Told what is being done, for somebody who waits. */
  readonly onProgress?: (text: string) => void;
  readonly signal?: AbortSignal;
};

/**
 * What would be done now by a map, from what is read at this moment; nothing is changed if `homeserver` changes nothing. Rejects
 * with `HomeserverError` if it does not answer, and when it is aborted.
 */
export async function planWhole(
  deps: Omit<PlanningDeps, 'map'>,
  map: GroupMap,
  { onProgress = () => {}, signal = new AbortController().signal }: Options = {},
): Promise<{ readonly plan: WholePlan; readonly names: Names }> {
  const { store, homeserver, config } = deps;
  await verifyIdentity(homeserver, config.matrix.adminUserId);
  const rooms = new Set<RoomId>();
  const planning = await createPlanning({ ...deps, map: () => map }, (found) => {
    for (const roomId of found) rooms.add(roomId);
  });
  const { resolved, ...plan } = await makePlan(planning, await store.work.all(), rooms, {
    onProgress,
    signal,
  });
  const groups = await store.groups.names();
  const names = new Map<string, string>([
    ...groups.map(({ id, displayName }) => [id, displayName] as const),
    ...(await roomNames({ store })),
    ...[...resolved].map(([target, roomId]) => [roomId, target] as const),
  ]);
  return { plan: { ...plan, notes: unmatchedRules(map, groups) }, names };
}

async function makePlan(
  { findRooms, survey, plan, planRoom, nameOf, mapLoss, reasonsToHold }: Planning,
  marked: readonly ResourceId[],
  rooms: ReadonlySet<RoomId>,
  { onProgress, signal }: Required<Options>,
): Promise<Omit<WholePlan, 'notes'> & { readonly resolved: ReadonlyMap<string, RoomId> }> {
  const people = new Set(marked);
  onProgress('reading the rooms …');
  const found = await findRooms();
  const more = await survey(async (found) => {
    for (const userId of found) people.add(userId);
  }, signal);
  const changes: Change[] = [];
  const wanted: Request[] = [];
  const findings: Finding[] = [];
  const unread: Problem[] = [];
  const accounts = new Set<string>();
  let count = 0;
  const plans: PersonPlan[] = [];
  for (const userId of people) {
    signal.throwIfAborted();
    count += 1;
    onProgress(`planning ${count} of ${people.size} people …`);
    const personPlan = await orProblem(userId, () => plan(userId));
    if ('message' in personPlan) unread.push(personPlan);
    else plans.push(personPlan);
  }
  // Rooms are read some at once: in which order people were found differs from one time to the next.
  for (const personPlan of plans.toSorted(byAccount)) {
    // Two users may share one account: its changes are the same in both plans, unless one is in conflict about it.
    if (personPlan.account !== undefined && accounts.has(personPlan.account)) continue;
    const isAnothers =
      personPlan.changes.length === 0 && personPlan.findings.some(({ blocking }) => blocking);
    if (personPlan.account !== undefined && !isAnothers) accounts.add(personPlan.account);
    changes.push(...personPlan.changes);
    wanted.push(...requestsOf(personPlan, undefined));
    findings.push(...personPlan.findings);
  }
  for (const roomId of rooms) {
    signal.throwIfAborted();
    onProgress(`planning ${nameOf(roomId)} …`);
    const room = await orProblem(roomId, () => planRoom(roomId));
    if ('message' in room) {
      unread.push(room);
      continue;
    }
    const { strays = [], levels, absent, problems } = room;
    unread.push(...problems);
    changes.push(...strays.map((account) => ({ kind: 'kick', account, roomId, via: [] }) as const));
    wanted.push(...strayRequests(roomId, strays));
    if (levels === undefined) continue;
    for (const [some, lowers] of [[levels.lowered, true] as const, [levels.raised, false] as const]) {
      if (some.size > 0) changes.push({ kind: 'set-levels', roomId, levels: some, lowers });
    }
    wanted.push(...lowerRequests(roomId, levels, absent));
  }
  const loss = wanted.length > 0 ? await mapLoss(found) : undefined;
  const held = [...(loss === undefined ? [] : [loss]), ...(await reasonsToHold(wanted))];
  return {
    ...{ resolved: found.resolved, changes, findings, held },
    toMake: found.missing.map(({ room }) => room),
    problems: [...found.problems, ...more, ...unread],
  };
}

function byAccount(first: PersonPlan, second: PersonPlan): number {
  const [a, b] = [first.account ?? '', second.account ?? ''];
  return a < b ? -1 : Number(a > b);
}
