import type { Profile } from '../directory/user.ts';
import type { Account, AccountUpdate, ExternalId, Restriction, Threepid } from '../matrix/homeserver.ts';
import type { UserId } from '../matrix/ids.ts';
import type { AccountChange, Finding } from './change.ts';

export type AccountPolicy = {
  readonly bot: UserId;
  /** Synapse's id of the SSO provider whose users these are. */
  readonly provider: string;
  readonly existingAccounts: 'refuse' | 'adopt';
};

/** How a person's account was found. `account` is what the homeserver says of it now. */
export type AccountView =
  /** We gave it to her before. */
  | { readonly kind: 'linked'; readonly account: Account; readonly ours: Ours }
  /** We gave it to her before, and the homeserver has lost it. */
  | { readonly kind: 'lost'; readonly userId: UserId }
  /** The provider's external id on it is hers. */
  | { readonly kind: 'found'; readonly account: Account }
  /** It has the name that hers would have, and nothing says that it is hers. */
  | { readonly kind: 'taken'; readonly account: Account }
  /** Nobody has that name. */
  | { readonly kind: 'free'; readonly userId: UserId }
  | { readonly kind: 'impossible'; readonly reason: string };

/** What we put on the account: what we may replace or take away. */
export type Ours = {
  readonly externalId: string | undefined;
  readonly email: string | undefined;
  readonly restriction: Restriction | undefined;
};

/** Who has what she is to get: looked up first, because Synapse would take it away from them. */
export type Owners = {
  readonly externalId: UserId | undefined;
  readonly email: UserId | undefined;
};

export type AccountPlan =
  | { readonly kind: 'conflict'; readonly finding: Finding }
  | {
      readonly kind: 'settled';
      readonly account: UserId;
      readonly changes: readonly AccountChange[];
      readonly ours: Ours;
      readonly findings: readonly Finding[];
    };

/** What to do so that an active person has the account she is to have. */
export function planActiveAccount(
  view: AccountView,
  profile: Profile,
  owners: Owners,
  policy: AccountPolicy,
): AccountPlan {
  const conflict = conflictOf(view, profile, owners, policy);
  if (conflict !== undefined) return { kind: 'conflict', finding: conflict };
  const externalId = externalIdOf(profile, policy);
  const target = accountOf(view);
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
  if (view.kind === 'impossible') throw new TypeError('an impossible account is a conflict');

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

const STRENGTH: Readonly<Record<Restriction, number>> = { suspend: 1, lock: 2, deactivate: 3 };

/** One restriction at a time: the stronger takes the place of the weaker. */
export function strongerOf(a: Restriction | undefined, b: Restriction | undefined): Restriction | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return STRENGTH[b] > STRENGTH[a] ? b : a;
}

const NOTHING_OURS: Ours = { externalId: undefined, email: undefined, restriction: undefined };

function accountOf(view: AccountView): UserId {
  switch (view.kind) {
    case 'linked':
    case 'found':
    case 'taken':
      return view.account.userId;
    case 'lost':
    case 'free':
      return view.userId;
    case 'impossible':
      throw new TypeError('an impossible account has no id');
  }
}

function externalIdOf(profile: Profile, policy: AccountPolicy): ExternalId | undefined {
  return profile.externalId === undefined ? undefined : { provider: policy.provider, id: profile.externalId };
}

function conflictOf(
  view: AccountView,
  profile: Profile,
  owners: Owners,
  policy: AccountPolicy,
): Finding | undefined {
  if (view.kind === 'impossible') {
    return blocking('no-account-name', undefined, `No Matrix id can be made for her: ${view.reason}.`);
  }
  const target = accountOf(view);
  if (owners.externalId !== undefined && owners.externalId !== target) {
    return blocking(
      'external-id-of-another',
      target,
      `Her external id is already linked to ${owners.externalId}, but her account is ${target}. Unlink one of them in Synapse.`,
    );
  }
  if (view.kind === 'lost' || view.kind === 'free') return undefined;
  const { account } = view;
  const guarded = protection(account, policy);
  if (guarded !== undefined) return guarded;
  if (view.kind === 'taken' && policy.existingAccounts === 'refuse') {
    return blocking(
      'account-taken',
      target,
      `${target} exists and is not linked to her. If it is hers, link it (docs/operations.md says how) or set EXISTING_ACCOUNTS=adopt; else give her another user name.`,
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
      `${target} is linked to another person of ${policy.provider}. Unlink it in Synapse, or give her another user name.`,
    );
  }
  const deactivatedByUs = view.kind === 'linked' && view.ours.restriction === 'deactivate';
  if (account.deactivated && !deactivatedByUs) {
    return blocking(
      'account-deactivated',
      target,
      `${target} was deactivated by somebody else. Reactivate it in Synapse if she is to come back.`,
    );
  }
  return undefined;
}

