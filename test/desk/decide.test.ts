import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { decideHold } from '../../src/desk/decide.ts';
import { Refused } from '../../src/desk/error.ts';
import { readHolds } from '../../src/desk/held.ts';
import type { ResourceId } from '../../src/directory/resource.ts';
import { type RoomId, userId } from '../../src/matrix/ids.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { tempDir } from '../support/temp-dir.ts';

const NOW = Date.UTC(2026, 0, 1);
const OCCASION = { who: 'boss', now: NOW };
const EARLIER = 'usher-2025-01-01T00-00-00Z.db';

/** The removal of Ann is held, and there is one backup of the one that may be. */
async function deskWithHold() {
  const dataDir = tempDir();
  const store = openStore(dataDir, { backupsKept: 1 });
  onTestFinished(() => store.close());
  const folder = join(dataDir, 'backups');
  mkdirSync(folder);
  writeFileSync(join(folder, EARLIER), '');
  const hold = (name: string) =>
    store.guard.hold([
      {
        ...{ kind: 'kick', account: userId(name, 'x'), roomId: '!eng:x' as RoomId, scope: 'total' },
        ...{ userId: name as ResourceId, detail: '', cause: undefined, since: NOW, verdict: undefined },
      },
    ]);
  await store.guard.openHold({ scope: 'total', reason: 'many', since: NOW });
  await hold('ann');
  const [seen] = await readHolds(store);
  if (seen === undefined) throw new Error('nothing is held');
  /** As if that happened while the backup is made. */
  const whileBackingUp = (happens: () => Promise<unknown>): Store => ({
    ...store,
    async backup(reason) {
      const backup = await store.backup(reason);
      await happens();
      return backup;
    },
  });
  return {
    ...{ store, seen, hold, whileBackingUp },
    backups: () => readdirSync(folder),
    journal: async () =>
      (await store.journal.find({ limit: 10 })).map(({ action, cause }) => [action, cause]),
  };
}

it('an approval leaves its backup, and the oldest of too many goes', async () => {
  const { store, seen, backups } = await deskWithHold();
  await decideHold(store, seen, 'approved', OCCASION);
  expect(backups()).toEqual([expect.stringMatching(/-before-approve\.db$/)]);
});

it('an approval that is refused leaves no backup, and uses up none', async () => {
  const { seen, hold, whileBackingUp, backups, journal } = await deskWithHold();
  const late = decideHold(
    whileBackingUp(() => hold('bob')),
    seen,
    'approved',
    OCCASION,
  );
  await expect(late).rejects.toThrow(Refused);
  expect([backups(), await journal()]).toEqual([[EARLIER], []]);
});

it.each(['made before', 'made after'])(
  'of two who approve in one second, the refused one, %s, takes no backup from the other',
  async (order) => {
    vi.useFakeTimers({ toFake: ['Date'], now: NOW });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const { store, seen, whileBackingUp, backups } = await deskWithHold();
    const first = () => decideHold(store, seen, 'approved', OCCASION);
    if (order === 'made after') await first();
    const other = order === 'made after' ? store : whileBackingUp(first);
    await expect(decideHold(other, seen, 'approved', OCCASION)).rejects.toThrow(Refused);
    expect(backups()).toEqual(['usher-2026-01-01T00-00-00Z-before-approve.db']);
  },
);

it.each(['approved', 'rejected'] as const)(
  'what was %s is in the journal, though nobody could be marked because of it',
  async (verdict) => {
    const { store, seen, journal } = await deskWithHold();
    const mark = () => Promise.reject(new Error('a full disk'));
    const full = { ...store, work: { ...store.work, mark } };
    await expect(decideHold(full, seen, verdict, OCCASION)).rejects.toThrow('a full disk');
    expect(await journal()).toEqual([[verdict === 'approved' ? 'approve' : 'reject', 'boss']]);
  },
);
