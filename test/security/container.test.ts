import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startSimulated } from '../support/homeserver/simulated.ts';
import { createProvider } from '../support/provider.ts';
import { tempDir } from '../support/temp-dir.ts';
import { envFor, SECRET } from '../support/usher.ts';
import { startUsherProcess } from '../support/usher-process.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');

/** Of somebody without any rights. */
const NOBODY = 65_534;

/** As the container has it: nothing can be written but what is mounted, by a user without rights who can get none. */
const LOCKED_UP = [
  'unshare',
  '--mount',
  'sh',
  '-c',
  `set -e
  data=$1; shift
  mount --make-rprivate /
  mount --bind "$data" "$data"
  mount -o remount,bind,ro /
  exec setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all "$@"`,
  'sh',
];

/** Why a process can't be locked up here; undefined if it can. */
function obstacle(): string | undefined {
  const data = tempDir();
  const [command = '', ...args] = [
    ...LOCKED_UP,
    data,
    process.execPath,
    '-e',
    `
    const { writeFileSync } = require('node:fs');
    require('node:fs').readFileSync(${JSON.stringify(join(ROOT, 'src/usher.js'))});
    try { writeFileSync(${JSON.stringify(`${data}-outside`)}, ''); } catch ({ code }) { process.exit(code === 'EROFS' ? 0 : 3); }
    process.exit(4);`,
  ];
  chmodSync(data, 0o755);
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? undefined : `${error?.message ?? ''} ${stderr ?? ''} (exit ${status})`;
}

describe('the recipe of the container', () => {
  it('runs as somebody without rights, who owns nothing but the data', () => {
    const lines = read('Dockerfile').split('\n');
    const user = lines.findIndex((line) => line.startsWith('USER '));
    expect(lines[user]).toBe('USER node');
    expect(lines.slice(user).join('\n')).not.toMatch(/^(RUN|COPY|ADD|USER root)/m);
    expect(read('Dockerfile')).toContain('install -d -o node -g node -m 700 /data');
    expect(read('Dockerfile')).not.toMatch(/--chown|chmod/);
  });

  it('holds no secret, and takes nothing into the image that may be one', () => {
    const dockerfile = read('Dockerfile');
    expect(dockerfile).not.toMatch(/^ARG/m);
    expect(dockerfile).not.toMatch(/(ENV|ARG)[^\n]*(SECRET|TOKEN|PASSWORD|KEY)/i);
    expect(dockerfile).not.toMatch(/^(COPY|ADD) \. /m);
    expect(dockerfile).not.toMatch(/^ADD /m);
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*)$/gm)].flatMap(([, names = '']) =>
      names.split(' ').slice(0, -1),
    );
    expect(copied.toSorted()).toEqual([
      ...['.npmrc', '.npmrc', 'LICENSE', 'package-lock.json', 'package-lock.json'],
      ...['package.json', 'package.json', 'package.json', 'src', 'src/console', 'tsconfig.json'],
    ]);
    // Nothing but what was built comes from where the console is built, with all that builds it.
    expect([...dockerfile.matchAll(/^COPY --from=console (.*)$/gm)].map(([, names]) => names)).toEqual([
      '/app/dist ./dist',
    ]);
    for (const line of dockerfile.match(/^RUN npm .*$/gm) ?? []) expect(line).toContain('--ignore-scripts');
    expect(read('.npmrc')).not.toMatch(/_auth|token|password/i);
    expect(dockerfile).toContain('npm ci --omit=dev --ignore-scripts');
  });

  it('is started read-only, without capabilities, and not to the outside', () => {
    const compose = read('docker-compose.example.yml');
    const lines = compose
      .split('\n')
      .filter((line) => !/^\s*#/.test(line))
      .join('\n');
    expect(lines).toMatch(/^ {4}read_only: true$/m);
    expect(lines).toMatch(/^ {4}cap_drop:\n {6}- ALL$/m);
    expect(lines).toMatch(/^ {4}security_opt:\n {6}- no-new-privileges:true$/m);
    expect(lines).toMatch(/- \.\/config:\/config:ro/);
    expect(lines).not.toMatch(/^\s*(ports|privileged|cap_add|network_mode|pid|devices):/m);
    expect(lines).not.toMatch(/docker\.sock|SECRET|TOKEN/);
  });
});

describe('a service that may write its data and nothing else', { timeout: 60_000 }, () => {
  it('starts, takes what is pushed, and makes the homeserver agree', async ({ skip }) => {
    const reason = obstacle();
    skip(reason !== undefined, `NOT LOOKED AT: no process can be locked up here: ${reason}`);
    const homeserver = await startSimulated();
    onTestFinished(() => homeserver.close());
    const folder = tempDir();
    const cache = join(folder, 'compile-cache');
    const env = envFor(homeserver, folder, { LOG_LEVEL: 'info', NODE_COMPILE_CACHE: cache });
    const dataDir = String(env.DATA_DIR);
    mkdirSync(dataDir, { mode: 0o700 });
    chownSync(dataDir, NOBODY, NOBODY);
    chmodSync(folder, 0o755);
    const owner = await homeserver.person('owner');
    const room = await owner.createRoom();
    writeFileSync(String(env.GROUP_MAP_FILE), JSON.stringify({ 'ext-eng': [room] }), { mode: 0o644 });

    const running = await startUsherProcess(env, [...LOCKED_UP, dataDir]);
    const status = readFileSync(`/proc/${running.pid}/status`, 'utf8');
    expect(status).toMatch(new RegExp(`^Uid:\\s+${NOBODY}\\s+${NOBODY}\\s`, 'm'));
    expect(status).toMatch(/^CapEff:\s+0+$/m);
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
    const provider = createProvider(`${running.url}/scim/v2`, SECRET);
    const ann = await provider.createUser({ userName: 'ann' });
    await provider.createGroup('Engineering', 'ext-eng', [ann]);
    await vi.waitFor(
      async () =>
        expect([...((await homeserver.homeserver.joinedMembers(room)) ?? [])].join()).toContain('@ann:'),
      { timeout: 30_000 },
    );
    await running.end();

    expect(running.log()).not.toMatch(/"level":"(error|fatal)"|EROFS|EACCES/);
    expect(readdirSync(folder).toSorted()).toEqual(['data', 'group-map.jsonc']);
    expect(statSync(join(dataDir, 'usher.db')).uid).toBe(NOBODY);
  });
});
