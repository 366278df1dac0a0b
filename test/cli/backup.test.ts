import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { folderWith, query } from '../support/databases.ts';
import { startSimulated } from '../support/homeserver/simulated.ts';
import { tempDir } from '../support/temp-dir.ts';
import { usher } from '../support/terminal.ts';
import { startUsher } from '../support/usher.ts';

const USHER = join(import.meta.dirname, '../../src/usher.js');

describe('usher backup', () => {
  it('writes one beside a running service, and says what is in it', async () => {
    const homeserver = await startSimulated();
    const running = await startUsher(homeserver, {});
    await running.provider.createUser({ userName: 'ann' });
    await running.settle();
    const { exitCode, stdout } = await usher(['backup'], { DATA_DIR: running.dataDir });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^backup: (\/.*\/backups\/usher-[-\dT]+Z\.db) \(\d+ KiB\), read again and found whole\.\nIt has 1 user, 0 groups, 1 Matrix account and 0 recorded memberships\.\n$/,
    );
    await homeserver.close();
  });

  it('needs no setting but DATA_DIR, and keeps as many as BACKUPS_KEPT says', async () => {
    const folder = await folderWith('ann', 'bob');
    const file = join(folder, 'mine.db');
    expect(await usher(['backup', file], { DATA_DIR: folder })).toMatchObject({ exitCode: 0, stderr: '' });
    expect(query(file, 'SELECT user_name_key FROM users ORDER BY 1')).toEqual(['ann', 'bob']);
    const wrong = await usher(['backup'], { DATA_DIR: folder, BACKUPS_KEPT: '0', MATRIX_URL: 'nonsense' });
    expect(wrong.exitCode).toBe(2);
    expect(wrong.stderr).toContain('BACKUPS_KEPT');
    expect(wrong.stderr).not.toContain('MATRIX_URL');
  });

  it('writes over nothing that it did not write', async () => {
    const folder = await folderWith('ann');
    const file = join(folder, 'precious.txt');
    writeFileSync(file, 'precious');
    for (const target of [file, join(folder, 'usher.db')]) {
      const { exitCode, stderr } = await usher(['backup', target], { DATA_DIR: folder });
      expect([exitCode, stderr]).toEqual([
        1,
        `usher: ${target} is there already, and is not written over. Give another name.\n`,
      ]);
    }
    expect(readFileSync(file, 'utf8')).toBe('precious');
  });

  it('sends one to standard output, and leaves nothing', async () => {
    const folder = await folderWith('ann', 'bob');
    const file = join(tempDir(), 'sent.db');
    const child = spawn(process.execPath, [USHER, 'backup', '-'], { env: { DATA_DIR: folder } });
    const [, stderr] = await Promise.all([
      pipeline(child.stdout, createWriteStream(file)),
      text(child.stderr),
      once(child, 'close'),
    ]);
    expect(stderr).toMatch(
      /^backup: standard output .*\nIt has 2 users, 1 group, 2 Matrix accounts and 2 recorded/,
    );
    expect(query(file, 'PRAGMA integrity_check')).toEqual(['ok']);
    expect(query(file, 'SELECT count(*) FROM users')).toEqual([2]);
    expect(readdirSync(join(folder, 'backups'))).toEqual([]);
  });

  it('says that there is nothing to back up, and makes nothing', async () => {
    const folder = join(tempDir(), 'data');
    const { exitCode, stderr } = await usher(['backup'], { DATA_DIR: folder });
    expect([exitCode, stderr]).toEqual([
      2,
      `usher: there is no database in ${folder} to back up. Set DATA_DIR to the folder that Usher uses.\n`,
    ]);
    expect(existsSync(folder)).toBe(false);
  });
});
