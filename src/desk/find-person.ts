import type { ResourceId } from '../directory/resource.ts';
import { profileOf, type User } from '../directory/user.ts';
import { parseUserId, type UserId } from '../matrix/ids.ts';
import { whole } from '../pieces.ts';
import { deriveAccount } from '../plan/localpart.ts';
import type { AccountLink, Store } from '../store/store.ts';
import type { Desk } from './desk.ts';
import { Refused, UnknownName } from './error.ts';
import { unknownName } from './unknown-name.ts';

/** A person that somebody asked for: a user, or what is left of one. */
export type Found = {
  readonly userId: ResourceId;
  /** Undefined once she is deleted. */
  readonly user: User | undefined;
  readonly link: AccountLink | undefined;
};

type Deps = Pick<Desk, 'store' | 'config'>;

/** By Matrix id, user name, or SCIM id. Rejects with `UnknownName`, which names the nearest name there is, and with `Refused` if several have it. */
export async function findPerson(deps: Deps, name: string): Promise<Found> {
  const account = parseUserId(name);
  const found = account === undefined ? undefined : await byAccount(deps, account);
  if (found !== undefined) return found;
  const byId = await withLink(deps.store, name as ResourceId);
  if (byId !== undefined) return byId;
  const only = await onlyOne(deps.store, name);
  if (only !== undefined) return only;
  throw await nobody(deps, name, account);
}

/** Rejects with `Refused` if several have the user name. */
async function onlyOne(store: Store, name: string): Promise<Found | undefined> {
  const named = await byUserName(store, name);
  const [only, ...others] = named;
  if (only === undefined) return undefined;
  if (others.length === 0) return { userId: only.id, user: only, link: await store.people.link(only.id) };
  const ids = named.map(({ id, source }) => `${id} (${source})`).join(', ');
  throw new Refused(`there are several users "${name}". Give the SCIM id of one: ${ids}.`);
}

/** The same by what an index answers alone, however many there are. Rejects likewise, and knows no nearest name. */
export async function lookUpPerson(store: Store, name: string): Promise<Found> {
  const account = parseUserId(name);
  const linked = account === undefined ? undefined : await byLink(store, account);
  const found = linked ?? (await withLink(store, name as ResourceId)) ?? (await onlyOne(store, name));
  if (found !== undefined) return found;
  throw new UnknownName(`there is no user "${name}". Give a Matrix id, a user name, or a SCIM id.`);
}

async function nobody(deps: Deps, name: string, account: UserId | undefined): Promise<UnknownName> {
  const names: string[] = [];
  for await (const user of scanUsers(deps.store)) names.push(profileOf(user.attributes).userName);
  if (account === undefined) {
    return unknownName('there is no user', name, names, 'Give a Matrix id, a user name, or a SCIM id.');
  }
  const accounts = (await whole(deps.store.people.roster())).map((entry) => entry.account);
  const hint = 'What no provider pushed is not known to Usher.';
  return unknownName('no user has the account', name, accounts, hint);
}

async function byAccount(deps: Deps, account: UserId): Promise<Found | undefined> {
  return (await byLink(deps.store, account)) ?? (await byNameToCome(deps, account));
}

/** Of those who share it, one who is there. */
async function byLink(store: Store, account: UserId): Promise<Found | undefined> {
  const links = await store.people.linksOf(account);
  const all = await Promise.all(links.map(({ userId }) => withLink(store, userId)));
  const found = all.filter((each) => each !== undefined);
  const isThere = ({ user }: Found): boolean => user !== undefined && profileOf(user.attributes).active;
  return found.find(isThere) ?? found.find(({ user }) => user !== undefined) ?? found[0];
}

/** Who would get the account: she has none yet, perhaps because it is somebody else's. */
async function byNameToCome({ store, config }: Deps, account: UserId): Promise<Found | undefined> {
  const without = new Set(await whole(store.survey.withoutAccount()));
  if (without.size === 0) return undefined;
  for await (const user of scanUsers(store)) {
    if (!without.has(user.id)) continue;
    const profile = profileOf(user.attributes);
    const derived = deriveAccount(config.accounts.localpart, profile, config.matrix.serverName);
    if (derived.kind === 'derived' && derived.account === account) {
      return { userId: user.id, user, link: undefined };
    }
  }
  return undefined;
}

async function withLink(store: Store, userId: ResourceId): Promise<Found | undefined> {
  const person = await store.people.person(userId);
  const link = await store.people.link(userId);
  return person === undefined && link === undefined ? undefined : { userId, user: person?.user, link };
}

async function byUserName(store: Store, userName: string): Promise<readonly User[]> {
  const order = { by: 'creation', isDescending: false } as const;
  const found: User[] = [];
  for (const { source } of await store.overview.sources()) {
    for await (const users of store.users.scan(source, { where: { userName }, order })) found.push(...users);
  }
  return found;
}

/** Every user of every source. */
export async function* scanUsers(store: Store, by: 'creation' | 'name' = 'creation'): AsyncGenerator<User> {
  for (const { source } of await store.overview.sources()) {
    for await (const users of store.users.scan(source, { where: {}, order: { by, isDescending: false } })) {
      yield* users;
    }
  }
}
