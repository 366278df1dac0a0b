import type { Restriction } from '../matrix/homeserver.ts';

/** What becomes of somebody who left: her rooms are taken, then less and less of the account is left. */
export type Step = 'rooms' | Restriction;

/** Steps with the time in milliseconds after which each is taken, counted from when she was found inactive. */
export type Ladder = readonly { readonly step: Step; readonly afterMs: number }[];

export type OffboardingPolicy = { readonly onDeactivate: Ladder; readonly onDelete: Ladder };

/** Where somebody stands on the ladder. */
export type Rung = {
  readonly takesRooms: boolean;
  readonly restriction: Restriction | undefined;
  /** The step that comes next; `at` is in milliseconds since 1970. */
  readonly next: { readonly step: Step; readonly at: number } | undefined;
};

/** `since` is when she was found inactive. A ladder that does not name the rooms takes them at once. */
export function rungAt(ladder: Ladder, since: number, now: number): Rung {
  const isDue = ({ afterMs }: Ladder[number]): boolean => since + afterMs <= now;
  const rooms = ladder.find(({ step }) => step === 'rooms');
  let restriction: Restriction | undefined;
  for (const each of ladder) {
    if (each.step !== 'rooms' && isDue(each)) restriction = strongerOf(restriction, each.step);
  }
  const [next] = ladder.filter((each) => !isDue(each)).toSorted((a, b) => a.afterMs - b.afterMs);
  return {
    takesRooms: rooms === undefined || isDue(rooms),
    restriction,
    next: next && { step: next.step, at: since + next.afterMs },
  };
}

const STRENGTH: Readonly<Record<Restriction, number>> = { suspend: 1, lock: 2, deactivate: 3, erase: 4 };

/** One restriction at a time: the stronger takes the place of the weaker. */
export function strongerOf(a: Restriction | undefined, b: Restriction | undefined): Restriction | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return STRENGTH[b] > STRENGTH[a] ? b : a;
}

/** Whether it ends sessions and takes rooms and e-mails: an erasure does that, too. */
export function isDeactivation(restriction: Restriction | undefined): boolean {
  return restriction === 'deactivate' || restriction === 'erase';
}
