import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { ResourceId } from '../../src/directory/resource.ts';
import type { RoomId, UserId } from '../../src/matrix/ids.ts';
import { whole } from '../../src/pieces.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { createOldDatabase } from '../support/old-database.ts';

const THEN = Date.UTC(2025, 0, 1);
const [ENG, OPS] = ['!eng:x', '!ops:x'] as [RoomId, RoomId];
const [ANN, BOB] = ['@ann:x', '@bob:x'] as [UserId, UserId];

/** A database as the second version of Usher left it, in a folder of its own. */
const oldDatabase = (): string =>
  createOldDatabase(2, (db) => {
    db.exec(`
    INSERT INTO users (id, source, user_name_key, active, attributes, version, created, last_modified)
      VALUES ('ann', 'idp', 'ann', 1, '{"userName":"ann"}', 1, ${THEN}, ${THEN});
    INSERT INTO links (user_id, account, external_id, email, restriction, confirmed) VALUES
      ('ann', '${ANN}', 'e-ann', 'ann@x.example', NULL, 1), ('bob', '${BOB}', NULL, NULL, 'lock', 0);
    INSERT INTO entitlements (account, room_id, state, via, mode, since) VALUES
      ('${ANN}', '${ENG}', 'joined', '["*"]', 'additive', ${THEN}),
      ('${ANN}', '${OPS}', 'kicked', '["staff"]', 'granted', ${THEN}),
      ('${BOB}', '${ENG}', 'joined', '["*"]', 'granted', ${THEN}),
      ('${BOB}', '${OPS}', 'granted', '["*"]', 'granted', ${THEN});
    INSERT INTO targets VALUES ('#eng:x', '${ENG}', ${THEN});
    INSERT INTO work (user_id, urgency, generation, since, marked, not_before, attempts, error_kind, error_message)
      VALUES ('ann', 1, 4, ${THEN}, ${THEN}, ${THEN}, 2, 'refused', 'no');
    INSERT INTO journal (at, action, outcome, account, room_id, user_id, detail) VALUES
      (${THEN}, 'join', 'done', '${ANN}', '${ENG}', 'ann', 'first'),
      (${THEN}, 'kick', 'failed', '${ANN}', '${OPS}', 'ann', 'second')`);
  });

let folder: string;
let store: Store;
beforeEach(() => {
  folder = oldDatabase();
  store = openStore(folder);
  onTestFinished(() => store.close());
});

describe('a database of the second version', () => {
  it('has every link as it was, and nothing new in it', async () => {
    const nothing = { inactiveSince: undefined, photo: undefined, avatar: undefined, isAdmin: false };
    expect(await store.people.link('ann' as ResourceId)).toEqual({
      ...{ userId: 'ann', account: ANN, externalId: 'e-ann', email: 'ann@x.example' },
      ...{ restriction: undefined, isConfirmed: true, ...nothing },
    });
    expect(await store.people.linksOf(BOB)).toEqual([
      {
        ...{ userId: 'bob', account: BOB, externalId: undefined, email: undefined },
        ...{ restriction: 'lock', isConfirmed: false, ...nothing },
      },
    ]);
    expect(await whole(store.people.roster())).toHaveLength(2);
  });

  it('has every entitlement as it was, and counts those who are in', async () => {
    expect(await store.people.entitlements(ANN)).toEqual([
      { account: ANN, roomId: ENG, state: 'joined', via: ['*'], mode: 'additive', since: THEN },
      { account: ANN, roomId: OPS, state: 'kicked', via: ['staff'], mode: 'granted', since: THEN },
    ]);
    expect((await store.rooms.entitlements(ENG)).map(({ account }) => account)).toEqual([ANN, BOB]);
    const counts = async () => [
      await store.rooms.countJoined(ENG),
      await store.rooms.countJoined(OPS),
      await store.rooms.countJoined(),
    ];
    expect(await counts()).toEqual([2, 0, 2]);
    await store.people.endEntitlement(ANN, ENG);
    expect(await counts()).toEqual([1, 0, 1]);
  });

  it('has work and journal as they were, without a cause', async () => {
    const query = { now: THEN, order: 'oldest', urgencies: ['small'], except: [] } as const;
    expect(await store.work.next(query)).toEqual({
      ...{ userId: 'ann', urgency: 'small', generation: 4, attempts: 2, cause: undefined },
      lastError: { kind: 'refused', message: 'no' },
    });
    const entries = await store.journal.find({ account: ANN, limit: 10 });
    expect(entries.map(({ detail, cause }) => [detail, cause])).toEqual([
      ['second', undefined],
      ['first', undefined],
    ]);
    expect(await store.rooms.resolutions()).toEqual(new Map([['#eng:x', ENG]]));
  });

  it('has nothing held, made or read yet, and takes what is new', async () => {
    expect(await store.guard.holds()).toEqual([]);
    expect(await store.guard.held()).toEqual([]);
    expect(await store.guard.taken(0)).toEqual([]);
    expect(await store.rooms.created()).toEqual(new Map());
    expect(await store.rooms.withLevels()).toEqual([]);
    expect(await store.rooms.children(ENG)).toBeUndefined();
    expect(await store.facts.names('')).toEqual([]);

    const [entitlement] = await store.rooms.entitlements(OPS);
    if (entitlement === undefined) throw new Error('nobody is entitled');
    await store.people.saveEntitlement({ ...entitlement, mode: 'exclusive', state: 'joined' });
    expect(await store.rooms.countJoined(OPS)).toBe(1);
  });

  it('is whole before and after a restart', async () => {
    for (const _ of ['first', 'second']) {
      await store.close();
      const db = new Database(join(folder, 'usher.db'), { readonly: true });
      expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
      expect(db.pragma('foreign_key_check')).toEqual([]);
      expect(db.pragma('user_version', { simple: true })).toBe(12);
      expect(db.prepare("SELECT name FROM sqlite_schema WHERE name LIKE 'new_%'").all()).toEqual([]);
      db.close();
      store = openStore(folder);
    }
  });
});

