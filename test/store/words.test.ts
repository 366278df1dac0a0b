import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { ResourceId } from '../../src/directory/resource.ts';
import { type RoomId, type UserId, userId } from '../../src/matrix/ids.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import type { Entitlement, Store } from '../../src/store/store.ts';
import type { StoredWord } from '../../src/store/word-store.ts';
import { linkOf } from '../support/people.ts';
import { tempDir } from '../support/temp-dir.ts';

const NOW = Date.UTC(2026, 10, 22);
const [ANN, BOB] = [userId('ann', 'usher.test'), userId('bob', 'usher.test')];
const [ENG, OPS] = ['!eng', '!ops'] as [RoomId, RoomId];
const ID = 'id' as ResourceId;
let folder: string;
let store: Store;

beforeEach(() => {
  folder = tempDir();
  store = openStore(folder);
  onTestFinished(() => store.close());
});

const word = (kind: StoredWord['kind'], rest: Partial<StoredWord> = {}): StoredWord => ({
  ...{ account: ANN, roomId: ENG, userId: ID, kind, text: kind, at: NOW, ...rest },
});
const entitle = (state: Entitlement['state'], roomId = ENG, account = ANN) =>
  store.people.saveEntitlement({ account, roomId, state, via: ['g'], mode: 'granted', since: NOW });
const take = async (before = NOW + 1) =>
  (await store.words.take(before))?.map(({ account, roomId, text }) => [account, roomId, text]);

describe('a welcome', () => {
  it('waits until she is in, and keeps nobody else waiting', async () => {
    await entitle('granted');
    await store.words.add(word('added'));
    await entitle('joined', ENG, BOB);
    await store.words.add(word('added', { account: BOB, at: NOW + 5 }));
    expect(await take(NOW + 9)).toEqual([[BOB, ENG, 'added']]);
    expect(await take(NOW + 9)).toBeUndefined();
    await entitle('joined');
    expect(await take(NOW + 9)).toEqual([[ANN, ENG, 'added']]);
  });

  it.each(['left', 'kicked', 'banned', undefined] as const)(
    'is not said to who is out by then: %s',
    async (state) => {
      if (state !== undefined) await entitle(state);
      await store.words.add(word('added'));
      expect(await take()).toBeUndefined();
      await entitle('joined');
      expect(await take()).toBeUndefined();
    },
  );
});

describe('a farewell', () => {
  it('is said once her entitlement is over, and not to who has the room again', async () => {
    await store.words.add(word('removed'));
    await entitle('joined', OPS);
    await store.words.add(word('removed', { roomId: OPS }));
    expect(await take()).toEqual([[ANN, ENG, 'removed']]);
    expect(await take()).toBeUndefined();
  });

  it('takes the place of a welcome that was not said yet', async () => {
    await entitle('joined');
    await store.words.add(word('added'));
    await store.people.endEntitlement(ANN, ENG);
    await store.words.add(word('removed'));
    expect(await take()).toEqual([[ANN, ENG, 'removed']]);
  });
});

describe('what waits to be said', () => {
  it('is taken once, by person, the oldest first, also after a restart', async () => {
    await store.words.add(word('removed', { account: BOB, at: NOW + 2 }));
    await store.words.add(word('removed', { at: NOW + 1 }));
    await store.words.add(word('removed', { roomId: OPS, at: NOW + 50 }));
    await store.close();
    store = openStore(folder);
    expect(await take(NOW + 1)).toBeUndefined();
    expect(await take(NOW + 3)).toEqual([
      [ANN, ENG, 'removed'],
      [ANN, OPS, 'removed'],
    ]);
    await store.close();
    store = openStore(folder);
    expect(await take(NOW + 3)).toEqual([[BOB, ENG, 'removed']]);
    expect(await take(NOW + 3)).toBeUndefined();
  });

  it.each([
    ['is restricted', { restriction: 'lock' }],
    ['has nobody who uses it any more', { inactiveSince: NOW }],
  ] as const)('is not said to an account that %s', async (_, rest) => {
    await store.people.saveLink(linkOf(ID, ANN as UserId, { ...rest }));
    await store.words.add(word('removed'));
    await store.words.add(word('removed', { account: BOB }));
    expect(await take()).toEqual([[BOB, ENG, 'removed']]);
    expect(await take()).toBeUndefined();
  });

  it('is there again when it was given back, unless there is something newer', async () => {
    await store.words.add(word('removed'));
    await store.words.add(word('removed', { roomId: OPS }));
    const taken = (await store.words.take(NOW + 1)) ?? [];
    await store.words.add(word('removed', { text: 'newer' }));
    await store.words.giveBack(taken);
    expect(await take()).toEqual([
      [ANN, ENG, 'newer'],
      [ANN, OPS, 'removed'],
    ]);
  });

  it('is dropped when it is too old, or altogether', async () => {
    await store.words.add(word('removed'));
    await store.words.add(word('removed', { roomId: OPS, at: NOW + 9 }));
    await store.words.drop(NOW + 9);
    expect(await take(NOW + 99)).toEqual([[ANN, OPS, 'removed']]);
    await store.words.add(word('removed'));
    await store.words.drop();
    expect(await take(NOW + 99)).toBeUndefined();
  });
});
