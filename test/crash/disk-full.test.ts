import { copyFileSync, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, vi } from 'vitest';
import { newestSchema } from '../../src/store/sqlite/database.ts';
import { diskOrReason } from '../support/crash/disk.ts';
import { userBody } from '../support/crash/requests.ts';
import { answerOf, refusedStart, smallCompany } from '../support/crash/small-company.ts';
import { print } from '../support/crash/tally.ts';
import { createOldDatabase } from '../support/old-database.ts';

const disks = diskOrReason('tmpfs');
if (typeof disks === 'string') print(`disk-full.test.ts: ${disks}`);
const MEGABYTE = 2 ** 20;
const WAIT = { timeout: 90_000, interval: 100 };

const person = (name: string, size: number) => ({
  ...{ displayName: 'x'.repeat(size), formatted: name, email: `${name}@example.com`, active: true },
});

describe.skipIf(typeof disks === 'string')('a full disk', () => {
  const mount = (bytes: number) => {
    if (typeof disks === 'string') throw new Error(disks);
    return disks.mount(bytes);
  };

  it('lets Usher answer 503 and go on reading, and nothing is lost when there is room again', async () => {
    const disk = mount(24 * MEGABYTE);
    const company = await smallCompany(join(disk.folder, 'data'));
    const usher = await company.start();
    const { provider } = usher;
    const names = ['ann', 'bob', 'cem'];
    const ids: string[] = [];
    for (const userName of names) ids.push(await provider.createUser({ userName }));
    const group = await provider.createGroup('Engineering', 'ext-eng', ids);
    await vi.waitFor(async () => expect(await company.inRoom()).toEqual(names), WAIT);

    disk.fill();
    const acknowledged: string[] = [];
    const refusals: Awaited<ReturnType<typeof answerOf>>[] = [];
    for (let number = 0; refusals.length < 20 && number < 5_000; number += 1) {
      const name = `new-${number}`;
      const answer = await answerOf(usher, 'POST', '/scim/v2/Users', userBody(name, person(name, 9_000)));
      if (answer.status === 201) acknowledged.push(name);
      else refusals.push(answer);
    }
    const members = [...ids, ...Array.from({ length: 3_000 }, (_, index) => `nobody-${index}`)];
    const large = await answerOf(usher, 'PUT', `/scim/v2/Groups/${group}`, {
      ...{ schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: 'Large' },
      ...{ externalId: 'ext-eng', members: members.map((value) => ({ value })) },
    });
    const removal = {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [
        { op: 'replace', path: 'displayName', value: 'y'.repeat(9_000) },
        { op: 'remove', path: 'members' },
      ],
    };
    const emptied = await answerOf(usher, 'PATCH', `/scim/v2/Groups/${group}`, removal);

    expect(refusals.length).toBe(20);
    for (const { status, retryAfter, body } of [...refusals, large, emptied]) {
      expect({ status, retryAfter, ...body }).toEqual({
        ...{ status: '503', retryAfter: '30' },
        schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
        detail: "The database of Usher can't be used now: its disk is full",
      });
    }
    expect((await answerOf(usher, 'GET', '/healthz')).status).toBe(200);
    const unready = await answerOf(usher, 'GET', '/readyz');
    expect(unready.status).toBe(503);
    expect(unready.body.components.database).toMatchObject({
      status: 'failed',
      detail: expect.stringMatching(/^the disk of .*data is full \(SQLITE_FULL.*Make room on it/),
    });
    const read = await answerOf(usher, 'GET', `/scim/v2/Groups/${group}`);
    expect(read.status).toBe(200);
    expect([read.body.displayName, read.body.members.length]).toEqual(['Engineering', 3]);
    const told = usher
      .log()
      .split('\n')
      .filter((line) => line.includes('"level":"error"'));
    expect(told.map((line) => JSON.parse(line).msg)).toEqual(['database can not be used']);

    disk.free();
    await vi.waitFor(async () => expect((await answerOf(usher, 'GET', '/readyz')).status).toBe(200), WAIT);
    const dee = await provider.createUser({ userName: 'dee' });
    await provider.addMembers(group, dee);
    await provider.removeMembers(group, String(ids[1]));
    await vi.waitFor(async () => expect(await company.inRoom()).toEqual(['ann', 'cem', 'dee']), WAIT);
    const { body: list } = await answerOf(usher, 'GET', '/scim/v2/Users?count=0');
    expect(list.totalResults).toBe(names.length + 1 + acknowledged.length);
    expect(usher.log()).toContain('database can be used again');
    await usher.end();
    const db = new Database(company.file, { readonly: true });
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(db.pragma('foreign_key_check')).toEqual([]);
    db.close();
    print(
      `disk full while running: ${refusals.length + 2} requests refused, ${acknowledged.length} stored in what was left`,
    );
  });

  it.each([
    ['no database yet', false],
    ['a database', true],
  ])('is told at the start, with %s', async (_, hasDatabase) => {
    const disk = mount(4 * MEGABYTE);
    const company = await smallCompany(join(disk.folder, 'data'));
    if (hasDatabase) {
      const usher = await company.start();
      await usher.provider.createUser({ userName: 'ann' });
      await usher.end();
    }
    disk.fill();

    const told = await refusedStart(company.env);

    expect(told).toMatch(/^Usher ended with 2:\nusher: .*(is full|No space left|ENOSPC).*Make room/);
    expect(told).not.toMatch(/\n\s+at /);
    disk.free();
    const usher = await company.start();
    const { body } = await answerOf(usher, 'GET', '/scim/v2/Users');
    expect(body.totalResults).toBe(hasDatabase ? 1 : 0);
    await usher.end();
  });

  it('stops an update of the database, at each point of it, and the old one stays', async () => {
    const old = createOldDatabase(1, (db) => {
      const insert =
        db.prepare(`INSERT INTO users (id, source, user_name_key, active, attributes, version, created, last_modified)
        VALUES (?, 'default', ?, 1, ?, 1, 1, 1)`);
      for (let number = 0; number < 2_000; number += 1) {
        const name = `old-${number}`;
        insert.run(name, name, JSON.stringify({ userName: name, displayName: name.repeat(20) }));
      }
    });
    const { size } = statSync(join(old, 'usher.db'));
    const disk = mount(24 * MEGABYTE);
    const company = await smallCompany(join(disk.folder, 'data'));
    copyFileSync(join(old, 'usher.db'), company.file);
    let refused = 0;
    const where = { backup: 0, migration: 0 };
    // The backup takes as much as the database, and the migrations about the same again.
    for (let free = 0; ; free += Math.round(size / 5)) {
      disk.fill(free);
      const told = await refusedStart(company.env);
      disk.free();
      if (told.startsWith('it started')) break;
      refused += 1;
      if (told.includes('not done without a backup')) where.backup += 1;
      else where.migration += 1;
      expect(told).toMatch(/^Usher ended with 2:\nusher: .*Make room/);
      expect(told).not.toMatch(/\n\s+at /);
      const db = new Database(company.file, { readonly: true });
      expect(db.pragma('user_version', { simple: true })).toBeLessThan(newestSchema());
      expect(db.prepare('SELECT count(*) FROM users').pluck().get()).toBe(2_000);
      expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
      db.close();
    }
    expect(where.backup).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(2);
    expect(existsSync(company.file)).toBe(true);
    const usher = await company.start();
    const { body } = await answerOf(usher, 'GET', '/scim/v2/Users?count=0');
    expect(body.totalResults).toBe(2_000);
    await usher.end();
    print(
      `disk full at an update: refused ${where.backup} times at the backup, ${where.migration} times after it`,
    );
  });
});
