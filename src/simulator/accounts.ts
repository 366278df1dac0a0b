import type { Account, ExternalId, Threepid } from '../matrix/homeserver.ts';
import { localpartOf, serverNameOf, type UserId } from '../matrix/ids.ts';
import { badRequest, Refusal } from './refusal.ts';

/** Only the fields given change; a list replaces the whole list. An empty display name or avatar removes it. */
export type AccountChange = {
  readonly displayName?: string | undefined;
  readonly avatarUrl?: string | undefined;
  readonly threepids?: readonly Threepid[] | undefined;
  readonly externalIds?: readonly ExternalId[] | undefined;
  readonly deactivated?: boolean | undefined;
  readonly locked?: boolean | undefined;
  readonly admin?: boolean | undefined;
};

export type AccountRegistry = {
  get(userId: UserId): Account | undefined;
  /** In order of their ids. */
  all(): readonly Account[];
  byExternalId(externalId: ExternalId): Account | undefined;
  /** Looks for the address as it was stored: in lower case. */
  byThreepid(threepid: Threepid): Account | undefined;
  add(account: Account): void;
  /** Creates the account if there is none. What was done before a refusal stays done, as in Synapse. */
  put(userId: UserId, change: AccountChange): 'created' | 'changed';
  suspend(userId: UserId, suspended: boolean): void;
  /** Takes the profile too; the mark ends with a reactivation. */
  erase(userId: UserId): void;
  isErased(userId: UserId): boolean;
  /** Refuses a name that a new account may not have, or that there is an account of. */
  mustBeFree(userId: UserId): void;
};

const MAX_DISPLAY_NAME = 256;
const MAX_AVATAR_URL = 1000;

export function newAccount(userId: UserId): Account {
  return {
    userId,
    displayName: localpartOf(userId),
    externalIds: [],
    threepids: [],
    admin: false,
    appservice: false,
    deactivated: false,
    locked: false,
    suspended: false,
    avatarUrl: undefined,
  };
}

