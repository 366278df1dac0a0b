import type { Profile } from '../directory/user.ts';
import type { Account, AccountUpdate, ExternalId, Threepid } from '../matrix/homeserver.ts';
import type { UserId } from '../matrix/ids.ts';
import { noted } from './account-conflict.ts';
import type { Ours } from './account-view.ts';
import type { Finding } from './change.ts';

/** What Synapse takes for an e-mail address: one `@` with something on both sides. */
export function isEmailAddress(text: string | undefined): text is string {
  return text !== undefined && /^[^@\s]+@[^@\s]+$/.test(text);
}

export function externalIdOf(profile: Profile, provider: string): ExternalId | undefined {
  return profile.externalId === undefined ? undefined : { provider, id: profile.externalId };
}

export function hasExternalId(present: readonly ExternalId[], wanted: ExternalId): boolean {
  return present.some((id) => id.provider === wanted.provider && id.id === wanted.id);
}

/** Addresses are compared as Synapse keeps them: in lower case. */
export function hasEmail(present: readonly Threepid[], address: string): boolean {
  return present.some((threepid) => isEmail(threepid, address));
}

function isEmail({ medium, address }: Threepid, wanted: string): boolean {
  return medium === 'email' && address.toLowerCase() === wanted.toLowerCase();
}

export type EmailPlan = { readonly address: string | undefined; readonly finding: Finding | undefined };

/** An e-mail that can't be had never blocks the account: she gets it without, and somebody is told. */
export function emailPlan(address: string | undefined, target: UserId, owner: UserId | undefined): EmailPlan {
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
export function updateOf(
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
  if (wanted === undefined || hasExternalId(present, wanted)) return undefined;
  const others = present.filter((id) => id.provider !== wanted.provider || id.id !== before);
  return [...others, wanted];
}

function mergeThreepids(
  present: readonly Threepid[],
  before: string | undefined,
  wanted: string | undefined,
): readonly Threepid[] | undefined {
  const stale = (threepid: Threepid): boolean =>
    before !== undefined && before !== wanted && isEmail(threepid, before);
  const kept = present.filter((threepid) => !stale(threepid));
  const missing = wanted !== undefined && !hasEmail(kept, wanted);
  if (kept.length === present.length && !missing) return undefined;
  return wanted !== undefined && missing ? [...kept, { medium: 'email', address: wanted }] : kept;
}
