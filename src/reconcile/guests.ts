import type { ResourceId } from '../directory/resource.ts';
import type { RoomId, UserId } from '../matrix/ids.ts';
import { type Openers, type Opening, openersOf } from '../plan/openings.ts';
import type { Store } from '../store/store.ts';
import type { SurveyStore } from '../store/survey-store.ts';
import type { House } from './house.ts';

/** Who is to be in one room; who shares an account is one person. */
export type Guests = {
  /** By account, through which groups, and on which terms. */
  readonly open: ReadonlyMap<UserId, { readonly opening: Opening }>;
  /** Who have no account yet. */
  readonly awaited: ReadonlySet<ResourceId>;
};

/** Where people are looked up by number. */
export type Seating = Pick<SurveyStore, 'seats' | 'seatsOf'>;

/** Reads from the directory who is to be in a room. `seating` is what is known of all, if it is. */
export type GuestList = (roomId: RoomId, seating?: Seating) => Promise<Guests>;

export function createGuestList({
  store,
  house,
}: {
  readonly store: Pick<Store, 'survey'>;
  readonly house: House;
}): GuestList {
  return async (roomId, seating = store.survey) => {
    const openers = openersOf(await house.openings(), roomId);
    const wayBy = createWays(openers.openingFor);
    const open = new Map<UserId, Way>();
    const awaited = new Set<ResourceId>();
    for (const group of openers.groups) {
      const alone = wayBy(undefined, group);
      for await (const numbers of store.survey.numbersIn(group)) {
        for await (const seats of seating.seatsOf(numbers)) {
          for (const { userId, account } of seats) {
            const before = account === undefined ? undefined : open.get(account);
            if (account === undefined) awaited.add(userId);
            else open.set(account, before === undefined ? alone : wayBy(before, group));
          }
        }
      }
    }
    const opening = openers.everybody ? openers.openingFor([]) : undefined;
    if (opening === undefined) return { open, awaited };
    const general: Way = { groups: [], opening, more: new Map() };
    for await (const seats of seating.seats()) {
      for (const { userId, account } of seats) {
        if (account === undefined) awaited.add(userId);
        else if (!open.has(account)) open.set(account, general);
      }
    }
    return { open, awaited };
  };
}

/** Some of the groups that open a room, and the ways that have one group more: one value for all who come by them. */
type Way = {
  readonly groups: readonly ResourceId[];
  readonly opening: Opening;
  readonly more: Map<ResourceId, Way>;
};

function createWays(openingFor: Openers['openingFor']) {
  const alone = new Map<ResourceId, Way>();
  return (before: Way | undefined, group: ResourceId): Way => {
    if (before?.groups.includes(group)) return before;
    const known = (before?.more ?? alone).get(group);
    if (known !== undefined) return known;
    const groups = [...(before?.groups ?? []), group];
    const opening = openingFor(groups);
    if (opening === undefined) throw new Error('a group that opens a room opens nothing');
    const way: Way = { groups, opening, more: new Map() };
    (before?.more ?? alone).set(group, way);
    return way;
  };
}
