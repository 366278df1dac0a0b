import type { Account, Homeserver } from '../matrix/homeserver.ts';
import type { UserId } from '../matrix/ids.ts';
import type { Ours } from '../plan/account-view.ts';
import { isLastAdmin, lastAdmin, planAdmin } from '../plan/admin.ts';
import type { AdminChange, Finding } from '../plan/change.ts';

/** What becomes of the right of a server admin; `isLast`: it stays, since nobody else has it. */
export type RightPlan = {
  readonly changes: readonly AdminChange[];
  readonly findings: readonly Finding[];
  readonly isOurs: boolean;
  readonly isLast: boolean;
};

/** Plans it. Who else is a server admin is asked only where the right is to be taken. */
export function createAdminPlanner(homeserver: Pick<Homeserver, 'admins'>, bot: UserId) {
  return async (
    userId: UserId,
    account: Account | undefined,
    ours: Ours,
    isWanted: boolean,
  ): Promise<RightPlan> => {
    const { change, isOurs } = planAdmin(userId, account, ours, isWanted);
    const isLast = change?.kind === 'revoke-admin' && isLastAdmin(await homeserver.admins(), userId, bot);
    if (isLast) return { changes: [], findings: [lastAdmin(userId)], isOurs: true, isLast };
    return { changes: change === undefined ? [] : [change], findings: [], isOurs, isLast };
  };
}
