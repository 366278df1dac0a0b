import { expect, it, onTestFinished } from 'vitest';
import { followJournal } from '../../src/desk/journal.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import type { JournalEntry } from '../../src/store/store.ts';
import { tempDir } from '../support/temp-dir.ts';

const entry = (detail: string): JournalEntry => ({
  ...{ at: 0, action: 'test', outcome: 'done', detail, cause: undefined },
  ...{ account: undefined, roomId: undefined, userId: undefined },
});

async function all(events: AsyncIterable<string>): Promise<readonly string[]> {
  const said: string[] = [];
  for await (const event of events) said.push(event);
  return said;
}

function stage() {
  const store = openStore(tempDir());
  onTestFinished(() => store.close());
  return store;
}

it('says now and then that it is still there, and ends so that the client comes back', async () => {
  const times = { lookMs: 5, heartbeatMs: 20, longestMs: 60 };
  const said = await all(followJournal(stage(), undefined, new AbortController().signal, times));
  expect(said).toEqual(['retry: 5\n: here\n\n', ': still here\n\n', ': still here\n\n']);
});

it('sends all that was appended since, however much', async () => {
  const store = stage();
  for (let index = 0; index < 1100; index += 1) await store.journal.append(entry(`${index}`));
  const times = { lookMs: 1, heartbeatMs: 100, longestMs: 10 };
  const said = await all(followJournal(store, 5, new AbortController().signal, times));
  expect(said.filter((text) => text.startsWith('id: '))).toHaveLength(1095);
  expect(said[1]).toBe(
    'id: 6\nevent: entry\ndata: {"seq":6,"at":"1970-01-01T00:00:00.000Z","action":"test","outcome":"done","detail":"5"}\n\n',
  );
});

it('ends at once when it is told', async () => {
  const closing = new AbortController();
  const times = { lookMs: 60_000, heartbeatMs: 60_000, longestMs: 600_000 };
  const stream = followJournal(stage(), undefined, closing.signal, times);
  await stream.next();
  const ended = stream.next();
  closing.abort();
  expect((await ended).done).toBe(true);
});
