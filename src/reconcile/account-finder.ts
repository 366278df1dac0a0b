import type { Profile } from '../directory/user.ts';
import { HomeserverError } from '../matrix/error.ts';
import type { Homeserver } from '../matrix/homeserver.ts';
import type { UserId } from '../matrix/ids.ts';
import { externalIdOf, hasEmail, hasExternalId, isEmailAddress } from '../plan/account-update.ts';
import type { AccountView, Owners } from '../plan/account-view.ts';
import { deriveAccount } from '../plan/localpart.ts';

type Policy = { readonly provider: string; readonly localpart: string; readonly serverName: string };

/** What an account that is yet to be made has on it. */
const NEW = { externalIds: [], threepids: [] };

/** Reads which account a person has, or would have. Changes nothing. */
export function createAccountFinder(homeserver: Homeserver, policy: Policy) {
  /** Only by external id. */
  const findLinked = async (profile: Profile): Promise<AccountView | undefined> => {
    const externalId = externalIdOf(profile, policy.provider);
    const linked = externalId && (await homeserver.accountByExternalId(externalId));
    const account = linked && (await homeserver.account(linked));
    return account && { kind: 'found', account };
  };

  /** Of a name that nobody has. What Synapse says of one that nobody may have is a reason for a person to read. */
  const viewOfName = async (userId: UserId): Promise<AccountView> => {
    try {
      return { kind: (await homeserver.isNameFree(userId)) ? 'free' : 'reserved', userId };
    } catch (error) {
      if (!(error instanceof HomeserverError) || error.kind !== 'refused') throw error;
      return { kind: 'impossible', reason: `${userId}: ${error.message.replace(/\.$/, '')}` };
    }
  };

  return {
    findLinked,

    /** For a person who was never given an account: by external id first, only then by name. */
    async find(profile: Profile): Promise<AccountView> {
      const found = await findLinked(profile);
      if (found !== undefined) return found;
      const derived = deriveAccount(policy.localpart, profile, policy.serverName);
      if (derived.kind === 'impossible') return derived;
      const existing = await homeserver.account(derived.account);
      return existing === undefined ? viewOfName(derived.account) : { kind: 'taken', account: existing };
    },

    /** Who has what she is to get. What her account has already is not asked for. */
    async owners(view: AccountView, profile: Profile): Promise<Owners> {
      const { externalIds, threepids } = 'account' in view ? view.account : NEW;
      const externalId = externalIdOf(profile, policy.provider);
      const needsExternalId =
        externalId !== undefined && view.kind !== 'free' && !hasExternalId(externalIds, externalId);
      const email =
        isEmailAddress(profile.email) && !hasEmail(threepids, profile.email) ? profile.email : undefined;
      return {
        externalId: needsExternalId ? await homeserver.accountByExternalId(externalId) : undefined,
        email: email === undefined ? undefined : await homeserver.accountByEmail(email),
      };
    },
  };
}
