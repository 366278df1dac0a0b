import type { ResourceId } from '../directory/resource.ts';
import type { Homeserver } from '../matrix/homeserver.ts';
import type { UserId } from '../matrix/ids.ts';
import { inPieces } from '../pieces.ts';
import { driftOf } from '../plan/census.ts';
import type { RosterEntry, Store } from '../store/store.ts';
import type { Seat } from '../store/survey-store.ts';
import type { Seating } from './guests.ts';

/** Everybody who has an account, as read at the beginning of a pass. */
export type Roster = {
  readonly entries: readonly RosterEntry[];
  /** Where those sit who are active. */
  readonly seating: Seating;
  /** Who has the account, deleted users too. */
  readonly holdersOf: (account: UserId) => readonly RosterEntry[];
};

/** Reads it in pieces: it has as many entries as there are people. */
export async function readRoster({ people }: Pick<Store, 'people'>): Promise<Roster> {
  const entries: RosterEntry[] = [];
  // By number: they are dense.
  const seats: (Seat | undefined)[] = [];
  const holders = new Map<UserId, RosterEntry | RosterEntry[]>();
  for await (const piece of people.roster()) {
    for (const entry of piece) {
      const { number, account, status } = entry;
      entries.push(entry);
      if (number !== undefined && status === 'active') seats[number] = entry;
      const others = holders.get(account);
      if (Array.isArray(others)) others.push(entry);
      else holders.set(account, others === undefined ? entry : [others, entry]);
    }
  }
  return {
    entries,
    seating: {
      async *seats() {
        for await (const some of inPieces(seats, SEATS)) yield some.filter(isSeat);
      },
      async *seatsOf(numbers) {
        for await (const some of inPieces(numbers, SEATS)) {
          const found: Seat[] = [];
          for (const number of some) {
            const seat = seats[number];
            if (seat !== undefined) found.push(seat);
          }
          yield found;
        }
      },
    },
    holdersOf: (account) => [holders.get(account) ?? []].flat(),
  };
}

function isSeat(seat: Seat | undefined): seat is Seat {
  return seat !== undefined;
}

/** In one go: some milliseconds. */
const SEATS = 10_000;

export function idsOf(entries: readonly RosterEntry[]): readonly ResourceId[] {
  return entries.map(({ userId }) => userId);
}

/** Holders of accounts that somebody else changed, or that the homeserver has lost; and what was changed. */
export async function differingAccounts(
  homeserver: Homeserver,
  entries: readonly RosterEntry[],
): Promise<readonly Difference[]> {
  const expected = new Map<UserId, RosterEntry>();
  for await (const piece of inPieces(entries, SEATS)) {
    for (const entry of piece) {
      if (expected.get(entry.account)?.status !== 'active') expected.set(entry.account, entry);
    }
  }
  const differing: Difference[] = [];
  for await (const account of homeserver.accounts()) {
    const entry = expected.get(account.userId);
    const drift = entry && driftOf(entry, account);
    if (entry !== undefined && drift !== undefined) differing.push({ userId: entry.userId, drift });
    expected.delete(account.userId);
  }
  for (const { userId, status } of expected.values()) {
    if (status === 'active') differing.push({ userId, drift: 'is not on the homeserver any more' });
  }
  return differing;
}

export type Difference = { readonly userId: ResourceId; readonly drift: string };
