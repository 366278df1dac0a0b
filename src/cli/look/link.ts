import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import type { ResourceId } from '../../directory/resource.ts';
import { profileOf } from '../../directory/user.ts';
import type { Account } from '../../matrix/homeserver.ts';
import { localpartOf, parseUserId, serverNameOf, type UserId } from '../../matrix/ids.ts';
import { whole } from '../../pieces.ts';
import { protection } from '../../plan/account-conflict.ts';
import { oneLine } from '../../plan/legible.ts';
import { openStoreBeside } from '../../store/sqlite/open-store.ts';
import type { AccountLink, Store } from '../../store/store.ts';
import { policyOf } from '../engine.ts';
import { EXIT, print, type Terminal, UsageError } from '../terminal.ts';
import { atDesk, type Desk } from './desk.ts';
import { type Found, findPerson } from './find-person.ts';
import { count, fields } from './text.ts';
import { unknownName } from './unknown.ts';

/** Says that an account is a user's: the way out of a conflict. */
export async function linkCommand(
  terminal: Terminal,
  options: { readonly yes: boolean },
  [userName = '', accountName = '']: readonly string[],
): Promise<number> {
  const pair = await atDesk(terminal, async (desk) => {
    const found = await findPerson(desk, userName);
    const account = await readAccount(desk, accountName);
    await refuseIfWrong(desk, found, account);
    print(terminal, await describe(desk, found, account));
    return { found, account: account.userId, dataDir: desk.config.dataDir };
  });
  const { found, account, dataDir } = pair;
  // One that is not confirmed was about to be made, and may have been made by halves.
  if (found.link?.account === account && found.link.isConfirmed) {
    print(terminal, '\nThey are linked already. Nothing was done.');
    return EXIT.ok;
  }
  if (
    !options.yes &&
    !(await isAgreed(terminal, 'Link them? From then on the provider decides about that account.'))
  ) {
    return EXIT.failed;
  }
  await beside(dataDir, async (store) => {
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
    });
    await note(store, 'link', found.userId, account, `link ${nameOf(found)} to ${account}`);
  });
  print(
    terminal,
    `Linked ${nameOf(found)} to ${account}. She is looked at within seconds: usher explain ${account}`,
  );
  return EXIT.ok;
}

/** Nobody has the account: what was recorded of it is nobody's, and what is held of it is not wanted any more. */
async function forget(store: Store, account: UserId): Promise<void> {
  for (const { roomId } of await store.people.entitlements(account)) {
    await store.people.endEntitlement(account, roomId);
  }
  for (const row of await store.guard.heldOf(account)) await store.guard.forget(row);
}

/** Forgets whose account it is; the account and its rooms stay as they are. */
export async function unlinkCommand(terminal: Terminal, [name = '']: readonly string[]): Promise<number> {
  const { found, dataDir } = await atDesk(terminal, async (desk) => ({
    found: await findPerson(desk, name),
    dataDir: desk.config.dataDir,
  }));
  const { link } = found;
  if (link === undefined) throw new UsageError(`${nameOf(found)} is not linked to any account.`);
  await beside(dataDir, async (store) => {
    await store.people.removeLink(found.userId);
    if ((await store.people.linksOf(link.account)).length === 0) await forget(store, link.account);
    await note(store, 'unlink', found.userId, link.account, `unlink ${nameOf(found)} from ${link.account}`);
  });
  const left = [
    ...(link.externalId === undefined
      ? []
      : [
          `Her external id ${link.externalId} is on the account: take it off in Synapse, or it is found to be hers again.`,
        ]),
    ...(link.restriction === undefined
      ? []
      : [
          `Usher put a restriction on it (${link.restriction}), which nobody takes back now: do that in Synapse.`,
        ]),
  ];
  print(
    terminal,
    [`Unlinked ${nameOf(found)} from ${link.account}. Its rooms stay as they are.`, ...left].join('\n'),
  );
  return EXIT.ok;
}

async function beside(dataDir: string, write: (store: Store) => Promise<void>): Promise<void> {
  const store = openStoreBeside(dataDir);
  try {
    await write(store);
  } finally {
    await store.close();
  }
}

