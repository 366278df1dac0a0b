import type { Account, Restriction } from '../matrix/homeserver.ts';
import type { UserId } from '../matrix/ids.ts';
import type { AccountChange, Finding } from './change.ts';

export type AccountPolicy = {
  readonly bot: UserId;
  /** Synapse's id of the SSO provider whose users these are. */
  readonly provider: string;
  readonly existingAccounts: 'refuse' | 'adopt';
  /** Named by the settings: never touched. */
  readonly isProtected: (userId: UserId) => boolean;
  /** Whether photos of the provider become avatars. */
  readonly avatars: boolean;
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
  /** Nobody has that name, and nobody but an appservice may. */
  | { readonly kind: 'reserved'; readonly userId: UserId }
  | { readonly kind: 'impossible'; readonly reason: string };

/** What we put on the account: what we may replace or take away. */
export type Ours = {
  readonly externalId: string | undefined;
  readonly email: string | undefined;
  readonly restriction: Restriction | undefined;
  /** A step was begun and is not known to have been taken: what may be on the account beside. */
  readonly beneath: readonly Restriction[] | undefined;
  /** The mark of the photo that was last made an avatar of, or was tried to; and the avatar, as `isOursToReplace` reads it. */
  readonly photo: string | undefined;
  readonly avatar: string | undefined;
  /** Whether it is we who made the account a server admin. */
  readonly isAdmin: boolean;
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

/** A view of somebody for whom there is an account, or could be. */
export type PossibleView = Exclude<AccountView, { readonly kind: 'impossible' }>;

/** The Matrix id that a view is about. */
export function accountIdOf(view: PossibleView): UserId {
  return 'account' in view ? view.account.userId : view.userId;
}
