import type { ResourceId } from '../directory/resource.ts';
import { profileOf } from '../directory/user.ts';
import type { Account } from '../matrix/homeserver.ts';
import { localpartOf, parseUserId, serverNameOf, type UserId } from '../matrix/ids.ts';
import { whole } from '../pieces.ts';
import { protection } from '../plan/account-conflict.ts';
import { oneLine } from '../plan/legible.ts';
import { oursOf } from '../reconcile/holders.ts';
import type { AccountLink, Store } from '../store/store.ts';
import type { Desk } from './desk.ts';
import { Refused } from './error.ts';
import type { Found } from './find-person.ts';
import { policyOf } from './planning.ts';
import { unknownName } from './unknown-name.ts';

/** Who decides, for the journal, and when: milliseconds since 1970. */
export type Deed = { readonly who: string; readonly now: number };

type Writable = Pick<Store, 'people' | 'guard' | 'journal' | 'work'>;

/** Whether there is nothing to link. One that is not confirmed was about to be made, perhaps by halves. */
export function isLinked({ link }: Found, account: UserId): boolean {
  return link?.account === account && link.isConfirmed;
}

/** Says that an account is a user's. */
export async function linkPerson(store: Writable, found: Found, account: UserId, deed: Deed): Promise<void> {
  // What we put on it for somebody who was deleted is replaced or undone for her.
  const [before] = await store.people.linksOf(account);
  for (const link of await store.people.linksOf(account)) await store.people.removeLink(link.userId);
  await store.people.saveLink({
    userId: found.userId,
    account,
    externalId: before?.externalId,
    email: before?.email,
    restriction: before?.restriction,
    isConfirmed: true,
    inactiveSince: undefined,
    photo: before?.photo,
    avatar: before?.avatar,
    isAdmin: before?.isAdmin === true,
  });
  await note(store, 'link', found.userId, account, `link ${calledBy(found)} to ${account}`, deed);
  // Somebody has decided: until she is looked at, within seconds, nobody knows of a conflict.
  await store.work.forgetError(found.userId, 'conflict');
}

/** Forgets whose account it is, and resolves with what was recorded. Rejects with `Refused` if she has none. */
export async function unlinkPerson(store: Writable, found: Found, deed: Deed): Promise<AccountLink> {
  const { link } = found;
  if (link === undefined) throw new Refused(`${calledBy(found)} is not linked to any account.`);
  await store.people.removeLink(found.userId);
  if ((await store.people.linksOf(link.account)).length === 0) await forget(store, link.account);
  await note(
    store,
    'unlink',
    found.userId,
    link.account,
    `unlink ${calledBy(found)} from ${link.account}`,
    deed,
  );
  return link;
}

/** What stays on an account that is nobody's any more, in sentences. */
export function leftOn({ externalId, restriction, isAdmin }: AccountLink): readonly string[] {
  return [
    ...(externalId === undefined
      ? []
      : [
          `Her external id ${externalId} is on the account: take it off in Synapse (in MAS, if there is one), or it is found to be hers again.`,
        ]),
    ...(restriction === undefined
      ? []
      : [
          `Usher put a restriction on it (${restriction}), which nobody takes back now: do that in Synapse (in MAS, if there is one).`,
        ]),
    ...(isAdmin
      ? [
          'Usher made it a server admin. It stays one, which nobody takes back now, and Usher never touches it again: do that in Synapse (in MAS, if there is one).',
        ]
      : []),
  ];
}

/** Nobody has the account: what was recorded of it is nobody's, and what is held of it is not wanted any more. */
async function forget(store: Writable, account: UserId): Promise<void> {
  for (const { roomId } of await store.people.entitlements(account)) {
    await store.people.endEntitlement(account, roomId);
  }
  for (const row of await store.guard.heldOf(account)) await store.guard.forget(row);
}

async function note(
  store: Writable,
  action: 'link' | 'unlink',
  userId: ResourceId,
  account: UserId,
  detail: string,
  { who: cause, now }: Deed,
): Promise<void> {
  const entry = {
    at: now,
    action,
    outcome: 'done',
    account,
    roomId: undefined,
    userId,
    detail,
    cause,
  } as const;
  await store.journal.append(entry);
  await store.work.mark([userId], 'small', now, cause);
}

/** An account of this homeserver. Rejects with `Refused` or `UnknownName`, and if the homeserver can't be asked. */
export async function readAccount(
  { homeserver, config, store }: Pick<Desk, 'homeserver' | 'config' | 'store'>,
  name: string,
): Promise<Account> {
  const account = await lookUpAccount({ homeserver, config }, name);
  if (account !== undefined) return account;
  const { serverName } = config.matrix;
  const known: UserId[] = [];
  for await (const each of homeserver.accounts()) known.push(each.userId);
  const roster = (await whole(store.people.roster())).map((entry) => entry.account);
  const near = [...known, ...roster].filter((each) => serverNameOf(each) === serverName).map(localpartOf);
  throw unknownName(
    'there is no account',
    localpartOf(name as UserId),
    near,
    `Accounts are on ${serverName}.`,
  );
}

/** The same, and undefined if there is none: without a look at all others. */
export async function lookUpAccount(
  { homeserver, config }: Pick<Desk, 'homeserver' | 'config'>,
  name: string,
): Promise<Account | undefined> {
  const { serverName } = config.matrix;
  const userId = parseUserId(name);
  if (userId === undefined || serverNameOf(userId) !== serverName) {
    throw new Refused(`"${name}" is not a Matrix id of this homeserver, such as @ann:${serverName}.`);
  }
  return homeserver.account(userId);
}

/** Rejects with `Refused` if the account is not hers to have. */
export async function refuseIfWrong(
  { config, store }: Pick<Desk, 'config' | 'store'>,
  found: Found,
  account: Account,
): Promise<void> {
  const { userId } = account;
  if (found.user === undefined) throw new Refused(`${calledBy(found)} was deleted by the provider.`);
  const { isAdmin } = oursOf(await store.people.linksOf(userId));
  const guarded = protection(account, policyOf(config), isAdmin);
  if (guarded !== undefined) throw new Refused(guarded.message);
  const other = await otherHolder(store, userId, found);
  if (other !== undefined) {
    const { userName } = profileOf((await store.people.person(other.userId))?.user.attributes ?? {});
    throw new Refused(
      `${userId} is the account of ${oneLine(userName)} (SCIM id ${other.userId}). Unlink it from her before.`,
      { step: { kind: 'unlink', user: other.userId } },
    );
  }
  if (found.link !== undefined && found.link.account !== userId) {
    throw new Refused(
      `${calledBy(found)} has the account ${found.link.account}. Unlink it from her before.`,
      { step: { kind: 'unlink', user: found.userId } },
    );
  }
}

/** Who has the account and was not deleted: from who was, it may be taken over. */
async function otherHolder(
  store: Pick<Store, 'people'>,
  account: UserId,
  { userId }: Found,
): Promise<AccountLink | undefined> {
  for (const link of await store.people.linksOf(account)) {
    if (link.userId !== userId && (await store.people.person(link.userId)) !== undefined) return link;
  }
  return undefined;
}

/** Her user name; her id once she is deleted. */
export function calledBy({ user, userId }: Found): string {
  return user === undefined ? userId : oneLine(profileOf(user.attributes).userName);
}