async function note(
  store: Store,
  action: 'link' | 'unlink',
  userId: ResourceId,
  account: UserId,
  detail: string,
): Promise<void> {
  const now = Date.now();
  const cause = `usher ${action}`;
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

async function readAccount({ homeserver, config, store }: Desk, name: string): Promise<Account> {
  const { serverName } = config.matrix;
  const userId = parseUserId(name);
  if (userId === undefined || serverNameOf(userId) !== serverName) {
    throw new UsageError(`"${name}" is not a Matrix id of this homeserver, such as @ann:${serverName}.`);
  }
  const account = await homeserver.account(userId);
  if (account !== undefined) return account;
  const known: UserId[] = [];
  for await (const each of homeserver.accounts()) known.push(each.userId);
  const roster = (await whole(store.people.roster())).map((entry) => entry.account);
  const near = [...known, ...roster].filter((each) => serverNameOf(each) === serverName).map(localpartOf);
  throw unknownName('there is no account', localpartOf(userId), near, `Accounts are on ${serverName}.`);
}

/** Who has the account and was not deleted: from who was, it may be taken over. */
async function otherHolder(
  store: Store,
  account: UserId,
  { userId }: Found,
): Promise<AccountLink | undefined> {
  for (const link of await store.people.linksOf(account)) {
    if (link.userId !== userId && (await store.people.person(link.userId)) !== undefined) return link;
  }
  return undefined;
}

async function refuseIfWrong({ config, store }: Desk, found: Found, account: Account): Promise<void> {
  const { userId } = account;
  if (found.user === undefined) throw new UsageError(`${nameOf(found)} was deleted by the provider.`);
  const guarded = protection(account, policyOf(config));
  if (guarded !== undefined) throw new UsageError(guarded.message);
  const other = await otherHolder(store, userId, found);
  if (other !== undefined) {
    const { userName } = profileOf((await store.people.person(other.userId))?.user.attributes ?? {});
    throw new UsageError(
      `${userId} is the account of ${oneLine(userName)} (SCIM id ${other.userId}). To take it from her: usher unlink ${other.userId}`,
    );
  }
  if (found.link !== undefined && found.link.account !== userId) {
    const unlink = `usher unlink ${found.userId}`;
    throw new UsageError(
      `${nameOf(found)} has the account ${found.link.account}. To take it from her: ${unlink}`,
    );
  }
}

async function describe({ config, store }: Desk, { user, userId }: Found, account: Account): Promise<string> {
  const { provider } = config.accounts;
  const profile = user && profileOf(user.attributes);
  const groups = (await store.groups.ofUsers([userId])).get(userId) ?? [];
  const ids = account.externalIds.map(({ provider: name, id }) => `${name}: ${id}`);
  const emails = account.threepids.filter(({ medium }) => medium === 'email').map(({ address }) => address);
  const other = account.externalIds.find((id) => id.provider === provider && id.id !== profile?.externalId);
  const states = [
    ...(account.deactivated ? ['deactivated'] : []),
    ...(account.locked ? ['locked'] : []),
    ...(account.suspended ? ['suspended'] : []),
  ];
  return [
    ...fields([
      ['User', [`${profile?.userName}, SCIM id ${userId}, source ${user?.source}`]],
      ['  called', [profile?.displayName ?? '–']],
      ['  e-mail', [profile?.email ?? '–']],
      ['  external id', [profile?.externalId ?? '–']],
      ['  state', [profile?.active === false ? 'not active' : 'active']],
      ['  groups', [count(groups.length, 'group')]],
      ['Account', [account.userId]],
      ['  called', [account.displayName ?? '–']],
      ['  e-mail', [emails.join(', ') || '–']],
      ['  external ids', [ids.join(', ') || '–']],
      ['  state', [states.join(', ') || 'active, no server admin']],
    ]),
    ...(profile?.active === false
      ? ['\n! She is not active: the account is dealt with as ON_DEACTIVATE says.']
      : []),
    ...(other === undefined
      ? []
      : [
          `\n! The account is linked to ${other.id} at ${provider}. Take that off in Synapse, or she stays in conflict.`,
        ]),
  ].join('\n');
}

function nameOf({ user, userId }: Found): string {
  return user === undefined ? userId : oneLine(profileOf(user.attributes).userName);
}

async function isAgreed({ stdin, stdout }: Terminal, question: string): Promise<boolean> {
  const input = stdin?.();
  if (input?.isTTY !== true)
    throw new UsageError('nobody is there to be asked: look at both, and give --yes.');
  const lines = createInterface({ input, output: stdout });
  try {
    // Who ends the input has not agreed.
    const ended = once(lines, 'close').then(() => '');
    const answer = await Promise.race([lines.question(`\n${question} [y/N] `), ended]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
