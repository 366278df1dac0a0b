import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { startService } from '../../src/cli/service.ts';
import { loadConfig } from '../../src/config/config.ts';
import type { SourceId } from '../../src/directory/resource.ts';
import { createLog, type Log } from '../../src/log.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import { type SimulatedUnderTest, startSimulated } from '../support/homeserver/simulated.ts';
import { tempDir } from '../support/temp-dir.ts';
import { usher } from '../support/terminal.ts';
import { envFor } from '../support/usher.ts';

let homeserver: SimulatedUnderTest;
beforeAll(async () => {
  homeserver = await startSimulated();
});
afterAll(() => homeserver.close());

it('plans with another map than the one in force', async () => {
  const room = await (await homeserver.person('owner')).createRoom();
  const folder = tempDir();
  const env = envFor(homeserver, folder);
  const [inForce, next] = [String(env.GROUP_MAP_FILE), join(folder, 'next.jsonc')];
  writeFileSync(inForce, '{}');
  writeFileSync(next, JSON.stringify({ '*': room }));
  const store = openStore(String(env.DATA_DIR));
  await store.users.create('default' as SourceId, { userName: 'ann', externalId: 'uid-ann' }, Date.now());
  await store.close();

  expect((await usher(['plan'], env)).stdout).not.toContain(room);
  expect((await usher(['plan', '--map', next], env)).stdout).toContain(`+ join @ann:usher.test to ${room}`);

  writeFileSync(next, '{');
  expect(await usher(['plan', '--map', next], env)).toMatchObject({
    exitCode: 2,
    stderr: `usher: not a valid group map\n${next}:1:2: a closing } is missing here\n`,
  });
  expect((await usher(['plan', '--map', join(folder, 'none')], env)).stderr).toMatch(/can't be read: ENOENT/);
});

it('is warned about by check', async () => {
  const env = envFor(homeserver, tempDir());
  writeFileSync(String(env.GROUP_MAP_FILE), '{\n  "g": "#a:y.org"\n}');

  const { stdout } = await usher(['check'], env);
  expect(stdout).toContain(
    [
      `warn  group map: ${env.GROUP_MAP_FILE}:2:8: #a:y.org has the name of another server`,
      '      it means: people can be added only while somebody of usher.test is in that room.',
      '      to do:    join it by hand first, or write an alias of usher.test.',
    ].join('\n'),
  );
});

it('is warned about by the service at start and after an edit', async () => {
  const env = envFor(homeserver, tempDir());
  const path = String(env.GROUP_MAP_FILE);
  const warnings: object[] = [];
  const log = Object.assign(createLog('silent'), {
    warn: (fields: object) => void ('place' in fields && warnings.push(fields)),
  }) as Log;
  writeFileSync(path, '{"g": "#a:y.org"}');
  const service = await startService(loadConfig({ env, readFile: () => '' }).config, log);
  onTestFinished(() => service.close());

  const reason = (room: string) => expect.stringMatching(`^${room} has the name of another server, so `);
  expect(warnings).toEqual([{ place: `${path}:1:7`, reason: reason('#a:y.org') }]);

  writeFileSync(path, '{\n"g": "#b:y.org"}');
  await expect
    .poll(() => warnings.slice(1), { timeout: 5000 })
    .toEqual([{ place: `${path}:2:6`, reason: reason('#b:y.org') }]);
});
