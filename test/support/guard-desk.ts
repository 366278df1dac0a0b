import { onTestFinished } from 'vitest';
import type { ResourceId, SourceId } from '../../src/directory/resource.ts';
import type { RoomId, UserId } from '../../src/matrix/ids.ts';
import { keyOf, type TakeAway } from '../../src/plan/guard.ts';
import type { Openings, RoomTerms } from '../../src/plan/openings.ts';
import { createGuard, type Request } from '../../src/reconcile/guard.ts';
import type { House } from '../../src/reconcile/house.ts';
import { createJudge } from '../../src/reconcile/judge.ts';
import { createPending } from '../../src/reconcile/pending.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import { linkOf } from './people.ts';
import { tempDir } from './temp-dir.ts';

export const [ENG, OPS, GONE] = ['!eng', '!ops', '!gone'] as [RoomId, RoomId, RoomId];
export const NOW = Date.UTC(2026, 0, 1);
/** How many are in each room that is `filled`. */
export const SIZE = 20;
export const accountOf = (index: number): UserId => `@p${index}:x` as UserId;
export const personOf = (index: number): ResourceId => `id-${index}` as ResourceId;

/** What is asked of somebody, as a plan would. */
export const ask = (index: number, change: Partial<Request> = {}): Request => ({
  ...{ kind: 'kick', account: accountOf(index), roomId: ENG, userId: personOf(index) },
  ...{ detail: `kick p${index}`, cause: 'a test', ...change },
});
export const some = (from: number, to: number, change: Partial<Request> = {}): readonly Request[] =>
  Array.from({ length: to - from }, (_, index) => ask(from + index, change));

const TERMS: RoomTerms = {
  ...{ mode: 'granted', limit: undefined, words: undefined, hasLevels: false, isAwaited: false },
};

/** A guard over a real store, with everything else as a test says. A limit is a quarter, and two. */
export async function guardDesk(limit = { percent: 25, count: 2 }) {
  const store = openStore(tempDir());
  onTestFinished(() => store.close());
  const rooms = new Map<RoomId, RoomTerms>([
    [ENG, TERMS],
    [OPS, TERMS],
  ]);
  const uncertain = new Set<ResourceId | '*'>();
  const state = {
    now: NOW,
    /** Wanted by those whose turn has not come. */
    waiting: [] as readonly TakeAway[],
    roomsToLookAt: [] as RoomId[],
    told: [] as string[],
  };
  const openings = {
    ...{ byGroup: new Map(), everybody: [], rooms, uncertain },
    admins: new Set(),
  } satisfies Openings;
  const house = {
    openings: async () => openings,
    nameOf: (roomId: RoomId) => roomId.replace('!', '#'),
  } as unknown as House;
  const now = () => state.now;
  const pending = createPending({
    store,
    async *leavers() {
      const held = new Set((await store.guard.held()).map(keyOf));
      yield state.waiting.filter((change) => !held.has(keyOf(change)));
    },
    now,
  });
  const judge = createJudge({ store, house, pending, limit, now });
  const guard = createGuard({
    ...{ store, house, judge, pending, now },
    onRooms: (concerned) => state.roomsToLookAt.push(...concerned),
    onHeld: (scope) => state.told.push(scope),
  });
  const source = 'idp' as SourceId;
  await store.users.create(source, { userName: 'somebody' }, NOW);
  const group = { attributes: { displayName: 'a group' }, members: [] };
  const { id: groupId } = await store.groups.create(source, group, NOW);
  return {
    ...{ store, rooms, uncertain, state, pending, judge, guard },
    terms: (roomId: RoomId, terms: Partial<RoomTerms>) => rooms.set(roomId, { ...TERMS, ...terms }),
    /** So many people have accounts, and are in these rooms by our doing. */
    async fill(rooms: readonly RoomId[] = [ENG, OPS], count = SIZE) {
      for (let index = 0; index < count; index += 1) {
        await store.people.saveLink(linkOf(personOf(index), accountOf(index)));
        for (const roomId of rooms) {
          await store.people.saveEntitlement({
            ...{ account: accountOf(index), roomId, state: 'joined', via: ['*'] },
            ...{ mode: 'granted', since: NOW },
          });
        }
      }
    },
    /** Nobody is active any more, or no group is there. */
    async empty(what: 'users' | 'groups') {
      if (what === 'groups') return store.groups.remove(source, groupId, NOW);
      const { resources } = await store.users.list(source, {
        ...{ startIndex: 1, count: 10, order: { by: 'creation', isDescending: false }, where: {} },
      });
      for (const { id } of resources) await store.users.remove(source, id, NOW);
    },
    /** Held in a scope, as it was written down before. */
    hold: (scope: string, changes: readonly Request[], verdict?: 'approved' | 'rejected') =>
      store.guard.hold(
        changes.map(({ kind, account, roomId, userId, detail, cause }) => ({
          ...{ kind, account, roomId, userId, detail, cause, scope, since: NOW, verdict },
        })),
      ),
    close: (scope: string) => store.guard.openHold({ scope, reason: `${scope} is closed`, since: NOW }),
    scopes: async () => (await store.guard.holds()).map(({ scope }) => scope),
    heldKeys: async () => (await store.guard.held()).map(keyOf),
  };
}

export const keys = (changes: readonly TakeAway[]): ReadonlySet<string> => new Set(changes.map(keyOf));
