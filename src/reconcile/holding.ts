import type { PersonChange } from '../plan/change.ts';
import type { TakeAway } from '../plan/guard.ts';
import { describeChange } from '../plan/render.ts';
import type { Request } from './guard.ts';
import type { PersonPlan } from './person-plan.ts';

/** What a change takes away; undefined if it takes nothing. */
export function takeAwayOf(change: PersonChange): TakeAway | undefined {
  const { account } = change;
  if (change.kind === 'restrict' || change.kind === 'revoke-admin') {
    return { kind: change.kind, account, roomId: undefined };
  }
  return change.kind === 'kick' ? { kind: 'kick', account, roomId: change.roomId } : undefined;
}

/** What a plan asks the guard for. */
export function requestsOf({ userId, changes }: PersonPlan, cause: string | undefined): readonly Request[] {
  return changes.flatMap((change) => {
    const taken = takeAwayOf(change);
    return taken === undefined ? [] : [{ ...taken, userId, cause, detail: describeChange(change) }];
  });
}
