import type { ResourceId, SourceId } from '../../directory/resource.ts';
import { type Profile, profileOf, type User } from '../../directory/user.ts';
import type { UserId } from '../../matrix/ids.ts';
import { harmlessJson } from '../../plan/legible.ts';
import type { AccountReport, Store } from '../../store/store.ts';
import { EXIT, print, type Terminal } from '../terminal.ts';
import { atDesk } from './desk.ts';
import { scanUsers } from './find-person.ts';
import { tableWithHead, wrapped } from './text.ts';
import { unknownName } from './unknown.ts';

/** A user as `usher users` tells her. */
type UserFacts = {
  readonly scimId: ResourceId;
  readonly userName: string;
  readonly displayName: string | undefined;
  readonly source: SourceId;
  readonly isActive: boolean;
  readonly account: UserId | undefined;
  /** Of the account, as recorded. */
  readonly state: string;
  readonly groups: number;
  /** Rooms that she is recorded to be in. */
  readonly rooms: number;
  readonly lastError: string | undefined;
};

const PIECE = 500;
const ERROR_INDENT = 4;

type Options = { readonly json: boolean; readonly failing: boolean };

/** Lists the people whom providers pushed, some at a time. */
export async function usersCommand(
  terminal: Terminal,
  { json, failing }: Options,
  [pattern]: readonly string[],
): Promise<number> {
  return atDesk(terminal, async ({ store }) => {
    let printed = 0;
    for await (const users of inPieces(scanUsers(store, 'name'))) {
      const found = await readUsers(
        store,
        users,
        (user) => (!failing || user.lastError !== undefined) && matches(user, pattern),
      );
      if (found.length === 0) continue;
      if (json) print(terminal, found.map((user) => harmlessJson(user)).join('\n'));
      else print(terminal, render(found, printed === 0));
      printed += found.length;
    }
    if (printed > 0 || json) return EXIT.ok;
    if (pattern !== undefined) throw await noMatch(store, pattern, failing);
    print(
      terminal,
      failing
        ? 'Nobody: all are as they should be.'
        : 'No user is there: the provider pushed none, or deleted them.',
    );
    return EXIT.ok;
  });
}

async function* inPieces(users: AsyncIterable<User>): AsyncGenerator<readonly User[]> {
  let piece: User[] = [];
  for await (const user of users) {
    piece.push(user);
    if (piece.length < PIECE) continue;
    yield piece;
    piece = [];
  }
  if (piece.length > 0) yield piece;
}

type Candidate = Profile & { readonly account: UserId | undefined; readonly lastError: string | undefined };

function matches(user: Candidate, pattern: string | undefined): boolean {
  if (pattern === undefined) return true;
  const wanted = pattern.toLowerCase();
  const texts = [user.userName, user.displayName, user.email, user.externalId, user.account];
  return texts.some((text) => text?.toLowerCase().includes(wanted));
}

async function readUsers(
  store: Store,
  users: readonly User[],
  isWanted: (user: Candidate) => boolean,
): Promise<readonly UserFacts[]> {
  const reports = await store.people.reports(users.map(({ id }) => id));
  const wanted = users.flatMap((user) => {
    const report = reports.get(user.id);
    const profile = profileOf(user.attributes);
    const candidate = { ...profile, account: report?.account, lastError: report?.lastError };
    return report !== undefined && isWanted(candidate) ? [{ user, report, profile }] : [];
  });
  const groups = await store.groups.ofUsers(wanted.map(({ user }) => user.id));
  return wanted.map(({ user, report, profile }) => ({
    scimId: user.id,
    userName: profile.userName,
    displayName: profile.displayName,
    source: user.source,
    isActive: profile.active,
    account: report.account,
    state: stateOf(report),
    groups: groups.get(user.id)?.length ?? 0,
    rooms: report.rooms.filter(({ state }) => state === 'joined').length,
    lastError: report.lastError,
  }));
}

function stateOf({ account, isConfirmed, restriction }: AccountReport): string {
  if (account === undefined) return 'none';
  if (!isConfirmed) return 'pending';
  return restriction === undefined ? 'active' : STATES[restriction];
}

const STATES = { lock: 'locked', suspend: 'suspended', deactivate: 'deactivated', erase: 'erased' } as const;

async function noMatch(store: Store, pattern: string, failing: boolean): Promise<Error> {
  const names: string[] = [];
  for await (const user of scanUsers(store)) names.push(profileOf(user.attributes).userName);
  return unknownName(failing ? 'nobody who fails matches' : 'no user matches', pattern, names);
}

function render(users: readonly UserFacts[], withHead: boolean): string {
  const [head = '', ...lines] = tableWithHead(
    ['USER', 'ACCOUNT', 'STATE', 'ACTIVE', 'GROUPS', 'ROOMS'],
    users.map(({ userName, account, state, isActive, groups, rooms }) => [
      userName,
      account ?? '–',
      state,
      isActive ? 'yes' : 'no',
      String(groups),
      String(rooms),
    ]),
  );
  const body = users.flatMap(({ lastError }, index) => {
    const error = lastError === undefined ? [] : wrapped(`! ${lastError}`, ERROR_INDENT);
    return [lines[index] ?? '', ...error.map((line) => `${' '.repeat(ERROR_INDENT)}${line}`)];
  });
  return [...(withHead ? [head] : []), ...body].join('\n');
}