it('a database of the fourth version has counted what was held in it', async () => {
  const folder = createOldDatabase(4, (db) => {
    db.exec(`
    INSERT INTO holds VALUES ('total', 'too many', ${THEN});
    INSERT INTO held (kind, account, room_id, user_id, scope, detail, since, verdict) VALUES
      ('kick', '${ANN}', '${ENG}', 'ann', 'total', 'a', ${THEN}, NULL),
      ('kick', '${BOB}', '${ENG}', 'bob', 'total', 'b', ${THEN}, NULL),
      ('kick', '${BOB}', '${OPS}', 'bob', 'total', 'c', ${THEN}, 'rejected'),
      ('kick', '${ANN}', '${OPS}', NULL, 'exclusive:${OPS}', 'd', ${THEN}, NULL)`);
  });
  const { guard, close } = openStore(folder);
  onTestFinished(close);
  expect([await guard.countHeld(), await guard.countHeld('total')]).toEqual([3, 2]);
  expect(await guard.heldOfRoom(OPS)).toMatchObject([{ account: ANN, detail: 'd' }]);
  const counts = await guard.heldCounts();
  expect(counts).toMatchObject([
    { scope: `exclusive:${OPS}`, verdict: undefined, kind: 'kick', roomId: OPS, changes: 1, since: THEN },
    { scope: 'total', verdict: undefined, kind: 'kick', roomId: ENG, changes: 2, since: THEN },
    { scope: 'total', verdict: 'rejected', kind: 'kick', roomId: OPS, changes: 1, since: THEN },
  ]);
  expect(new Set(counts.map(({ mark }) => mark)).size).toBe(3);
});

it('a database of the eleventh version keeps what was held and taken, and goes on counting it', async () => {
  const folder = createOldDatabase(11, (db) => {
    db.exec(`
    INSERT INTO links (user_id, account, confirmed) VALUES ('ann', '${ANN}', 1);
    INSERT INTO holds VALUES ('total', 'too many', ${THEN});
    INSERT INTO held (kind, account, room_id, user_id, scope, detail, since, verdict) VALUES
      ('kick', '${ANN}', '${ENG}', 'ann', 'total', 'a', ${THEN}, NULL),
      ('kick', '${BOB}', '${ENG}', 'bob', 'total', 'b', ${THEN}, 'approved');
    INSERT INTO taken VALUES ('restrict', '${BOB}', '', ${THEN})`);
  });
  const { guard, people, close } = openStore(folder);
  onTestFinished(close);
  expect(await people.link('ann' as ResourceId)).toMatchObject({ account: ANN, isAdmin: false });
  expect(await guard.held()).toMatchObject([{ account: ANN }, { account: BOB, verdict: 'approved' }]);
  expect(await guard.taken(THEN)).toEqual([{ kind: 'restrict', account: BOB, roomId: undefined }]);
  const revoked = { kind: 'revoke-admin', account: ANN, roomId: undefined } as const;
  await guard.hold([
    {
      ...{ ...revoked, userId: 'ann' as ResourceId, scope: 'total', detail: 'c', cause: undefined },
      ...{ since: THEN, verdict: undefined },
    },
  ]);
  await guard.take(revoked, THEN);
  expect([await guard.countHeld(), (await guard.heldCounts()).length]).toEqual([2, 3]);
  expect(await guard.countTaken({ ...revoked, since: THEN })).toBe(1);
  await guard.forget(revoked);
  await guard.forget({ kind: 'kick', account: ANN, roomId: ENG });
  expect([await guard.countHeld(), (await guard.heldCounts()).length]).toEqual([0, 1]);
});
