import type { ResourceId } from '../../src/directory/resource.ts';
import type { Homeserver } from '../../src/matrix/homeserver.ts';
import type { GroupMap } from '../../src/plan/group-map.ts';
import { createPass, type PassReport } from '../../src/reconcile/pass.ts';
import type { RoomBuilder } from '../../src/reconcile/room-builder.ts';
import type { Found } from '../../src/reconcile/room-finder.ts';
import type { Survey } from '../../src/reconcile/survey.ts';
import type { Store } from '../../src/store/store.ts';
import { startSimulated } from './homeserver/simulated.ts';
import { directoryDesk, NOW } from './survey-desk.ts';

export const MAP: GroupMap = { rules: [] };
export const problem = (target: string) => ({ target, message: `${target} is wrong` });
export const foundAs = (change: Partial<Found> = {}): Found => ({
  ...{ resolved: new Map(), children: new Map(), problems: [], missing: [], warnings: [], ...change },
});

type Progress = { readonly isImpatient?: boolean; readonly signal?: AbortSignal };

/** A pass over a real store and a simulated homeserver; what it finds is as a test says. A second goes by in it. */
export async function passDesk(
  settings: {
    readonly liftRateLimit?: boolean;
    readonly buildRooms?: RoomBuilder;
    readonly faults?: Partial<Homeserver>;
    readonly faultyRooms?: Partial<Store['rooms']>;
  } = {},
) {
  const desk = directoryDesk();
  const { store } = desk;
  const { homeserver, bot } = await startSimulated({ via: 'port' });
  const nothing: Survey = async () => [];
  const state = {
    now: NOW,
    /** In each look at the rooms; the last is for all that follow. */
    found: [foundAs()] as readonly Found[],
    survey: nothing,
    told: [] as string[],
  };
  const nextItem = () =>
    store.work.next({ now: NOW, order: 'oldest', urgencies: ['removal', 'small', 'bulk'], except: [] });
  let looks = 0;
  const pass = createPass({
    ...{ bot, buildRooms: settings.buildRooms, liftRateLimit: settings.liftRateLimit === true },
    store: { ...store, rooms: { ...store.rooms, ...settings.faultyRooms } },
    homeserver: { ...homeserver, ...settings.faults },
    map: () => MAP,
    async findRooms() {
      const found = state.found[Math.min(looks, state.found.length - 1)] ?? foundAs();
      looks += 1;
      return found;
    },
    async survey(spot, signal) {
      state.now += 1000;
      signal.throwIfAborted();
      return state.survey(spot, signal);
    },
    now: () => state.now,
  });
  return {
    ...{ ...desk, state, bot, homeserver },
    run: ({
      isImpatient = false,
      signal = new AbortController().signal,
    }: Progress = {}): Promise<PassReport> =>
      pass({
        onResolved: () => state.told.push('resolved'),
        onMarked: () => state.told.push('marked'),
        ...{ isImpatient, signal },
      }),
    waiting: (id: ResourceId) => store.overview.waiting(id),
    nextItem,
    /** Nobody is marked any more. */
    async lookAtAll() {
      for (let item = await nextItem(); item !== undefined; item = await nextItem())
        await store.work.done(item);
    },
    /** Something was done so long ago. */
    async journal(ages: readonly number[]) {
      for (const age of ages) {
        await store.journal.append({
          ...{ at: NOW - age, action: 'kick', outcome: 'done', account: undefined, roomId: undefined },
          ...{ userId: undefined, detail: `${age}`, cause: undefined },
        });
      }
    },
    /** How long ago that was done which is still in the journal. */
    remembered: async () => (await store.journal.find({ limit: 10 })).map(({ detail }) => Number(detail)),
  };
}
