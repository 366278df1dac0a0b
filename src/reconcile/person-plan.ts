import type { ResourceId } from '../directory/resource.ts';
import type { RoomId, UserId } from '../matrix/ids.ts';
import type { Ours } from '../plan/account-view.ts';
import type { Finding, PersonChange } from '../plan/change.ts';
import type { TakeAway } from '../plan/guard.ts';
import type { RoomsPlan } from '../plan/rooms.ts';
import type { AccountLink } from '../store/store.ts';
import { type Holders, oursOf } from './holders.ts';

/** What to do about one person, with what to write down for it. */
export type PersonPlan = {
  readonly userId: ResourceId;
  readonly account: UserId | undefined;
  /** In the order in which they are to be made. */
  readonly changes: readonly PersonChange[];
  readonly findings: readonly Finding[];
  /** The links as they are true now; written down before anything is done, so that nothing done is nobody's. */
  readonly linksNow: readonly AccountLink[];
  /** The links as they are to be once the account is as planned. */
  readonly links: readonly AccountLink[];
  /** Those of them who had no link before. */
  readonly newcomers: readonly ResourceId[];
  /** Users who were deleted and whose account somebody else has now. */
  readonly superseded: readonly ResourceId[];
  readonly records: RoomsPlan['records'];
  readonly ended: readonly RoomId[];
  readonly words: RoomsPlan['words'];
  /** Of the house, when it was planned: with another one, another plan may be right. */
  readonly edition: number;
  /** Whether it is known that something is to be taken or not: not of what could not be read, nor in a conflict. */
  readonly isDecided: (change: TakeAway) => boolean;
};

export function emptyPlan(userId: ResourceId): PersonPlan {
  return {
    userId,
    account: undefined,
    changes: [],
    findings: [],
    linksNow: [],
    links: [],
    newcomers: [],
    superseded: [],
    records: new Map(),
    ended: [],
    words: new Map(),
    edition: 0,
    isDecided: () => false,
  };
}

/** Nobody is to have the account, and there is none, or it is a stranger's: there is nothing to remember. */
export function nothingLeft(
  userId: ResourceId,
  account: UserId,
  { links }: Holders,
  ended: readonly RoomId[],
): PersonPlan {
  return {
    ...emptyPlan(userId),
    account,
    superseded: links.map((link) => link.userId),
    ended,
    isDecided: () => true,
  };
}

/** Everybody who exists holds the link; the last one who is gone keeps it for her return. */
export function linksAfter(
  userId: ResourceId,
  account: UserId,
  holders: Holders,
  ours: Ours,
  exists: boolean,
  now: number,
): Pick<PersonPlan, 'linksNow' | 'links' | 'newcomers' | 'superseded'> {
  const existing = holders.persons.map((person) => person.user.id);
  const keep = new Set(existing.length > 0 ? existing : [userId]);
  const today = oursOf(holders.links);
  const since = holders.links.find((link) => link.inactiveSince !== undefined)?.inactiveSince ?? now;
  const kept = {
    inactiveSince: holders.active.length > 0 ? undefined : since,
    // An account that is made anew has none of it, whatever it had before.
    photo: exists ? today.photo : undefined,
    avatar: exists ? today.avatar : undefined,
    isAdmin: exists && today.isAdmin,
  };
  return {
    linksNow: [...keep].map((id) => ({
      userId: id,
      account,
      ...today,
      ...kept,
      externalId: exists ? today.externalId : ours.externalId,
      isConfirmed: exists,
    })),
    links: [...keep].map((id) => ({
      userId: id,
      account,
      externalId: ours.externalId,
      email: ours.email,
      restriction: ours.restriction,
      ...kept,
      isAdmin: ours.isAdmin,
      isConfirmed: true,
    })),
    newcomers: [...keep].filter((id) => !holders.links.some((link) => link.userId === id)),
    superseded: holders.links.map((link) => link.userId).filter((id) => !keep.has(id)),
  };
}
