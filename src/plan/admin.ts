import type { Account, ServerAdmin } from '../matrix/homeserver.ts';
import type { UserId } from '../matrix/ids.ts';
import type { Ours } from './account-view.ts';
import type { AdminChange, Finding } from './change.ts';

/** What to do about the right of a server admin, and whether it is ours to take after that. */
export type AdminPlan = { readonly change: AdminChange | undefined; readonly isOurs: boolean };

/**
 * Gives the right to whom a group gives it, and takes it where we gave it and no group does any more. `account` is
 * undefined while it is to be made; one that somebody else keeps from being used is given nothing.
 */
export function planAdmin(
  userId: UserId,
  account: Account | undefined,
  ours: Pick<Ours, 'isAdmin' | 'restriction' | 'beneath'>,
  isWanted: boolean,
): AdminPlan {
  const isAdmin = account?.admin === true;
  if (isWanted === isAdmin) return { change: undefined, isOurs: ours.isAdmin && isAdmin };
  if (isAdmin) {
    if (!ours.isAdmin) return { change: undefined, isOurs: false };
    return { change: { kind: 'revoke-admin', account: userId }, isOurs: false };
  }
  const isKeptFromUse = account !== undefined && (account.locked || account.suspended);
  const isByUs = ours.restriction !== undefined || ours.beneath !== undefined;
  if (isKeptFromUse && !isByUs) return { change: undefined, isOurs: false };
  return { change: { kind: 'grant-admin', account: userId }, isOurs: true };
}

/** Whether nobody else could administer the homeserver as a person: the bot is none, nor who can't sign in. */
export function isLastAdmin(admins: readonly ServerAdmin[], userId: UserId, bot: UserId): boolean {
  const able = admins.filter((admin) => admin.userId !== bot && !admin.deactivated && !admin.locked);
  return able.length === 1 && able[0]?.userId === userId;
}

export function lastAdmin(account: UserId): Finding {
  return {
    code: 'last-admin',
    blocking: true,
    message: `${account} is the last server admin beside the bot, and no group makes her one any more. She stays one, and her account is not restricted. Make somebody else a server admin, by a group or in Synapse (in MAS, if there is one).`,
    account,
    roomId: undefined,
  };
}
