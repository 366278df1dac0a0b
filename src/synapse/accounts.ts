import { HomeserverError } from '../matrix/error.ts';
import type {
  Account,
  AccountSide,
  AccountSummary,
  AccountUpdate,
  ExternalId,
  NewAccount,
  Restriction,
  ServerAdmin,
  Threepid,
} from '../matrix/homeserver.ts';
import { localpartOf, serverNameOf, type UserId } from '../matrix/ids.ts';
import type { RestClient } from '../rest/client.ts';
import { whereFound } from '../rest/found.ts';
import { flag, type JsonObject, list, object, optionalText, text } from '../rest/read.ts';
import { userId } from './read.ts';

/** `next` is where the next page begins; undefined after the last one. */
type Page<T> = { readonly items: readonly T[]; readonly next: number | undefined };

const USER = '/_synapse/admin/v2/users/{userId}';
const ADMIN = '/_synapse/admin/v1/users/{userId}/admin';
const PAGE_SIZE = 500;

type Query = Readonly<Record<string, string>>;

/** What Synapse calls a name that is taken, or kept for an appservice. */
const NOT_FREE: ReadonlySet<string | undefined> = new Set(['M_USER_IN_USE', 'M_EXCLUSIVE']);

/** Synapse's user admin API. `serverName` is that of the local accounts. */
export function createAccounts(client: RestClient, serverName: string): AccountSide {
  async function account(id: UserId): Promise<Account | undefined> {
    const answer = await whereFound(client.call({ method: 'GET', route: USER, params: { userId: id } }));
    return answer === undefined ? undefined : accountOf(object(answer, 'the account'));
  }

  async function pageFrom<T>(from: number, read: (user: JsonObject) => T, which: Query): Promise<Page<T>> {
    const everyone = { guests: 'false', deactivated: 'true', locked: 'true' };
    const query = { from: `${from}`, limit: `${PAGE_SIZE}`, ...everyone, ...which };
    const answer = await client.call({ method: 'GET', route: '/_synapse/admin/v2/users', query });
    const page = object(answer, 'the page of accounts');
    const items = list(page.users, 'users').map((user) => read(object(user, 'the account')));
    const isLast = page.next_token === undefined || page.next_token === null;
    if (!isLast && items.length === 0) throw new HomeserverError('protocol', 'an empty page of accounts');
    return { items, next: isLast ? undefined : from + items.length };
  }

  async function* pages<T>(read: (user: JsonObject) => T, which: Query = {}): AsyncGenerator<readonly T[]> {
    let from: number | undefined = 0;
    while (from !== undefined) {
      const page: Page<T> = await pageFrom(from, read, which);
      yield page.items;
      from = page.next;
    }
  }

  /** Synapse answers with the account as it is now: what else says 200 did not write it. */
  async function write(id: UserId, body: JsonObject): Promise<void> {
    const answer = await client.call({ method: 'PUT', route: USER, params: { userId: id }, body });
    userId(object(answer, 'the account').name, 'name');
  }

  async function put(id: UserId, body: JsonObject): Promise<void> {
    if (Object.keys(body).length > 0) await write(id, body);
  }

  /** For Synapse, a change of an account that does not exist creates it. */
  async function mustExist(id: UserId): Promise<void> {
    if ((await account(id)) === undefined) throw new HomeserverError('not-found', `no account ${id}`);
  }

  async function setRestricted(id: UserId, restriction: Restriction, restricted: boolean): Promise<void> {
    if (restriction === 'suspend') {
      const route = '/_synapse/admin/v1/suspend/{userId}';
      const body = { suspend: restricted };
      object(await client.call({ method: 'PUT', route, params: { userId: id }, body }), 'the suspension');
      return;
    }
    if (restriction === 'erase' && restricted) {
      await erase(id);
      return;
    }
    await mustExist(id);
    await put(id, restriction === 'lock' ? { locked: restricted } : { deactivated: restricted });
  }

  /** Deactivates too; also one that is deactivated already. A reactivation takes the mark of erasure back. */
  async function erase(id: UserId): Promise<void> {
    const route = '/_synapse/admin/v1/deactivate/{userId}';
    const answer = await client.call({
      method: 'POST',
      route,
      params: { userId: id },
      body: { erase: true },
    });
    text(object(answer, 'the erasure').id_server_unbind_result, 'id_server_unbind_result');
  }

  return {
    account,

    async accountByExternalId({ provider, id }) {
      const route = '/_synapse/admin/v1/auth_providers/{provider}/users/{id}';
      return foundUser(client.call({ method: 'GET', route, params: { provider, id } }));
    },

    async accountByEmail(address) {
      const route = '/_synapse/admin/v1/threepid/email/users/{address}';
      return foundUser(client.call({ method: 'GET', route, params: { address: canonicalEmail(address) } }));
    },

    async *accounts() {
      for await (const some of pages(summaryOf)) yield* some;
    },

    /** A homeserver that does not know the filter lists everybody, so each is looked at. */
    async admins() {
      const admins: ServerAdmin[] = [];
      for await (const some of pages(adminOf, { admins: 'true' })) {
        for (const { isAdmin, ...admin } of some) if (isAdmin) admins.push(admin);
      }
      return admins;
    },

    async setAdmin(id, isAdmin) {
      const call = { method: 'PUT', route: ADMIN, params: { userId: id }, body: { admin: isAdmin } } as const;
      object(await client.call(call), 'the answer');
    },

    /**
     * An e-mail that Synapse can't parse is refused after the account was made and before its external id is
     * written: then the account is linked all the same, and the refusal goes on.
     */
    async createAccount(id, { displayName, externalId, email }: NewAccount) {
      const body = {
        ...(displayName === undefined ? {} : { displayname: displayName }),
        ...(externalId === undefined ? {} : { external_ids: [externalIdToSend(externalId)] }),
      };
      if (email === undefined) {
        await write(id, body);
        return;
      }
      try {
        await write(id, { ...body, threepids: [{ medium: 'email', address: email }] });
      } catch (error) {
        if (error instanceof HomeserverError && error.kind === 'refused') await write(id, body);
        throw error;
      }
    },

    /** Threepids last and alone: one that Synapse can't parse must not keep the rest from being written. */
    async updateAccount(id, { displayName, externalIds, threepids, avatarUrl }: AccountUpdate) {
      await mustExist(id);
      await put(id, {
        ...(displayName === undefined ? {} : { displayname: displayName }),
        ...(externalIds === undefined ? {} : { external_ids: externalIds.map(externalIdToSend) }),
        ...(avatarUrl === undefined ? {} : { avatar_url: avatarUrl }),
      });
      await put(id, threepids === undefined ? {} : { threepids: threepids.map(threepidToSend) });
    },

    restrict: (id, restriction) => setRestricted(id, restriction, true),
    unrestrict: (id, restriction) => setRestricted(id, restriction, false),

    /** Synapse also refuses names that nobody may have: that goes on, for it is no answer to the question. */
    async isNameFree(id) {
      if (serverNameOf(id) !== serverName) throw new HomeserverError('refused', `${id} is not local`);
      const route = '/_synapse/admin/v1/username_available';
      try {
        const answer = await client.call({ method: 'GET', route, query: { username: localpartOf(id) } });
        if (object(answer, 'the answer').available === true) return true;
        throw new HomeserverError('protocol', `${route}: answered neither that a name is free nor why not`);
      } catch (error) {
        if (error instanceof HomeserverError && NOT_FREE.has(error.errcode)) return false;
        throw error;
      }
    },
  };
}

