import type { RestClient } from '../rest/client.ts';
import { whereFound } from '../rest/found.ts';
import { flag, list, object, optionalText, text } from '../rest/read.ts';
import { type Resource, resourceIn, resources } from './resource.ts';

/** A user of MAS. `id` is its ULID, `username` the localpart of the Matrix id. */
export type MasUser = {
  readonly id: string;
  readonly username: string;
  readonly locked: boolean;
  readonly deactivated: boolean;
  /** In milliseconds since 1970. */
  readonly deactivatedAt: number | undefined;
  /** Whether it may ask for a token with admin rights. */
  readonly admin: boolean;
};

export type NewUser = {
  readonly username: string;
  readonly displayName: string | undefined;
  /** Also if Synapse has an account of that name, which the user then gets. */
  readonly adopts: boolean;
};

export type MasUsers = {
  /** In any case of its letters: accounts from before there was a MAS may have capitals. */
  readonly byName: (username: string) => Promise<MasUser | undefined>;
  readonly byId: (id: string) => Promise<MasUser | undefined>;
  readonly all: () => AsyncIterable<MasUser>;
  /** So many of those who are neither locked nor deactivated, who were made last. */
  readonly newest: (count: number) => Promise<readonly MasUser[]>;
  /** Those who may ask for tokens with admin rights. */
  readonly admins: () => AsyncIterable<MasUser>;
  /** Makes the account in Synapse, too. Refused if the name is taken, reserved, or no name for MAS. */
  readonly add: (user: NewUser) => Promise<MasUser>;
  /** Synapse hears of a lock or its end some moments later. */
  readonly setLocked: (id: string, isLocked: boolean) => Promise<void>;
  /** Ends sessions and takes e-mails and rooms, some moments later. */
  readonly deactivate: (id: string, options: { readonly isErased: boolean }) => Promise<void>;
  /** What sessions have already, they keep. */
  readonly setAdmin: (id: string, isAdmin: boolean) => Promise<void>;
  /** Whether she has ever had a session of a browser, or of a client of before MAS: each way to sign in begins with one of them. */
  readonly hasSignedIn: (id: string) => Promise<boolean>;
  /** Gives back neither e-mails nor rooms, and lifts no lock. */
  readonly reactivate: (id: string) => Promise<void>;
};

const USERS = '/api/admin/v1/users';

/** What MAS takes for a new username. Those of Matrix may begin with an underscore, too, and old ones have other letters. */
export function isUsername(name: string): boolean {
  return /^[a-z0-9=\-./+][a-z0-9=_\-./+]*$/.test(name);
}

/**
 * MAS gives up on Synapse after 60 seconds. Who hangs up before has the account made in Synapse and forgotten by MAS
 * (MAS 1.22).
 */
const CREATION_MS = 75_000;

export function createMasUsers(client: RestClient): MasUsers {
  const found = async (route: string, params: Readonly<Record<string, string>>) => {
    const answer = await whereFound(client.call({ method: 'GET', route, params }));
    return answer === undefined ? undefined : userOf(resourceIn(answer, 'user'));
  };
  async function* listed(query: Readonly<Record<string, string>>): AsyncGenerator<MasUser> {
    for await (const each of resources(client, { route: USERS, query }, 'user')) yield userOf(each);
  }
  const act = async (id: string, action: string, body?: Readonly<Record<string, unknown>>): Promise<void> => {
    const answer = await client.call({
      ...{ method: 'POST', route: `${USERS}/{id}/${action}`, params: { id } },
      ...(body !== undefined && { body }),
    });
    userOf(resourceIn(answer, 'user'));
  };
  return {
    byName: (username) => found(`${USERS}/by-username/{username}`, { username }),
    byId: (id) => found(`${USERS}/{id}`, { id }),

    all: () => listed({}),
    async newest(count) {
      const query = { 'filter[status]': 'active', 'page[last]': `${count}`, count: 'false' };
      const page = object(await client.call({ method: 'GET', route: USERS, query }), 'the page of users');
      return list(page.data, 'users').map((data) => userOf(resourceIn({ data }, 'user')));
    },
    // Where MAS does not know a filter it lists everybody, so each is looked at.
    async *admins() {
      for await (const user of listed({ 'filter[admin]': 'true' })) if (user.admin) yield user;
    },

    async add({ username, displayName, adopts }) {
      const body = {
        username,
        ...(displayName !== undefined && { displayname: displayName }),
        ...(adopts && { skip_homeserver_check: true }),
      };
      const call = { method: 'POST', route: USERS, body, atLeastMs: CREATION_MS } as const;
      return userOf(resourceIn(await client.call(call), 'user'));
    },

    setLocked: (id, isLocked) => act(id, isLocked ? 'lock' : 'unlock'),
    // Without a body, MAS erases.
    deactivate: (id, { isErased }) => act(id, 'deactivate', { skip_erase: !isErased }),
    reactivate: (id) => act(id, 'reactivate'),

    setAdmin: (id, isAdmin) => act(id, 'set-admin', { admin: isAdmin }),

    async hasSignedIn(id) {
      const query = { 'filter[user]': id, 'page[first]': '1', count: 'false' };
      const hasAny = async (route: string): Promise<boolean> => {
        const answer = await client.call({ method: 'GET', route, query });
        return list(object(answer, 'the sessions').data, 'sessions').length > 0;
      };
      const routes = ['/api/admin/v1/user-sessions', '/api/admin/v1/compat-sessions'];
      return (await Promise.all(routes.map(hasAny))).some((has) => has);
    },
  };
}

function userOf({ id, attributes }: Resource): MasUser {
  const { username, locked_at, deactivated_at, admin } = attributes;
  const deactivatedAt = optionalText(deactivated_at, 'deactivated_at');
  return {
    id,
    username: text(username, 'username'),
    locked: optionalText(locked_at, 'locked_at') !== undefined,
    deactivated: deactivatedAt !== undefined,
    deactivatedAt: deactivatedAt === undefined ? undefined : Date.parse(deactivatedAt),
    admin: flag(admin, 'admin'),
  };
}
