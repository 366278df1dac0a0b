import { type Desk, roomNames } from '../../desk/desk.ts';
import { entryJson } from '../../desk/explain-json.ts';
import { findPerson } from '../../desk/find-person.ts';
import { findRoom } from '../../desk/find-room.ts';
import { readMapRooms } from '../../desk/map-rooms.ts';
import { utc } from '../../desk/words.ts';
import { profileOf } from '../../directory/user.ts';
import { parseUserId, type RoomId, type UserId } from '../../matrix/ids.ts';
import { harmlessJson, oneLine } from '../../plan/legible.ts';
import { deriveAccount } from '../../plan/localpart.ts';
import type { JournalEntry, JournalQuery } from '../../store/store.ts';
import { EXIT, print, type Terminal, UsageError } from '../terminal.ts';
import { atDesk } from './desk.ts';
import { readSince, wrapped } from './text.ts';

export type JournalOptions = {
  readonly json: boolean;
  readonly account?: string | undefined;
  readonly room?: string | undefined;
  readonly since?: string | undefined;
  readonly action?: string | undefined;
  readonly limit?: string | undefined;
};

const USUAL_LIMIT = 50;
const MOST = 100_000;
const CAUSE_INDENT = 6;

/** What was done and found, the newest last, as in a log. */
export async function journalCommand(terminal: Terminal, options: JournalOptions): Promise<number> {
  return atDesk(terminal, async (desk) => {
    const entries = (await desk.store.journal.find(await queryOf(desk, options))).toReversed();
    if (options.json) {
      for (const entry of entries) print(terminal, harmlessJson(entryJson(entry)));
      return EXIT.ok;
    }
    const names = await roomNames(desk);
    for (const entry of entries) print(terminal, renderEntry(entry, names));
    if (entries.length === 0) print(terminal, 'Nothing of that kind is in the journal.');
    return EXIT.ok;
  });
}

async function queryOf(desk: Desk, options: JournalOptions): Promise<JournalQuery> {
  const { account, room, since, action } = options;
  return {
    limit: limitOf(options.limit),
    ...(account !== undefined && { account: await accountOf(desk, account) }),
    ...(room !== undefined && { roomId: await roomIdOf(desk, room) }),
    ...(since !== undefined && { since: sinceOf(since, desk.now) }),
    ...(action !== undefined && { action }),
  };
}

/** Also of an account that is linked no more: the journal remembers. */
async function accountOf(desk: Desk, name: string): Promise<UserId> {
  const given = parseUserId(name);
  if (given !== undefined) return given;
  const { user, link } = await findPerson(desk, name);
  const { accounts, matrix } = desk.config;
  const derived = user && deriveAccount(accounts.localpart, profileOf(user.attributes), matrix.serverName);
  const account = link?.account ?? (derived?.kind === 'derived' ? derived.account : undefined);
  if (account === undefined)
    throw new UsageError(`${name} has no Matrix account, and so no account in the journal.`);
  return account;
}

async function roomIdOf(desk: Desk, name: string): Promise<RoomId> {
  const { roomId } = await findRoom(desk, await readMapRooms(desk.store, desk.map), name);
  if (roomId === undefined) throw new UsageError(`${name} was not found by any full pass yet.`);
  return roomId;
}

function sinceOf(text: string, now: number): number {
  const since = readSince(text, now);
  if (since === undefined) {
    throw new UsageError(`--since "${text}" is no time: write 90s, 30m, 12h, 2d, 3w, or 2026-11-01.`);
  }
  return since;
}

function limitOf(text: string | undefined): number {
  if (text === undefined) return USUAL_LIMIT;
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST) {
    throw new UsageError(`--limit "${text}" is not a whole number from 1 to ${MOST}.`);
  }
  return limit;
}

function renderEntry(
  { at, outcome, detail, cause, roomId }: JournalEntry,
  names: ReadonlyMap<string, string>,
): string {
  const name = roomId && names.get(roomId);
  const text = roomId === undefined || name === undefined ? detail : detail.replaceAll(roomId, name);
  const head = `${utc(at)}  ${outcome.padEnd(6)}  `;
  const because = cause === undefined ? [] : wrapped(`cause: ${cause}`, CAUSE_INDENT);
  return [`${head}${oneLine(text)}`, ...because.map((line) => `${' '.repeat(CAUSE_INDENT)}${line}`)].join(
    '\n',
  );
}
