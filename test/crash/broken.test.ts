import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { answerOf, refusedStart, smallCompany } from '../support/crash/small-company.ts';
import { print } from '../support/crash/tally.ts';
import { randomFrom } from '../support/scim/random.ts';
import { tempDir } from '../support/temp-dir.ts';
import { usher as command } from '../support/terminal.ts';

const WAIT = { timeout: 60_000, interval: 100 };
const NAMES = Array.from({ length: 8 }, (_, index) => `p${String(index).padStart(2, '0')}`);

/** A company of eight in one room, whose Usher was killed; with a backup, and with changes that are in the WAL only. */
async function crashed() {
  const company = await smallCompany(join(tempDir(), 'data'));
  const usher = await company.start();
  const ids: string[] = [];
  for (const userName of NAMES) {
    ids.push(await usher.provider.createUser({ userName, displayName: `${userName} `.repeat(400) }));
  }
  const group = await usher.provider.createGroup('Engineering', 'ext-eng', ids);
  await vi.waitFor(async () => expect(await company.inRoom()).toEqual(NAMES), WAIT);
  const { stdout, exitCode } = await command(['backup'], company.env);
  expect(exitCode).toBe(0);
  const [, backup = ''] = /backup: (\S+\.db)/.exec(stdout) ?? [];
  await usher.end();
  const later = await company.start();
  await later.provider.putUser(String(ids[0]), { userName: 'p00', displayName: 'in the WAL' });
  await later.end('SIGKILL');
  expect(statSync(`${company.file}-wal`).size).toBeGreaterThan(0);
  return { ...company, backup, group, ids };
}

type Company = Awaited<ReturnType<typeof crashed>>;

function overwrite(file: string, from: number, length: number, seed = 1): void {
  const random = randomFrom(seed);
  const bytes = readFileSync(file);
  for (let at = from; at < Math.min(bytes.length, from + length); at += 1) bytes[at] = random() * 256;
  writeFileSync(file, bytes);
}

const withoutWal = ({ file }: Company): void => {
  for (const end of ['-wal', '-shm']) rmSync(`${file}${end}`, { force: true });
};

