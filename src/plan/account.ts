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
import type { AccountChange } from './change.ts';

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

  if (view.kind === 'lost' || view.kind === 'free') {
    return {
      kind: 'settled',
      account: target,
      changes: [
        {
          kind: 'create-account',
          account: target,
          profile: { displayName: profile.displayName, externalId, email: email.address },
        },
      ],
      ours: { externalId: externalId?.id, email: email.address, restriction: undefined },
      findings,
    };
  }

  const ours = view.kind === 'linked' ? view.ours : NOTHING_OURS;
  const update = updateOf(view.account, ours, profile.displayName, externalId, email.address);
  const changes: AccountChange[] = [];
  if (ours.restriction !== undefined) {
    changes.push({ kind: 'unrestrict', account: target, restriction: ours.restriction });
  }
  if (update !== undefined) changes.push({ kind: 'update-account', account: target, update });
  return {
    kind: 'settled',
    account: target,
    changes,
    ours: { externalId: externalId?.id, email: email.address, restriction: undefined },
    findings,
  };
}

/** What to do to the account of somebody who left or was deactivated; `undefined` is to leave it alone. */
export function planInactiveAccount(
  account: Account,
  ours: Ours,
  restriction: Restriction | undefined,
  policy: AccountPolicy,
): AccountPlan {
  const finding = protection(account, policy);
  if (finding !== undefined) return { kind: 'conflict', finding };
  const wanted = strongerOf(ours.restriction, restriction);
  if (wanted === undefined || account.deactivated || isRestricted(account, wanted)) {
    // Somebody else's lock is not taken for ours: it must not fall when she comes back.
    return { kind: 'settled', account: account.userId, changes: [], ours, findings: [] };
  }
  const changes: AccountChange[] = [{ kind: 'restrict', account: account.userId, restriction: wanted }];
  if (ours.restriction !== undefined && ours.restriction !== wanted) {
    changes.push({ kind: 'unrestrict', account: account.userId, restriction: ours.restriction });
  }
  return {
    kind: 'settled',
    account: account.userId,
    changes,
    ours: { ...ours, restriction: wanted },
    findings: [],
  };
}

const STRENGTH: Readonly<Record<Restriction, number>> = { suspend: 1, lock: 2, deactivate: 3, erase: 4 };

/** One restriction at a time: the stronger takes the place of the weaker. */
export function strongerOf(a: Restriction | undefined, b: Restriction | undefined): Restriction | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return STRENGTH[b] > STRENGTH[a] ? b : a;
}

const NOTHING_OURS: Ours = { externalId: undefined, email: undefined, restriction: undefined };

function isRestricted(account: Account, restriction: Restriction): boolean {
  switch (restriction) {
    case 'lock':
      return account.locked;
    case 'suspend':
      return account.suspended;
    case 'deactivate':
    case 'erase':
      return account.deactivated;
  }
}
