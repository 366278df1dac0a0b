import { scanUsers } from '../../desk/find-person.ts';
import { unknownName } from '../../desk/unknown-name.ts';
import { matches, readUsers, type UserFacts } from '../../desk/users.ts';
import { profileOf, type User } from '../../directory/user.ts';
import { harmlessJson } from '../../plan/legible.ts';
import type { Store } from '../../store/store.ts';
import { EXIT, print, type Terminal } from '../terminal.ts';
import { atDesk } from './desk.ts';
import { tableWithHead, wrapped } from './text.ts';

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
