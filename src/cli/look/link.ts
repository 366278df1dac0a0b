import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import type { Desk } from '../../desk/desk.ts';
import { type Found, findPerson } from '../../desk/find-person.ts';
import {
  calledBy,
  isLinked,
  leftOn,
  linkPerson,
  readAccount,
  refuseIfWrong,
  unlinkPerson,
} from '../../desk/link.ts';
import { count } from '../../desk/words.ts';
import { profileOf } from '../../directory/user.ts';
import type { Account } from '../../matrix/homeserver.ts';
import { openStoreBeside } from '../../store/sqlite/open-store.ts';
import type { Store } from '../../store/store.ts';
import { EXIT, print, type Terminal, UsageError } from '../terminal.ts';
import { atDesk } from './desk.ts';
import { fields } from './text.ts';

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
  if (isLinked(found, account)) {
    print(terminal, '\nThey are linked already. Nothing was done.');
    return EXIT.ok;
  }
  if (
    !options.yes &&
    !(await isAgreed(terminal, 'Link them? From then on the provider decides about that account.'))
  ) {
    return EXIT.failed;
  }
  const deed = { who: 'usher link', now: Date.now() };
  await beside(dataDir, (store) => linkPerson(store, found, account, deed));
  print(
    terminal,
    `Linked ${calledBy(found)} to ${account}. She is looked at within seconds: usher explain ${account}`,
  );
  return EXIT.ok;
}

/** Forgets whose account it is; the account and its rooms stay as they are. */
export async function unlinkCommand(terminal: Terminal, [name = '']: readonly string[]): Promise<number> {
  const { found, dataDir } = await atDesk(terminal, async (desk) => ({
    found: await findPerson(desk, name),
    dataDir: desk.config.dataDir,
  }));
  const deed = { who: 'usher unlink', now: Date.now() };
  const link = await beside(dataDir, (store) => unlinkPerson(store, found, deed));
  print(
    terminal,
    [`Unlinked ${calledBy(found)} from ${link.account}. Its rooms stay as they are.`, ...leftOn(link)].join(
      '\n',
    ),
  );
  return EXIT.ok;
}

async function beside<T>(dataDir: string, write: (store: Store) => Promise<T>): Promise<T> {
  const store = openStoreBeside(dataDir);
  try {
    return await write(store);
  } finally {
    await store.close();
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
          `\n! The account is linked to ${other.id} at ${provider}. Take that off in Synapse (in MAS, if there is one), or she stays in conflict.`,
        ]),
  ].join('\n');
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