function protection(account: Account, policy: AccountPolicy): Finding | undefined {
  const what =
    account.userId === policy.bot
      ? "is Usher's own account"
      : account.admin
        ? 'is a server admin'
        : account.appservice
          ? 'belongs to an application service'
          : undefined;
  return what === undefined
    ? undefined
    : blocking('protected-account', account.userId, `${account.userId} ${what}: Usher never touches it.`);
}

/** What Synapse takes for an e-mail address: one `@` with something on both sides. */
export function isEmailAddress(text: string | undefined): text is string {
  return text !== undefined && /^[^@\s]+@[^@\s]+$/.test(text);
}

/** Not our lock, so not ours to lift; but somebody should know why she can't sign in. */
function lockFinding(view: AccountView): Finding | undefined {
  if (!('account' in view) || !view.account.locked) return undefined;
  if (view.kind === 'linked' && view.ours.restriction === 'lock') return undefined;
  const { userId } = view.account;
  return noted(
    'account-locked',
    userId,
    `${userId} was locked by somebody else. Unlock it in Synapse if she is to use it.`,
  );
}

type EmailPlan = { readonly address: string | undefined; readonly finding: Finding | undefined };

/** An e-mail that can't be had never blocks the account: she gets it without, and somebody is told. */
function emailPlan(address: string | undefined, target: UserId, owner: UserId | undefined): EmailPlan {
  if (address === undefined) return { address: undefined, finding: undefined };
  if (!isEmailAddress(address)) {
    return {
      address: undefined,
      finding: noted('invalid-email', target, `Her e-mail address is not one; ${target} goes without.`),
    };
  }
  if (owner !== undefined && owner !== target) {
    return {
      address: undefined,
      finding: noted(
        'email-of-another',
        target,
        `Her e-mail address is on ${owner}; ${target} goes without. Remove it there if it is hers.`,
      ),
    };
  }
  return { address: address.toLowerCase(), finding: undefined };
}

/** Only the fields that differ; lists are merged, so that what others put there stays. */
function updateOf(
  account: Account,
  ours: Ours,
  displayName: string | undefined,
  externalId: ExternalId | undefined,
  email: string | undefined,
): AccountUpdate | undefined {
  const externalIds = mergeExternalIds(account.externalIds, ours.externalId, externalId);
  const threepids = mergeThreepids(account.threepids, ours.email, email);
  const update: AccountUpdate = {
    ...(displayName !== undefined && displayName !== account.displayName && { displayName }),
    ...(externalIds !== undefined && { externalIds }),
    ...(threepids !== undefined && { threepids }),
  };
  return Object.keys(update).length === 0 ? undefined : update;
}

function mergeExternalIds(
  present: readonly ExternalId[],
  before: string | undefined,
  wanted: ExternalId | undefined,
): readonly ExternalId[] | undefined {
  const isWanted = (id: ExternalId): boolean => id.provider === wanted?.provider && id.id === wanted.id;
  if (wanted === undefined || present.some(isWanted)) return undefined;
  const others = present.filter((id) => id.provider !== wanted.provider || id.id !== before);
  return [...others, wanted];
}

function mergeThreepids(
  present: readonly Threepid[],
  before: string | undefined,
  wanted: string | undefined,
): readonly Threepid[] | undefined {
  const isEmail = (threepid: Threepid, address: string): boolean =>
    threepid.medium === 'email' && threepid.address.toLowerCase() === address;
  const stale = (threepid: Threepid): boolean =>
    before !== undefined && before !== wanted && isEmail(threepid, before);
  const kept = present.filter((threepid) => !stale(threepid));
  const missing = wanted !== undefined && !kept.some((threepid) => isEmail(threepid, wanted));
  if (kept.length === present.length && !missing) return undefined;
  return wanted !== undefined && missing ? [...kept, { medium: 'email', address: wanted }] : kept;
}

function isRestricted(account: Account, restriction: Restriction): boolean {
  switch (restriction) {
    case 'lock':
      return account.locked;
    case 'suspend':
      return account.suspended;
    case 'deactivate':
      return account.deactivated;
  }
}

function blocking(code: Finding['code'], account: UserId | undefined, message: string): Finding {
  return { code, blocking: true, message, account, roomId: undefined };
}

function noted(code: Finding['code'], account: UserId, message: string): Finding {
  return { code, blocking: false, message, account, roomId: undefined };
}
