import type { ResourceId } from '../directory/resource.ts';
import type { RoomId, UserId } from '../matrix/ids.ts';
import type { Guest } from '../plan/census.ts';
import { type Opening, openersOf } from '../plan/openings.ts';
import type { Store } from '../store/store.ts';
import type { House } from './house.ts';

/** Who is to be in one room, by user and by account; who shares an account is one person. */
export type Guests = {
  readonly byUser: ReadonlyMap<ResourceId, Guest>;
  readonly byAccount: ReadonlyMap<UserId, Opening>;
};

/** Reads from the directory who is to be in a room. `accounts` are those of all, if they are known already. */
export type GuestList = (roomId: RoomId, accounts?: ReadonlyMap<ResourceId, UserId>) => Promise<Guests>;

export function createGuestList({
  store,
  house,
}: {
  readonly store: Pick<Store, 'people'>;
  readonly house: House;
}): GuestList {
  return async (roomId, known) => {
    const openers = openersOf(await house.openings(), roomId);
    const groups = await store.people.membersOf(openers.groups);
    const users = openers.everybody ? await store.people.active() : [...groups.keys()];
    const accounts = known ?? (await store.people.accountsOf(users));
    const shared = new Map<UserId, Set<ResourceId>>();
    for (const userId of users) {
      const account = accounts.get(userId);
      if (account === undefined) continue;
      const all = shared.get(account) ?? new Set();
      for (const group of groups.get(userId) ?? []) all.add(group);
      shared.set(account, all);
    }
    const byUser = new Map<ResourceId, Guest>();
    const byAccount = new Map<UserId, Opening>();
    for (const userId of users) {
      const account = accounts.get(userId);
      const own = account === undefined ? groups.get(userId) : shared.get(account);
      const opening = openers.openingFor([...(own ?? [])]);
      if (opening === undefined) continue;
      byUser.set(userId, { account, opening });
      if (account !== undefined) byAccount.set(account, opening);
    }
    return { byUser, byAccount };
  };
}
