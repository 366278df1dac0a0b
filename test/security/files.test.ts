import { chmodSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { oldFolder } from '../support/databases.ts';
import { startSimulated } from '../support/homeserver/simulated.ts';
import { createProvider } from '../support/provider.ts';
import { oldDataDir, oldGroup, oldUser } from '../support/synapse-scim.ts';
import { tempDir } from '../support/temp-dir.ts';
import { usher } from '../support/terminal.ts';
import { type Env, envFor, SECRET } from '../support/usher.ts';
import { CARELESS, runUsher } from '../support/usher-command.ts';
import { startUsherProcess } from '../support/usher-process.ts';

async function stage(folder = tempDir(), more: Env = {}) {
  const homeserver = await startSimulated();
  onTestFinished(() => homeserver.close());
  const env = envFor(homeserver, folder, { LOG_LEVEL: 'info', ...more });
  writeFileSync(String(env.GROUP_MAP_FILE), '{}');
  return { homeserver, folder, env, dataDir: String(env.DATA_DIR) };
}

/** The modes of all there is in a folder, and of the folder; written down for as long as the work goes on. */
async function watched<T>(folder: string, work: Promise<T>) {
  const seen = new Map<string, Set<string>>();
  const look = (): void => {
    for (const path of ['', ...namesIn(folder)]) {
      const stat = statSync(join(folder, path), { throwIfNoEntry: false });
      if (stat === undefined) continue;
      const mode = `${stat.isDirectory() ? 'd' : '-'}${(stat.mode & 0o777).toString(8)}`;
      seen.set(path, (seen.get(path) ?? new Set()).add(mode));
    }
  };
  const timer = setInterval(look, 1);
  try {
    return { result: await work, seen };
  } finally {
    clearInterval(timer);
    look();
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true }).map(String);
  } catch {
    return []; // a folder went away while it was read, or is not there yet
  }
}

function openOnes(seen: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  const allowed = new Set(['-600', 'd700']);
  return [...seen].flatMap(([path, modes]) =>
    [...modes].filter((mode) => !allowed.has(mode)).map((mode) => `${path} ${mode}`),
  );
}

describe('what Usher writes into DATA_DIR is for itself alone, whatever the umask', {
  timeout: 60_000,
}, () => {
  it('while it runs: the folder, the database and what is beside it, the lock, the seal, backups', async () => {
    const { env, dataDir } = await stage(tempDir(), {});
    const { seen } = await watched(
      dataDir,
      (async () => {
        const running = await startUsherProcess(env, CARELESS);
        const provider = createProvider(`${running.url}/scim/v2`, SECRET);
        await provider.createUser({ userName: 'ann' });
        const backup = await runUsher(['backup'], env, { wrapper: CARELESS });
        expect(backup.stderr).toBe('');
        expect((await runUsher(['backup', '-'], env, { wrapper: CARELESS })).stdout.length).toBeGreaterThan(
          50_000,
        );
        await running.end('SIGKILL');
      })(),
    );

    expect(openOnes(seen)).toEqual([]);
    for (const name of [
      '',
      'usher.db',
      'usher.db-wal',
      'usher.db-shm',
      'usher.lock',
      'usher.seal',
      'backups',
    ])
      expect([...seen.keys()]).toContain(name);
    expect([...seen.keys()].some((name) => /^backups\/usher-.*\.db$/.test(name))).toBe(true);
  });

  it('when a backup is restored, also one that everybody may read', async () => {
    const { env, dataDir, folder } = await stage();
    await (await startUsherProcess(env, CARELESS)).end();
    const copy = join(folder, 'copy.db');
    const backup = await runUsher(['backup', copy], env, { wrapper: CARELESS });
    expect(backup.exitCode).toBe(0);
    expect((statSync(copy).mode & 0o777).toString(8)).toBe('600');
    chmodSync(copy, 0o666);

    const { result, seen } = await watched(dataDir, runUsher(['restore', copy], env, { wrapper: CARELESS }));

    expect(result.exitCode).toBe(0);
    expect(openOnes(seen)).toEqual([]);
    expect([...seen.keys()].some((name) => name.startsWith('staging'))).toBe(true);
  });

  it('when it is brought up to date, and when another bridge is taken over', async () => {
    const old = oldFolder();
    chmodSync(old, 0o700);
    chmodSync(join(old, 'usher.db'), 0o600);
    const first = await stage(tempDir(), { DATA_DIR: old });
    const updated = await watched(
      old,
      startUsherProcess(first.env, CARELESS).then((running) => running.end()),
    );
    expect(openOnes(updated.seen)).toEqual([]);
    expect([...updated.seen.keys()].some((name) => name.includes('before-schema'))).toBe(true);

    const { env, dataDir, folder } = await stage();
    const files = { users: { a: oldUser('ann') }, groups: { g: oldGroup('eng', 'ext-eng', ['a']) } };
    const from = oldDataDir(folder, { ...files, map: '{"ext-eng": "#eng:usher.test"}' });
    const out = join(folder, 'new-map.jsonc');
    const imported = await watched(
      dataDir,
      runUsher(['import', 'synapse-scim', from, '--map-out', out], env, { wrapper: CARELESS }),
    );
    expect(imported.result.stderr).toBe('');
    expect(openOnes(imported.seen)).toEqual([]);
    expect(imported.seen.size).toBeGreaterThan(3);
    // Who is in which room is written there, so only its owner may write it; the service has to read it.
    expect((statSync(out).mode & 0o777).toString(8)).toBe('644');
  });

  it('and an edit of the group map lets nobody else write it', async () => {
    const { env, folder } = await stage();
    chmodSync(join(folder, 'group-map.jsonc'), 0o640);
    const args = ['map', 'add', 'ext-eng', '#eng:usher.test', '--file', String(env.GROUP_MAP_FILE)];
    const { result, seen } = await watched(folder, runUsher(args, env, { wrapper: CARELESS }));
    expect(result.exitCode).toBe(0);
    const modes = [...seen].filter(([name]) => name.includes('group-map'));
    expect(modes.length).toBeGreaterThan(0);
    for (const [, each] of modes) for (const mode of each) expect(['-640', '-600']).toContain(mode);
  });
});

describe('a symlink that somebody left', { timeout: 60_000 }, () => {
  it('is not followed by a backup: what it leads to is as it was', async () => {
    const { env, folder } = await stage();
    await (await startUsherProcess(env)).end();
    const precious = join(folder, 'precious');
    writeFileSync(precious, 'precious');
    const target = join(folder, 'backup.db');
    symlinkSync(precious, target);
    expect((await usher(['backup', target], env)).exitCode).not.toBe(0);
    expect(statSync(precious).size).toBe(8);

    const dangling = join(folder, 'dangling.db');
    symlinkSync(join(folder, 'nowhere'), dangling);
    expect((await usher(['backup', dangling], env)).exitCode).toBe(0);
    expect(namesIn(folder).map((name) => relative('.', name))).not.toContain('nowhere');
  });
});
