import type { Profile } from '../directory/user.ts';
import type { Account, Restriction } from '../matrix/homeserver.ts';
import { conflictOf, lockFinding, noAccountName, protection } from './account-conflict.ts';
import { emailPlan, externalIdOf, updateOf } from './account-update.ts';
import {
  type AccountPlan,
  type AccountPolicy,
  type AccountView,
  accountIdOf,
  type Ours,
  type Owners,
} from './account-view.ts';
import type { AccountChange, SetAvatar } from './change.ts';
import { strongerOf } from './offboarding.ts';
import { isOursToReplace, markOf } from './photo.ts';

/** What to do so that an active person has the account she is to have. */
export function planActiveAccount(
  view: AccountView,
  profile: Profile,
  owners: Owners,
  policy: AccountPolicy,
): AccountPlan {
  if (view.kind === 'impossible') return { kind: 'conflict', finding: noAccountName(view.reason) };
  const conflict = conflictOf(view, profile, owners, policy);
  if (conflict !== undefined) return { kind: 'conflict', finding: conflict };
  const externalId = externalIdOf(profile, policy.provider);
  const target = accountIdOf(view);
  const email = emailPlan(profile.email, target, owners.email);
  const findings = [email.finding, lockFinding(view)].filter((finding) => finding !== undefined);

  const stranded = 'account' in view && view.account.isStranded ? view.account : undefined;
  if (!('account' in view) || stranded !== undefined) {
    const { displayName } = profile;
    const adopts = stranded !== undefined;
    return {
      kind: 'settled',
      account: target,
      changes: [
        {
          kind: 'create-account',
          account: target,
          profile: { displayName, externalId, email: email.address, ...(adopts && { adopts }) },
        },
        ...avatarChange(stranded ?? { userId: target, avatarUrl: undefined }, NOTHING_OURS, profile, policy),
      ],
      ours: { ...NOTHING_OURS, externalId: externalId?.id, email: email.address },
      findings,
    };
  }

  const ours = view.kind === 'linked' ? view.ours : NOTHING_OURS;
  const update = updateOf(view.account, ours, profile.displayName, externalId, email.address);
  const changes: AccountChange[] = [];
  for (const restriction of restrictionsOf(ours)) {
    changes.push({ kind: 'unrestrict', account: target, restriction });
  }
  if (update !== undefined) changes.push({ kind: 'update-account', account: target, update });
  changes.push(...avatarChange(view.account, ours, profile, policy));
  return {
    kind: 'settled',
    account: target,
    changes,
    ours: { ...ours, externalId: externalId?.id, email: email.address, restriction: undefined },
    findings,
  };
}

/** A photo that is new to us, or was erased with the account; somebody who chose an avatar of her own keeps it. */
function avatarChange(
  account: Pick<Account, 'userId' | 'avatarUrl'>,
  ours: Ours,
  { photo }: Profile,
  policy: AccountPolicy,
): readonly SetAvatar[] {
  if (!policy.avatars || photo === undefined) return [];
  const isDue = ours.restriction === 'erase' || markOf(photo) !== ours.photo;
  if (!isDue || !isOursToReplace(account, ours.avatar)) return [];
  return [{ kind: 'set-avatar', account: account.userId, photo, replaces: account.avatarUrl }];
}

/** What to do to the account of somebody who left or was deactivated; `undefined` is to leave it alone. */
export function planInactiveAccount(
  account: Account,
  ours: Ours,
  restriction: Restriction | undefined,
  policy: AccountPolicy,
): AccountPlan {
  const finding = protection(account, policy, ours.isAdmin);
  if (finding !== undefined) return { kind: 'conflict', finding };
  const wanted = strongerOf(ours.restriction, restriction);
  // The homeserver does not tell whether an account is erased, nor who locked it: a step that was begun is taken again.
  const isToBeTaken = ours.beneath !== undefined || (wanted === 'erase' && ours.restriction !== 'erase');
  const isTaken =
    account.isStranded || (!isToBeTaken && wanted !== undefined && isRestricted(account, wanted));
  if (wanted === undefined || isTaken) {
    // Nobody can sign in to what is stranded. Somebody else's lock is not taken for ours: it must not fall when she comes back.
    return { kind: 'settled', account: account.userId, changes: [], ours, findings: [] };
  }
  const changes: AccountChange[] = [{ kind: 'restrict', account: account.userId, restriction: wanted }];
  // Nothing lifts a deactivation but her return: an erasure comes on top of it.
  for (const weaker of restrictionsOf(ours)) {
    if (weaker === wanted || weaker === 'deactivate') continue;
    changes.push({ kind: 'unrestrict', account: account.userId, restriction: weaker });
  }
  return {
    kind: 'settled',
    account: account.userId,
    changes,
    ours: { ...ours, restriction: wanted },
    findings: [],
  };
}

/** All of ours that may be on the account, what we wrote down last first. */
function restrictionsOf({ restriction, beneath = [] }: Ours): readonly Restriction[] {
  return [...new Set(restriction === undefined ? beneath : [restriction, ...beneath])];
}

const NOTHING_OURS: Ours = {
  externalId: undefined,
  email: undefined,
  restriction: undefined,
  beneath: undefined,
  photo: undefined,
  avatar: undefined,
  isAdmin: false,
};

/** What is deactivated needs nothing weaker; whether it is erased can't be seen. */
function isRestricted({ deactivated, locked, suspended }: Account, restriction: Restriction): boolean {
  if (deactivated) return true;
  return restriction === 'lock' ? locked : restriction === 'suspend' && suspended;
}
