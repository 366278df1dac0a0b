import type { ResourceId } from '../directory/resource.ts';
import { profileOf } from '../directory/user.ts';
import type { UserId } from '../matrix/ids.ts';
import type { Finding } from '../plan/change.ts';
import { oneLine } from '../plan/legible.ts';
import { deriveAccount } from '../plan/localpart.ts';
import type { PageQuery, Part } from '../store/page-store.ts';
import type { WorkItem } from '../store/store.ts';
import type { Desk } from './desk.ts';
import { type Step, stepJson } from './step.ts';

/** Somebody who gets nothing until a person mends it, with the ways out. */
export type Conflict = {
  readonly scimId: ResourceId;
  readonly userName: string | undefined;
  readonly displayName: string | undefined;
  readonly account: UserId | undefined;
  /** Whether the account is recorded to be hers. */
  readonly isLinked: boolean;
  /** Undefined if the journal does not tell it. */
  readonly code: Finding['code'] | undefined;
  readonly message: string;
  readonly waysOut: readonly { readonly step?: Step; readonly text: string }[];
};

export type Conflicts = {
  readonly conflicts: readonly Conflict[];
  /** How many fail for other reasons: refused by the homeserver, or broken off. */
  readonly others: number;
};

const MOST = 1_000_000;

/** Who is in conflict, a page at a time. */
export async function listConflicts(
  desk: Pick<Desk, 'store' | 'config'>,
  query: PageQuery,
): Promise<Part<Conflict>> {
  const { items, next } = await desk.store.pages.failing({ ...query, kind: 'conflict' });
  const conflicts: Conflict[] = [];
  for (const item of items) conflicts.push(await readConflict(desk, item));
  return { items: conflicts, next };
}

/** All who are in conflict. */
export async function readConflicts(desk: Pick<Desk, 'store' | 'config'>): Promise<Conflicts> {
  const failing = await desk.store.work.failing(MOST);
  const inConflict = failing.filter(({ lastError }) => lastError?.kind === 'conflict');
  const conflicts: Conflict[] = [];
  for (const item of inConflict) conflicts.push(await readConflict(desk, item));
  return { conflicts, others: failing.length - inConflict.length };
}

async function readConflict(
  { store, config }: Pick<Desk, 'store' | 'config'>,
  { userId, lastError }: WorkItem,
): Promise<Conflict> {
  const person = await store.people.person(userId);
  const profile = person && profileOf(person.user.attributes);
  const derived = profile && deriveAccount(config.accounts.localpart, profile, config.matrix.serverName);
  const link = await store.people.link(userId);
  const account = link?.account ?? (derived?.kind === 'derived' ? derived.account : undefined);
  const message = lastError?.message ?? '';
  const entries =
    account === undefined ? [] : await store.journal.find({ account, outcome: 'found', limit: 100 });
  const entry = entries.find((each) => each.userId === userId && each.detail === message);
  const code = account === undefined ? 'no-account-name' : (entry?.action as Finding['code'] | undefined);
  const found = { scimId: userId, userName: profile?.userName, displayName: profile?.displayName, account };
  const isLinked = link?.isConfirmed === true;
  return {
    ...found,
    isLinked,
    code,
    message,
    waysOut: waysOut(code, typable(profile?.userName) ?? userId, account),
  };
}

function waysOut(
  code: Finding['code'] | undefined,
  userName: string,
  account: UserId | undefined,
): Conflict['waysOut'] {
  const step: Step = { kind: 'link', user: userName, account };
  const link = { step, text: 'if the account is hers' };
  const rename = { text: 'give her another user name at the identity provider' };
  const adopt = {
    text: 'EXISTING_ACCOUNTS=adopt, if user names on both sides are known to mean the same people',
  };
  switch (code) {
    case 'account-taken':
      return [link, rename, adopt];
    case 'account-relinked':
    case 'external-id-of-another':
      return [
        { text: 'take the other external id off the account in Synapse (in MAS, if there is one)' },
        rename,
      ];
    case 'account-of-another':
      return [{ text: 'give one of both another user name or external id at the identity provider' }];
    case 'account-deactivated':
      return [{ text: 'reactivate the account in Synapse (in MAS, if there is one)' }, rename];
    case 'protected-account':
      return [{ text: 'invite her by hand, and keep her out of what the provider pushes' }, rename];
    case 'last-admin':
      return [
        {
          text: 'make somebody else a server admin, by a group of the map or in Synapse (in MAS, if there is one)',
        },
      ];
    case 'no-account-name':
      return [rename, { text: 'or set LOCALPART to what every user has' }];
    default:
      return account === undefined ? [rename] : [link, rename];
  }
}

/** Undefined for a name that a person can't copy from the screen. */
function typable(userName: string | undefined): string | undefined {
  return userName === undefined || oneLine(userName) === userName ? userName : undefined;
}

/** As JSON tells it. */
export function conflictJson({ waysOut: ways, ...conflict }: Conflict) {
  return {
    ...conflict,
    waysOut: ways.map(({ step, text }) => ({ ...(step && stepJson(step)), text })),
  };
}
