import type { ResourceId } from '../directory/resource.ts';
import type { UserId } from '../matrix/ids.ts';
import type { RoomRecord } from './rooms.ts';

export type RoomCensus = {
  /** Active users to whom the room is open, with the account of each that has one. */
  readonly open: ReadonlyMap<ResourceId, UserId | undefined>;
  readonly records: ReadonlyMap<UserId, RoomRecord>;
  readonly joined: ReadonlySet<UserId>;
};

export type Attention = {
  /** Accounts whose entitlement to the room ended. */
  readonly ended: readonly UserId[];
  /** Users who are not where they are to be, or are there without a record. */
  readonly missing: readonly ResourceId[];
};

/**
 * Who needs a look in one room. Nobody does in a room that is right, and those who left or were removed by a
 * moderator do only when they are back.
 */
export function takeCensus({ open, records, joined }: RoomCensus): Attention {
  const entitled = new Set(open.values());
  const ended = [...records.keys()].filter((account) => !entitled.has(account));
  const missing = [...open]
    .filter(([, account]) => {
      if (account === undefined) return true;
      const state = records.get(account)?.state;
      if (state === undefined || state === 'granted') return true;
      return (state === 'joined') !== joined.has(account);
    })
    .map(([userId]) => userId);
  return { ended, missing };
}
