import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { RoomId, UserId } from '../../src/matrix/ids.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import type { Entitlement, Store } from '../../src/store/store.ts';
import { tempDir } from '../support/temp-dir.ts';

const [ENG, OPS, SPACE] = ['!eng:x', '!ops:x', '!space:x'] as [RoomId, RoomId, RoomId];
const [ANN, BOB, CYD] = ['@ann:x', '@bob:x', '@cyd:x'] as [UserId, UserId, UserId];

let folder: string;
let store: Store;
beforeEach(() => {
  folder = tempDir();
  store = openStore(folder);
  onTestFinished(() => store.close());
});

const restart = async () => {
  await store.close();
  store = openStore(folder);
};

describe('the rooms of a space', () => {
  it('are unknown before they were read, which is not the same as none', async () => {
    expect(await store.rooms.children(SPACE)).toBeUndefined();
    await store.rooms.saveChildren(SPACE, []);
    await restart();
    expect(await store.rooms.children(SPACE)).toEqual([]);
    expect(await store.rooms.children(ENG)).toBeUndefined();
  });

  it('are those of the last reading, in its order', async () => {
    await store.rooms.saveChildren(SPACE, [OPS, ENG]);
    expect(await store.rooms.children(SPACE)).toEqual([OPS, ENG]);
    await store.rooms.saveChildren(SPACE, [ENG, OPS]);
    await store.rooms.saveChildren(SPACE, [ENG, OPS]);
    expect(await store.rooms.children(SPACE)).toEqual([ENG, OPS]);
    await store.rooms.saveChildren(SPACE, []);
    expect(await store.rooms.children(SPACE)).toEqual([]);
  });
});

describe('rooms that we made', () => {
  it('are kept by what the map calls them', async () => {
    expect(await store.rooms.created()).toEqual(new Map());
    await store.rooms.saveCreated('#eng:x', ENG, 1);
    await store.rooms.saveCreated('#ops:x', ENG, 2);
    await store.rooms.saveCreated('#ops:x', OPS, 3);
    await restart();
    expect(await store.rooms.created()).toEqual(
      new Map([
        ['#eng:x', ENG],
        ['#ops:x', OPS],
      ]),
    );
    expect(await store.rooms.resolutions()).toEqual(new Map());
  });
});

describe('power levels that we gave', () => {
  it('are written together, by room, and forgotten one by one', async () => {
    await store.rooms.saveLevels(ENG, new Map([[ANN, [100]]]));
    await store.rooms.saveLevels(
      ENG,
      new Map([
        [ANN, [50, 75]],
        [BOB, [-1]],
        [CYD, []],
      ]),
    );
    await store.rooms.saveLevels(OPS, new Map([[ANN, [0]]]));
    expect(await store.rooms.levels(ENG)).toEqual(
      new Map([
        [ANN, [50, 75]],
        [BOB, [-1]],
      ]),
    );
    expect(new Set(await store.rooms.withLevels())).toEqual(new Set([ENG, OPS]));

    await store.rooms.saveLevels(OPS, new Map([[ANN, []]]));
    await store.rooms.saveLevels(ENG, new Map([[ANN, []]]));
    await restart();
    expect(await store.rooms.levels(OPS)).toEqual(new Map());
    expect(await store.rooms.levels(ENG)).toEqual(new Map([[BOB, [-1]]]));
    expect(await store.rooms.withLevels()).toEqual([ENG]);
  });
});

describe('the number of those who are in by an entitlement', () => {
  const entitle = (roomId: RoomId, account: UserId, state: Entitlement['state']) =>
    store.people.saveEntitlement({ account, roomId, state, via: ['*'], mode: 'exclusive', since: 1 });
  const counts = async () => [
    await store.rooms.countJoined(ENG),
    await store.rooms.countJoined(OPS),
    await store.rooms.countJoined(),
  ];

  it('follows each record, of the room and of all together', async () => {
    expect(await counts()).toEqual([0, 0, 0]);
    await entitle(ENG, ANN, 'joined');
    await entitle(ENG, ANN, 'joined');
    await entitle(ENG, BOB, 'granted');
    await entitle(OPS, ANN, 'joined');
    expect(await counts()).toEqual([1, 1, 2]);

    await entitle(ENG, BOB, 'joined');
    await entitle(ENG, CYD, 'joined');
    expect(await counts()).toEqual([3, 1, 4]);

    await entitle(ENG, BOB, 'left');
    await entitle(ENG, BOB, 'kicked');
    await store.people.endEntitlement(BOB, ENG);
    await store.people.endEntitlement(CYD, ENG);
    await store.people.endEntitlement(CYD, ENG);
    await restart();
    expect(await counts()).toEqual([1, 1, 2]);

    await store.people.endEntitlement(ANN, ENG);
    await store.people.endEntitlement(ANN, OPS);
    expect(await counts()).toEqual([0, 0, 0]);
  });
});
