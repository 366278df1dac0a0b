import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startSimulated } from '../support/homeserver/simulated.ts';
import { tempDir } from '../support/temp-dir.ts';
import { runTool, toolFor } from '../support/tools.ts';
import { envFor } from '../support/usher.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const UNIT = read('deploy/systemd/usher.service');

/** What a setting of the unit says, each time. */
function told(name: string): readonly string[] {
  return [...UNIT.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value);
}

/** A text of deploy/systemd with the places of this machine for those of a server. */
function placed(text: string, etc: string): string {
  return text
    .replaceAll('/usr/bin/node', process.execPath)
    .replaceAll('/opt/usher', ROOT)
    .replaceAll('/etc/usher', etc);
}

describe('the systemd unit', { timeout: 60_000 }, () => {
  it('is one to systemd, which finds little that an attacker in it could do', async (context) => {
    const analyze = toolFor(context, 'systemd-analyze');
    const file = join(tempDir(), 'usher.service');
    writeFileSync(file, placed(UNIT, tempDir()));
    const verified = await runTool(analyze, ['verify', file]);
    expect(verified).toMatchObject({ exitCode: 0, output: '' });
    // In tenths; without any hardening it is 96.
    const secure = await runTool(analyze, ['security', '--offline=true', '--threshold=15', file]);
    expect(secure.output).toContain('Overall exposure level');
    expect(secure.exitCode, secure.output).toBe(0);
    expect(told('MemoryDenyWriteExecute')).toEqual([]); // V8 compiles as it goes
  });

  it('starts Usher as the container does', () => {
    const [, ...flags] = JSON.parse(/^CMD (\[.*\])$/m.exec(read('Dockerfile'))?.[1] ?? '[]') as string[];
    expect(told('ExecStart')).toEqual([
      `/usr/bin/node ${flags.join(' ').replace('src/', '/opt/usher/src/')}`,
    ]);
    for (const variable of ['NODE_ENV=production', 'MALLOC_ARENA_MAX=2']) {
      expect(read('Dockerfile')).toContain(variable);
      expect(told('Environment').join(' ')).toContain(variable);
    }
  });
});

describe('the command beside the unit', { timeout: 60_000 }, () => {
  it('runs with the settings and the data of the service, and its user', async () => {
    const homeserver = await startSimulated();
    onTestFinished(() => homeserver.close());
    const etc = tempDir();
    const { DATA_DIR, ...env } = envFor(homeserver, etc);
    writeFileSync(String(env.GROUP_MAP_FILE), '{}');
    writeFileSync(
      join(etc, '.env'),
      Object.entries(env)
        .map((pair) => pair.join('='))
        .join('\n'),
    );
    const bin = join(etc, 'bin');
    mkdirSync(bin);
    // In place of the one that changes the user: it writes down to whom.
    writeFileSync(join(bin, 'runuser'), `#!/bin/sh\necho "$1 $2 $3" > ${etc}/user\nshift 3\nexec "$@"\n`, {
      mode: 0o755,
    });
    const script = join(etc, 'usher');
    const text = placed(read('deploy/systemd/usher'), etc).replaceAll('/var/lib/usher', String(DATA_DIR));
    writeFileSync(script, text, { mode: 0o755 });

    const path = { PATH: `${bin}:${process.env.PATH}` };
    const { output, exitCode } = await runTool(script, ['check'], { cwd: '/', env: path });

    expect(output).toContain(homeserver.bot);
    expect(output).toContain(`none yet in ${DATA_DIR}`);
    expect(exitCode).toBe(0);
    expect(readFileSync(join(etc, 'user'), 'utf8')).toBe(`-u ${told('User')} --\n`);
    for (const place of ['/etc/usher', '/var/lib/usher']) expect(UNIT).toContain(place);
  });
});
