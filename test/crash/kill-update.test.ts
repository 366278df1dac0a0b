import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { killAtStart } from '../support/crash/kill-at-start.ts';
import { answerOf, smallCompany } from '../support/crash/small-company.ts';
import { print } from '../support/crash/tally.ts';
import { createOldDatabase } from '../support/old-database.ts';
import { randomFrom } from '../support/scim/random.ts';
import { tempDir } from '../support/temp-dir.ts';

const CRASHES = Math.ceil(Number(process.env.CRASHES ?? 200) / 20);
const SEED = Number(process.env.CRASH_SEED ?? 1);
const USERS = 8_000;
const GROUPS = 40;

/** As the first version left it: everybody is in five groups. */
function oldDatabase(): string {
  return createOldDatabase(1, (db) => {
    const user =
      db.prepare(`INSERT INTO users (id, source, user_name_key, active, display_name, attributes, version, created, last_modified)
      VALUES (?, 'default', ?, 1, ?, ?, 1, 1, 1)`);
    const group =
      db.prepare(`INSERT INTO groups (id, source, display_name_key, attributes, version, created, last_modified)
      VALUES (?, 'default', ?, ?, 1, 1, 1)`);
    const member = db.prepare("INSERT INTO members (group_id, value, type) VALUES (?, ?, 'User')");
    db.transaction(() => {
      for (let number = 0; number < GROUPS; number += 1) {
        const name = `group-${number}`;
        group.run(name, name, JSON.stringify({ displayName: name }));
      }
      for (let number = 0; number < USERS; number += 1) {
        const name = `user-${number}`;
        user.run(name, name, name, JSON.stringify({ userName: name, displayName: name }));
        for (let step = 0; step < 5; step += 1) member.run(`group-${(number + step) % GROUPS}`, name);
      }
    })();
  });
}

it(`Usher, killed ${CRASHES} times while it updates its database (CRASH_SEED=${SEED}), loses nothing`, async () => {
  const random = randomFrom(SEED);
  const old = join(oldDatabase(), 'usher.db');
  const company = await smallCompany(join(tempDir(), 'data'), { PROVISION: 'mapped' });
  const newFolder = (): void => {
    rmSync(company.dataDir, { recursive: true });
    mkdirSync(company.dataDir);
    copyFileSync(old, company.file);
  };
  newFolder();
  const whole = await company.start();
  await whole.end();
  const newest = versionOf(company.file);
  const found = new Map<string, number>();
  for (let crash = 0; crash < CRASHES; crash += 1) {
    newFolder();
    await killAtStart(company.env, whole.startMs * (0.4 + random() * 0.7));
    const version = versionOf(company.file);
    const hasBackup = readdirSync(company.dataDir).includes('backups');
    const where = version === 1 && !hasBackup ? 'before the backup' : `schema ${version}`;
    found.set(where, (found.get(where) ?? 0) + 1);
    const usher = await company.start();
    const { body: users } = await answerOf(usher, 'GET', '/scim/v2/Users?count=0');
    const { body: group } = await answerOf(usher, 'GET', '/scim/v2/Groups/group-7');
    await usher.end();
    expect([users.totalResults, group.members.length]).toEqual([USERS, (USERS * 5) / GROUPS]);
    const db = new Database(company.file, { readonly: true });
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(db.pragma('foreign_key_check')).toEqual([]);
    expect(db.prepare('SELECT count(*) FROM user_members').pluck().get()).toBe(USERS * 5);
    db.close();
    expect(versionOf(company.file)).toBe(newest);
  }
  const places = [...found].toSorted().map(([where, times]) => `${times} at ${where}`);
  print(`${CRASHES} crashes while the database was updated: ${places.join(', ')}`);
  expect(found.size).toBeGreaterThan(1);
});

function versionOf(file: string): number {
  const db = new Database(file, { readonly: true });
  try {
    return Number(db.pragma('user_version', { simple: true }));
  } finally {
    db.close();
  }
}