/** `isReserved` says of a localpart whether only an appservice may use it. */
export function createAccountRegistry(
  serverName: string,
  isReserved: (localpart: string) => boolean = () => false,
): AccountRegistry {
  const accounts = new Map<UserId, Account>();
  const erased = new Set<UserId>();
  /** Until one of them changes. */
  let inOrder: readonly Account[] | undefined;

  /** Whose external id or e-mail it is, by `keysOf`. */
  const owners = new Map<string, UserId>();

  function keep(account: Account): void {
    for (const key of keysOf(accounts.get(account.userId))) {
      if (owners.get(key) === account.userId) owners.delete(key);
    }
    accounts.set(account.userId, account);
    for (const key of keysOf(account)) owners.set(key, account.userId);
    inOrder = undefined;
  }

  function change(userId: UserId, fields: Partial<Account>): void {
    keep({ ...(accounts.get(userId) ?? newAccount(userId)), ...fields });
  }

  function ownerOf(key: string): Account | undefined {
    const owner = owners.get(key);
    return owner === undefined ? undefined : accounts.get(owner);
  }

  function byThreepid(wanted: Threepid): Account | undefined {
    return ownerOf(threepidKey(wanted));
  }

  function byExternalId(wanted: ExternalId): Account | undefined {
    return ownerOf(externalIdKey(wanted));
  }

  /** An address that another account has is taken away from it without a word. */
  function setThreepids(userId: UserId, wanted: readonly Threepid[]): void {
    const kept = accounts.get(userId)?.threepids.filter((had) => wanted.some((t) => sameThreepid(t, had)));
    change(userId, { threepids: kept ?? [] });
    for (const threepid of wanted.map(canonical)) {
      const owner = byThreepid(threepid);
      if (owner?.userId === userId) continue;
      if (owner !== undefined) {
        change(owner.userId, { threepids: owner.threepids.filter((had) => !sameThreepid(had, threepid)) });
      }
      change(userId, { threepids: [...(accounts.get(userId)?.threepids ?? []), threepid] });
    }
  }

  function setExternalIds(userId: UserId, wanted: readonly ExternalId[]): void {
    const taken = wanted.some((id) => (byExternalId(id)?.userId ?? userId) !== userId);
    if (taken) throw new Refusal(409, 'M_UNKNOWN', 'External id is already in use.');
    change(userId, { externalIds: wanted });
  }

  return {
    get: (userId) => accounts.get(userId),
    all() {
      inOrder ??= [...accounts.values()].sort((a, b) => (a.userId < b.userId ? -1 : 1));
      return inOrder;
    },
    byExternalId,
    byThreepid,

    add: keep,

    put(userId, { displayName, avatarUrl, threepids, externalIds, deactivated, locked, admin }) {
      if (serverNameOf(userId) !== serverName) {
        throw badRequest('This endpoint can only be used with local users');
      }
      const isNew = !accounts.has(userId);
      if (isNew) {
        mustBeAllowed(userId, isReserved);
        change(userId, displayName === undefined ? {} : { displayName });
      } else if (displayName !== undefined) {
        if (displayName.length > MAX_DISPLAY_NAME) throw badRequest('Displayname is too long (max 256)');
        change(userId, { displayName: displayName === '' ? undefined : displayName });
      }
      if (avatarUrl !== undefined) {
        if (avatarUrl.length > MAX_AVATAR_URL) throw badRequest('Avatar URL is too long (max 1000)');
        change(userId, { avatarUrl: avatarUrl === '' ? undefined : avatarUrl });
      }
      if (admin !== undefined) change(userId, { admin });
      if (threepids !== undefined) setThreepids(userId, threepids);
      if (externalIds !== undefined) setExternalIds(userId, externalIds);
      if (isNew) return 'created';
      if (deactivated !== undefined)
        change(userId, { deactivated, ...(deactivated ? { threepids: [] } : {}) });
      if (deactivated === false) erased.delete(userId);
      if (locked !== undefined) change(userId, { locked });
      return 'changed';
    },

    suspend(userId, suspended) {
      change(userId, { suspended });
    },

    erase(userId) {
      change(userId, { displayName: undefined, avatarUrl: undefined });
      erased.add(userId);
    },
    isErased: (userId) => erased.has(userId),

    mustBeFree(userId) {
      mustBeAllowed(userId, isReserved);
      if (accounts.has(userId)) throw new Refusal(400, 'M_USER_IN_USE', 'User ID already taken.');
    },
  };
}

/** The rules for a localpart that Synapse has for new accounts. */
function mustBeAllowed(userId: UserId, isReserved: (localpart: string) => boolean): void {
  const localpart = localpartOf(userId);
  const refuse = (error: string) => new Refusal(400, 'M_INVALID_USERNAME', error);
  if (!/^[a-z0-9=_\-./+]+$/.test(localpart)) {
    throw refuse("User ID can only contain characters a-z, 0-9, or '=_-./+'");
  }
  if (localpart.startsWith('_')) throw refuse('User ID may not begin with _');
  if (isReserved(localpart)) {
    throw new Refusal(400, 'M_EXCLUSIVE', 'This user ID is reserved by an application service.');
  }
  if (userId.length > 255) throw refuse('User ID may not be longer than 255 characters');
  if (/^\d+$/.test(localpart)) throw refuse('Numeric user IDs are reserved for guest users.');
}

function canonical({ medium, address }: Threepid): Threepid {
  if (medium !== 'email') return { medium, address };
  const parts = address.trim().split('@');
  if (parts.length !== 2) throw badRequest('Unable to parse email address');
  return { medium, address: parts.join('@').toLowerCase() };
}

function sameThreepid(a: Threepid, b: Threepid): boolean {
  return a.medium === b.medium && a.address === b.address;
}

function keysOf(account: Account | undefined): readonly string[] {
  if (account === undefined) return [];
  return [...account.externalIds.map(externalIdKey), ...account.threepids.map(threepidKey)];
}

function threepidKey({ medium, address }: Threepid): string {
  return JSON.stringify(['threepid', medium, address]);
}

function externalIdKey({ provider, id }: ExternalId): string {
  return JSON.stringify(['external id', provider, id]);
}
