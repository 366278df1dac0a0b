import { setTimeout as wait } from 'node:timers/promises';
import { parseUserId } from '../matrix/ids.ts';
import { harmlessJson } from '../plan/legible.ts';
import type { JournalPageQuery, JournalRow, Part } from '../store/page-store.ts';
import type { Store } from '../store/store.ts';
import { type Desk, roomNames } from './desk.ts';
import { Refused } from './error.ts';
import { entryJson } from './explain-json.ts';
import { lookUpPerson } from './find-person.ts';
import { roomNamed } from './room-pages.ts';

/** What is asked for, by names. `since`: milliseconds since 1970. */
export type JournalWanted = {
  readonly account?: string | undefined;
  readonly room?: string | undefined;
  readonly action?: string | undefined;
  readonly since?: number | undefined;
};

type JournalFilter = Pick<JournalPageQuery, 'account' | 'roomId' | 'action' | 'since'>;

const PIECE = 500;

/** Milliseconds. */
export type FollowTimes = {
  /** Between two looks. */
  readonly lookMs: number;
  /** Proxies and browsers give up on what says nothing for half a minute. */
  readonly heartbeatMs: number;
  /** Then the client comes back and goes on: its token may not be good any more. Shorter than any answer may take. */
  readonly longestMs: number;
};

const FOLLOW_TIMES: FollowTimes = { lookMs: 1000, heartbeatMs: 15_000, longestMs: 240_000 };

/** Rejects with `UnknownName` or `Refused`. */
export async function journalFilter(desk: Desk, wanted: JournalWanted): Promise<JournalFilter> {
  const { account, room, action, since } = wanted;
  return {
    ...(account !== undefined && { account: await accountOf(desk, account) }),
    ...(room !== undefined && { roomId: await roomIdOf(desk, room) }),
    ...(action !== undefined && { action }),
    ...(since !== undefined && { since }),
  };
}

type Read = Pick<Store, 'pages' | 'rooms'>;

/** Rows as JSON tells them, with the rooms as the map calls them. */
async function rowsJson(store: Read, rows: readonly JournalRow[]) {
  const names = await roomNames({ store });
  return rows.map(({ seq, ...entry }) => ({
    seq,
    ...entryJson(entry),
    room: entry.roomId === undefined ? undefined : names.get(entry.roomId),
  }));
}

export async function listJournal(store: Read, query: JournalPageQuery) {
  const { items, next }: Part<JournalRow> = await store.pages.journal(query);
  return { items: await rowsJson(store, items), next };
}

/** All of it as lines of JSON, the oldest first; what is appended meanwhile, too. */
export async function* exportJournal(store: Read, filter: JournalFilter): AsyncGenerator<string> {
  let cursor: string | undefined;
  do {
    const { items, next } = await store.pages.journal({ ...filter, order: 'oldest', cursor, limit: PIECE });
    const rows = await rowsJson(store, items);
    if (rows.length > 0) yield rows.map((row) => `${harmlessJson(row)}\n`).join('');
    cursor = next;
  } while (cursor !== undefined);
}

/**
 * What is appended from now on, or after an entry, as server-sent events (HTML Standard, "Server-sent events"). Looks
 * once a second, so that it also has what other processes append. Ends after some minutes, and when `closing` is.
 */
export async function* followJournal(
  store: Read,
  after: number | undefined,
  closing: AbortSignal,
  { lookMs, heartbeatMs, longestMs }: FollowTimes = FOLLOW_TIMES,
): AsyncGenerator<string> {
  let last = after ?? (await store.pages.lastJournalEntry());
  let quietMs = 0;
  yield `retry: ${lookMs}\n: here\n\n`;
  for (let ms = 0; ms < longestMs && !closing.aborted; ms += lookMs) {
    const rows = await store.pages.journalAfter(last, PIECE);
    for (const row of rows.length === 0 ? [] : await rowsJson(store, rows)) {
      yield `id: ${row.seq}\nevent: entry\ndata: ${harmlessJson(row)}\n\n`;
      last = row.seq;
      quietMs = 0;
    }
    if (rows.length === PIECE) continue;
    if (quietMs >= heartbeatMs) {
      yield ': still here\n\n';
      quietMs = 0;
    }
    // Rejects when it is aborted: that is the end of it.
    await wait(lookMs, undefined, { signal: closing }).catch(() => undefined);
    quietMs += lookMs;
  }
}

/** Also of an account that is linked no more: the journal remembers. */
async function accountOf({ store }: Desk, name: string) {
  const given = parseUserId(name);
  if (given !== undefined) return given;
  const { link } = await lookUpPerson(store, name);
  if (link === undefined)
    throw new Refused(`${name} has no Matrix account, and so no account in the journal.`);
  return link.account;
}

async function roomIdOf(desk: Desk, name: string) {
  const { roomId } = await roomNamed(desk, name);
  if (roomId === undefined) throw new Refused(`${name} was not found by any full pass yet.`);
  return roomId;
}