async function foundUser(answer: Promise<unknown>): Promise<UserId | undefined> {
  const found = await whereFound(answer);
  return found === undefined ? undefined : userId(object(found, 'the account found').user_id, 'user_id');
}

/** Synapse folds addresses when it stores them, but not when it looks one up. */
function canonicalEmail(address: string): string {
  return address.trim().toLowerCase();
}

function externalIdToSend({ provider, id }: ExternalId): JsonObject {
  return { auth_provider: provider, external_id: id };
}

function threepidToSend({ medium, address }: Threepid): JsonObject {
  return { medium, address };
}

function summaryOf(user: JsonObject): AccountSummary {
  return {
    userId: userId(user.name, 'name'),
    displayName: optionalText(user.displayname, 'displayname'),
    deactivated: flag(user.deactivated, 'deactivated'),
    locked: flag(user.locked, 'locked'),
  };
}

function adminOf(user: JsonObject): ServerAdmin & { readonly isAdmin: boolean } {
  const { userId: id, deactivated, locked } = summaryOf(user);
  return { userId: id, deactivated, locked, isAdmin: flag(user.admin, 'admin') };
}

function accountOf(user: JsonObject): Account {
  return {
    ...summaryOf(user),
    externalIds: list(user.external_ids, 'external_ids').map((entry) => {
      const { auth_provider, external_id } = object(entry, 'external_ids');
      return { provider: text(auth_provider, 'auth_provider'), id: text(external_id, 'external_id') };
    }),
    threepids: list(user.threepids, 'threepids').map((entry) => {
      const { medium, address } = object(entry, 'threepids');
      return { medium: text(medium, 'medium'), address: text(address, 'address') };
    }),
    admin: flag(user.admin, 'admin'),
    appservice: optionalText(user.appservice_id, 'appservice_id') !== undefined,
    suspended: flag(user.suspended, 'suspended'),
    avatarUrl: optionalText(user.avatar_url, 'avatar_url') || undefined,
  };
}
