import type { Homeserver } from '../matrix/homeserver.ts';
import type { UserId } from '../matrix/ids.ts';
import type { Openings } from '../plan/openings.ts';
import type { RosterEntry, Store, Urgency } from '../store/store.ts';
import { orProblem, type Problem } from './problem.ts';
import type { Roster } from './roster.ts';

/** People of whom the right of a server admin is not as it is to be, and why. */
export type Misplaced = {
  readonly entries: readonly RosterEntry[];
  readonly urgency: Urgency;
  readonly what: string;
  /** Whether somebody else changed it. */
  readonly isDrift: boolean;
};

/**
 * Compares who is to be a server admin with what is recorded, and that with the homeserver, which is not asked where
 * the map makes nobody one and never did.
 */
export async function surveyAdmins(
  { store, homeserver }: { readonly store: Pick<Store, 'survey'>; readonly homeserver: Homeserver },
  { admins }: Openings,
  { entries, seating, holdersOf }: Roster,
): Promise<readonly Misplaced[] | Problem> {
  const wanted = new Set<UserId>();
  for (const group of admins) {
    for await (const numbers of store.survey.numbersIn(group)) {
      for await (const seats of seating.seatsOf(numbers)) {
        for (const { account } of seats) if (account !== undefined) wanted.add(account);
      }
    }
  }
  const recorded = new Set(entries.flatMap(({ account, isAdmin }) => (isAdmin ? [account] : [])));
  if (wanted.size + recorded.size === 0) return [];
  const found = await orProblem('the list of server admins', () => homeserver.admins());
  if ('message' in found) return found;
  const actual = new Set(found.map(({ userId }) => userId));
  const holdersOfAll = (accounts: ReadonlySet<UserId>) => [...accounts].flatMap(holdersOf);
  const kept = recorded.intersection(wanted);
  return [
    {
      entries: holdersOfAll(recorded.difference(wanted)),
      ...{ urgency: 'removal', what: 'no group makes her a server admin any more', isDrift: false },
    },
    {
      entries: holdersOfAll(wanted.difference(recorded)),
      ...{ urgency: 'bulk', what: 'a group makes her a server admin', isDrift: false },
    },
    {
      entries: holdersOfAll(kept.difference(actual)),
      ...{ urgency: 'bulk', what: 'the account was no server admin any more', isDrift: true },
    },
  ];
}