/** What is done to the files, and what the refusal says was found. */
const DAMAGES: readonly (readonly [what: string, harm: (company: Company) => void, found: RegExp])[] = [
  [
    'a header that was written over',
    (company) => {
      withoutWal(company);
      overwrite(company.file, 0, 100);
    },
    /usher\.db is broken \(SQLITE_NOTADB: file is not a database\)/,
  ],
  [
    'a file of something else',
    (company) => {
      withoutWal(company);
      writeFileSync(company.file, 'this is no database at all\n'.repeat(1_000));
    },
    /usher\.db is broken \(SQLITE_NOTADB: file is not a database\)/,
  ],
  [
    'a file that was cut off',
    (company) => {
      withoutWal(company);
      truncateSync(company.file, 8_192);
    },
    /usher\.db is broken \(SQLITE_CORRUPT/,
  ],
  [
    'a schema that is garbage',
    (company) => {
      withoutWal(company);
      overwrite(company.file, 100, 3_996);
    },
    /usher\.db is broken \(SQLITE_CORRUPT/,
  ],
  [
    'a WAL that is garbage',
    ({ file }) => overwrite(`${file}-wal`, 0, 100_000),
    /usher\.db-wal is broken \(it does not begin as/,
  ],
  [
    'an empty file with a WAL beside',
    ({ file }) => truncateSync(file),
    /usher\.db is empty, and the newest changes to it are in .*usher\.db-wal/,
  ],
  [
    'a WAL whose file is gone',
    ({ file }) => rmSync(file),
    /usher\.db is gone, and the newest changes to it are in .*usher\.db-wal/,
  ],
];

describe('a broken database', () => {
  it.each(DAMAGES)('is refused at the start, and restored as it says: %s', async (_, harm, found) => {
    const company = await crashed();
    harm(company);

    const told = await refusedStart(company.env);

    expect(told).toMatch(/^Usher ended with 2:\nusher: /);
    expect(told).not.toMatch(/\n\s+at /);
    expect(told).toMatch(found);
    expect(told).toContain(
      `put a backup in its place: usher restore ${company.backup} (the newest there is)`,
    );
    for (const args of [['status'], ['users'], ['backup']]) {
      const { stderr, exitCode } = await command(args, company.env);
      expect([args, stderr, exitCode > 0]).toEqual([args, expect.not.stringMatching(/\n\s+at /), true]);
    }
    const restored = await command(['restore', company.backup], company.env);
    expect([restored.stderr, restored.exitCode]).toEqual(['', 0]);
    const usher = await company.start();
    const { body } = await answerOf(usher, 'GET', '/scim/v2/Users?count=0');
    expect(body.totalResults).toBe(NAMES.length);
    await usher.end();
    expect(await company.inRoom()).toEqual(NAMES);
    expect(company.kicks()).toBe(0);
  });

  it('says so where a folder is in its place, which no restore mends', async () => {
    const company = await crashed();
    withoutWal(company);
    rmSync(company.file);
    mkdirSync(company.file);

    const told = await refusedStart(company.env);

    expect(told).toMatch(
      /^Usher ended with 2:\nusher: .*usher\.db is a folder, and has to be a file\. Move it away/,
    );
    expect(told).not.toMatch(/\n\s+at /);
  });

  it('says that there is no backup where there is none', async () => {
    const company = await crashed();
    rmSync(dirname(company.backup), { recursive: true });
    withoutWal(company);
    overwrite(company.file, 0, 100);

    expect(await refusedStart(company.env)).toMatch(
      /usher restore FILE There is none in .*backups: take one/,
    );
  });

  it('removes nobody, whatever pages are garbage, and says what to do when it meets them', async () => {
    const company = await crashed();
    const { dataDir } = company;
    const kept = tempDir();
    const again = await company.start();
    await again.end();
    for (const name of ['usher.db', 'usher.seal']) copyFileSync(join(dataDir, name), join(kept, name));
    const pages = statSync(join(kept, 'usher.db')).size / 4_096;
    const outcomes = { refused: 0, met: 0, unseen: 0, checked: 0 };
    const rounds = Number(process.env.BREAKS ?? 20);
    for (let round = 0; round < rounds; round += 1) {
      const random = randomFrom(round);
      // With its seal: an old copy would be held anyhow.
      for (const name of ['usher.db', 'usher.seal']) copyFileSync(join(kept, name), join(dataDir, name));
      withoutWal(company);
      const first = 1 + Math.floor(random() * (pages - 1));
      // Whole pages, or some bytes anywhere, of which SQLite may notice nothing.
      if (round % 2 === 0)
        overwrite(company.file, first * 4_096, (1 + Math.floor(random() * 3)) * 4_096, round);
      else
        overwrite(
          company.file,
          first * 4_096 + Math.floor(random() * 4_000),
          64 + Math.floor(random() * 2_000),
          round,
        );
      const usher = await company.start().catch((error: Error) => error.message);
      if (typeof usher === 'string') {
        expect(usher).toMatch(/^Usher ended with 2:\n(?:.*\n)*usher: .*is broken \(/);
        expect(usher).not.toMatch(/\n\s+at /);
        outcomes.refused += 1;
      } else {
        for (const path of [
          '/Users?count=100',
          '/Groups',
          `/Groups/${company.group}`,
          `/Users/${company.ids[7]}`,
        ]) {
          const { status, body } = await answerOf(usher, 'GET', `/scim/v2${path}`);
          expect([200, 404, 503]).toContain(status);
          if (status === 503) expect(body.detail).toMatch(/it is broken$/);
        }
        await vi.waitFor(() => expect(usher.log()).toMatch(/full pass done|can not be used/), WAIT);
        await vi.waitFor(async () => {
          const metrics = await (await fetch(`${usher.url}/metrics`)).text();
          expect(`${metrics}${usher.log()}`).toMatch(/^usher_work_items_due 0$|can not be used/m);
        }, WAIT);
        const ready = await answerOf(usher, 'GET', '/readyz');
        const isMet = usher.log().includes('database can not be used');
        expect([round, ready.status]).toEqual([round, isMet ? 503 : 200]);
        if (isMet) {
          expect(ready.body.components.database.detail).toContain(`usher restore ${company.backup}`);
          expect(usher.log()).toContain(basename(company.backup));
        }
        outcomes[isMet ? 'met' : 'unseen'] += 1;
        await usher.end();
        const { stdout } = await command(['check'], company.env);
        if (/FAIL {2}database: .*is broken/.test(stdout)) outcomes.checked += 1;
        expect(usher.log()).not.toContain('"msg":"error inside Usher"');
      }
      expect([round, company.kicks()]).toEqual([round, 0]);
      expect(await company.inRoom()).toEqual(NAMES);
    }
    print(
      `garbage in the database: ${rounds} times; ${outcomes.refused} refused at the start, ${outcomes.met} met while running, ${outcomes.unseen} not met, ${outcomes.checked} told by usher check`,
    );
    expect(outcomes.met).toBeGreaterThan(0);
    expect(outcomes.checked).toBeGreaterThan(0);
  });
});
