import type { Profile } from '../directory/user.ts';
import type { Account } from '../matrix/homeserver.ts';
import type { UserId } from '../matrix/ids.ts';
import { type AccountPolicy, accountIdOf, type Owners, type PossibleView } from './account-view.ts';
import type { Finding } from './change.ts';
import { isDeactivation } from './offboarding.ts';

/** Why a person can't have the account that she would get; undefined if she can. */
export function conflictOf(
  view: PossibleView,
  profile: Profile,
  owners: Owners,
  policy: AccountPolicy,
): Finding | undefined {
  const target = accountIdOf(view);
  if (owners.externalId !== undefined && owners.externalId !== target) {
    return blocking(
      'external-id-of-another',
      target,
      `Her external id is already linked to ${owners.externalId}, but her account is ${target}. Unlink one of them in Synapse (in MAS, if there is one).`,
    );
  }
  if (view.kind === 'reserved') {
    return blocking(
      'name-reserved',
      target,
      `${target} is reserved on the homeserver, by an application service or for guests. Give her another user name, or change LOCALPART.`,
    );
  }
  if (view.kind === 'lost' || view.kind === 'free') return undefined;
  const { account } = view;
  const guarded = protection(account, policy, view.kind === 'linked' && view.ours.isAdmin);
  if (guarded !== undefined) return guarded;
  if (view.kind === 'taken' && policy.existingAccounts === 'refuse' && account.isStranded) {
    return blocking(
      'account-stranded',
      target,
      `${target} exists in Synapse, and the authentication service does not know it: nobody can sign in to it, or make another of that name. If it is hers, link it to her, and Usher gives her the way in. Else give her another user name.`,
    );
  }
  if (view.kind === 'taken' && policy.existingAccounts === 'refuse') {
    return blocking(
      'account-taken',
      target,
      `${target} exists and is not linked to her. If it is hers, link it to her, or set EXISTING_ACCOUNTS=adopt. Else give her another user name.`,
    );
  }
  const other = account.externalIds.find(
    (id) =>
      id.provider === policy.provider &&
      id.id !== profile.externalId &&
      !(view.kind === 'linked' && id.id === view.ours.externalId),
  );
  if (other !== undefined && profile.externalId !== undefined) {
    return blocking(
      'account-relinked',
      target,
      `${target} is linked to another person of ${policy.provider}. Unlink it in Synapse (in MAS, if there is one), or give her another user name.`,
    );
  }
  const ours = view.kind === 'linked' ? view.ours.restriction : undefined;
  if (account.deactivated && !isDeactivation(ours)) {
    return blocking(
      'account-deactivated',
      target,
      `${target} was deactivated by somebody else. Reactivate it in Synapse (in MAS, if there is one) if she is to come back.`,
    );
  }
  return undefined;
}

export function noAccountName(reason: string): Finding {
  return blocking('no-account-name', undefined, `No Matrix id can be made for her: ${reason}.`);
}

/** Why an account is never touched, whatever a provider sends. `isAdminByUs`: a server admin that we made protects nobody. */
export function protection(
  account: Account,
  policy: AccountPolicy,
  isAdminByUs: boolean,
): Finding | undefined {
  const what =
    account.userId === policy.bot
      ? "is Usher's own account"
      : account.admin && !isAdminByUs
        ? 'is a server admin'
        : account.appservice
          ? 'belongs to an application service'
          : policy.isProtected(account.userId)
            ? 'is named by PROTECTED_USERS'
            : undefined;
  return what === undefined
    ? undefined
    : blocking('protected-account', account.userId, `${account.userId} ${what}: Usher never touches it.`);
}

/** Not our lock, so not ours to lift; but somebody should know why she can't sign in. */
export function lockFinding(view: PossibleView): Finding | undefined {
  if (!('account' in view) || !view.account.locked) return undefined;
  if (view.kind === 'linked' && view.ours.restriction === 'lock') return undefined;
  const { userId } = view.account;
  return noted(
    'account-locked',
    userId,
    `${userId} was locked by somebody else. Unlock it in Synapse (in MAS, if there is one) if she is to use it.`,
  );
}

/** `reason` as in `PhotoAnswer`. */
export function unusablePhoto(account: UserId, reason: string): Finding {
  return noted(
    'photo-unusable',
    account,
    `The provider's photo can't be the avatar of ${account}: ${reason}. It is tried again when its address changes.`,
  );
}

function blocking(code: Finding['code'], account: UserId | undefined, message: string): Finding {
  return { code, blocking: true, message, account, roomId: undefined };
}

export function noted(code: Finding['code'], account: UserId, message: string): Finding {
  return { code, blocking: false, message, account, roomId: undefined };
}
