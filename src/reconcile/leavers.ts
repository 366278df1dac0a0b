import type { UserId } from '../matrix/ids.ts';
import { inPieces } from '../pieces.ts';
import { keyOf, type TakeAway, WINDOW_MS } from '../plan/guard.ts';
import { type OffboardingPolicy, strongerOf } from '../plan/offboarding.ts';
import type { Store } from '../store/store.ts';
import { createHolderFinder, oursOf, rungOf } from './holders.ts';
import type { House } from './house.ts';

/** Each takes some reads of our own store: so many take some milliseconds. */
const PIECE = 15;

type Deps = {
  readonly store: Pick<Store, 'people' | 'work' | 'guard'>;
  readonly house: House;
  readonly policy: OffboardingPolicy;
  readonly now: () => number;
};

/** One account after the other. */
export type Leavers = () => AsyncIterable<readonly TakeAway[]>;

/**
 * What is about to be taken from those who are marked and whose turn has not come yet, as far as our own records tell:
 * the homeserver is not asked. Nothing of it is held already, or made. So a limit sees all of a large removal before the
 * first of it is made.
 */
export function createLeavers({ store, house, policy, now }: Deps): Leavers {
  const { holdersOf, entitlementOf } = createHolderFinder({ store, house });

  const lossesOf = async (account: UserId): Promise<readonly TakeAway[]> => {
    const holders = await holdersOf(account, undefined);
    const rung = rungOf(holders, policy, now());
    const losses: TakeAway[] = [];
    const { restriction, isAdmin } = oursOf(holders.links);
    const entitled = await entitlementOf(holders.active);
    if (isAdmin && !entitled.isAdmin) losses.push({ kind: 'revoke-admin', account, roomId: undefined });
    if (rung !== undefined && strongerOf(restriction, rung.restriction) !== restriction) {
      losses.push({ kind: 'restrict', account, roomId: undefined });
    }
    if (rung?.takesRooms === false) return losses;
    const { open, uncertain } = entitled;
    const { rooms } = await house.openings();
    for (const { roomId, state, mode, via } of await store.people.entitlements(account)) {
      const isAdditive = mode === 'additive' || rooms.get(roomId)?.mode === 'additive';
      const isSafe = isAdditive || house.retired().has(roomId) || house.unread().has(roomId);
      if (open.has(roomId) || isSafe || state !== 'joined') continue;
      const mayBeUnknown = uncertain.size > 0 && !rooms.has(roomId);
      if (mayBeUnknown || via.some((group) => uncertain.has(group))) continue;
      losses.push({ kind: 'kick', account, roomId });
    }
    return losses;
  };

  /** Nothing that is held, was decided, or was let through within the hour. */
  const openOf = async (account: UserId, taken: ReadonlySet<string>): Promise<readonly TakeAway[]> => {
    const losses = await lossesOf(account);
    if (losses.length === 0) return [];
    const known = new Set((await store.guard.heldOf(account)).map(keyOf));
    return losses.filter((loss) => !known.has(keyOf(loss)) && !taken.has(keyOf(loss)));
  };

  return async function* () {
    const taken = new Set((await store.guard.taken(now() - WINDOW_MS)).map(keyOf));
    const seen = new Set<UserId>();
    for await (const some of inPieces(await store.work.all('removal'), PIECE)) {
      for (const userId of some) {
        const account = (await store.people.link(userId))?.account;
        if (account === undefined || seen.has(account)) continue;
        seen.add(account);
        yield await openOf(account, taken);
      }
    }
  };
}
