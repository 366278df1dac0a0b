import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { ResourceId } from '../../src/directory/resource.ts';
import type { RoomId, UserId } from '../../src/matrix/ids.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import type { Journal, JournalEntry, JournalQuery } from '../../src/store/store.ts';
import { tempDir } from '../support/temp-dir.ts';

const [ENG, OPS] = ['!eng:x', '!ops:x'] as [RoomId, RoomId];
const [ANN, BOB] = ['@ann:x', '@bob:x'] as [UserId, UserId];

const entry = (at: number, rest: Partial<JournalEntry> = {}): JournalEntry => ({
  at,
  action: 'kick',
  outcome: 'done',
  account: ANN,
  roomId: ENG,
  userId: 'ann' as ResourceId,
  detail: `detail ${at}`,
  cause: `cause ${at}`,
  ...rest,
});
const ENTRIES = [
  entry(1),
  entry(2, { action: 'join', roomId: OPS }),
  entry(3, { account: BOB, outcome: 'failed' }),
  entry(4, { account: undefined, userId: undefined, cause: undefined }),
  entry(4, { account: BOB, roomId: undefined, action: 'restrict' }),
  entry(5, { outcome: 'failed' }),
];

let journal: Journal;
beforeEach(async () => {
  const store = openStore(tempDir());
  onTestFinished(() => store.close());
  journal = store.journal;
  for (const each of ENTRIES) await journal.append(each);
});

const timesOf = async (query: Partial<JournalQuery>) =>
  (await journal.find({ limit: 100, ...query })).map(({ at }) => at);

describe('the journal', () => {
  it('comes back as it was written, the newest first', async () => {
    expect(await journal.find({ limit: 100 })).toEqual(ENTRIES.toReversed());
    expect(await journal.find({ limit: 2 })).toEqual(ENTRIES.toReversed().slice(0, 2));
  });

  it.each<[Partial<JournalQuery>, readonly number[]]>([
    [{ account: ANN }, [5, 2, 1]],
    [{ roomId: ENG }, [5, 4, 3, 1]],
    [{ account: ANN, roomId: ENG }, [5, 1]],
    [{ action: 'kick' }, [5, 4, 3, 1]],
    [{ outcome: 'failed' }, [5, 3]],
    [{ since: 4 }, [5, 4, 4]],
    [{ since: 2, account: ANN }, [5, 2]],
    [{ since: 3, roomId: ENG, outcome: 'done' }, [4]],
    [{ account: ANN, action: 'kick', outcome: 'done', since: 1, roomId: ENG }, [1]],
    [{ roomId: ENG, limit: 1 }, [5]],
    [{ account: '@nobody:x' as UserId }, []],
  ])('finds by %j', async (query, expected) => {
    expect(await timesOf(query)).toEqual(expected);
  });

  it('tells news by what they say, whatever caused them', async () => {
    expect(await journal.appendNews(entry(6, { detail: 'detail 5' }))).toBe(false);
    expect(await journal.appendNews(entry(7, { detail: 'other' }))).toBe(true);
    expect((await journal.find({ limit: 1 }))[0]).toEqual(entry(7, { detail: 'other' }));
  });

  it('forgets what is older', async () => {
    await journal.prune(4);
    expect(await timesOf({})).toEqual([5, 4, 4]);
  });
});
