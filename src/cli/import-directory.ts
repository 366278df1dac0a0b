import { foldCase, type ResourceId, type SourceId } from '../directory/resource.ts';
import { profileOf } from '../directory/user.ts';
import type { Homeserver } from '../matrix/homeserver.ts';
import { type UserId, userId } from '../matrix/ids.ts';
import type { Store } from '../store/store.ts';
import type { OldGroup, OldUser } from './predecessor.ts';

/** A user with the id that she keeps, and her account if it is known for certain. */
export type KnownUser = Omit<OldUser, 'id'> & { readonly id: ResourceId };

export type OldDirectory = { readonly users: readonly KnownUser[]; readonly groups: readonly OldGroup[] };

/**
 * The ids that synapse-scim gave and did not write down: the Matrix id that Synapse has for the externalId, else the one
 * that synapse-scim made of it. Only reads.
 */
export async function findIds(
  users: readonly OldUser[],
  homeserver: Pick<Homeserver, 'accountByExternalId'>,
  { provider, serverName }: { readonly provider: string; readonly serverName: string },
  progress: (text: string) => void,
): Promise<readonly KnownUser[]> {
  const known: KnownUser[] = [];
  for (const [index, user] of users.entries()) {
    const { id, externalId = '' } = user;
    if (id !== undefined) {
      known.push({ ...user, id: id as ResourceId });
      continue;
    }
    progress(`looking for accounts: ${index + 1} of ${users.length} users …`);
    const account = await homeserver.accountByExternalId({ provider, id: externalId });
    const given: string = account ?? userId(externalId, serverName);
    known.push({ ...user, id: given as ResourceId, account });
  }
  return known;
}

/** Members by the ids of users and groups: who was named by her externalId, Matrix id or user name, too. */
export function connectMembers({ users, groups }: OldDirectory): {
  readonly groups: readonly OldGroup[];
  /** Values that are nobody's. */
  readonly unknown: readonly string[];
} {
  const ids = new Map<string, string>();
  // The first one that has a name has it: ids before the rest.
  const name = (value: string | undefined, id: string): void => {
    if (value !== undefined && !ids.has(value)) ids.set(value, id);
  };
  for (const { id } of [...users, ...groups]) name(id, id);
  for (const { id, externalId } of users) name(externalId, id);
  for (const { id, account } of users) name(account, id);
  for (const { id, attributes } of groups) name(String(attributes.externalId), id);
  for (const { id, attributes } of users) name(userNameKey(profileOf(attributes).userName), id);
  const unknown = new Set<string>();
  const idOf = (value: string): string => {
    const id = ids.get(value) ?? ids.get(userNameKey(value));
    if (id === undefined) unknown.add(value);
    return id ?? value;
  };
  return {
    groups: groups.map((group) => ({ ...group, members: [...new Set(group.members.map(idOf))] })),
    unknown: [...unknown],
  };
}

/** Writes all of it. An account that is known is hers, whatever its name. */
export async function fill(
  store: Store,
  { users, groups }: OldDirectory,
  { source, now, reason }: { readonly source: SourceId; readonly now: number; readonly reason: string },
): Promise<void> {
  await store.guard.openHold({ scope: 'imported', reason, since: now });
  for (const { id, attributes, account } of users) {
    await store.users.create(source, attributes, now, id);
    if (account !== undefined) await store.people.saveLink(linkOf(id, account));
  }
  for (const { id, attributes, members } of groups) {
    await store.groups.create(source, { attributes, members }, now, id);
  }
}

/** What synapse-scim put on the account is not known to be ours to take away. */
function linkOf(id: ResourceId, account: UserId) {
  return {
    userId: id,
    account,
    externalId: undefined,
    email: undefined,
    restriction: undefined,
    isAdmin: false,
    isConfirmed: true,
    inactiveSince: undefined,
    photo: undefined,
    avatar: undefined,
  };
}

/** Apart from ids, which are compared as they are. */
function userNameKey(userName: string): string {
  return `userName ${foldCase(userName)}`;
}
