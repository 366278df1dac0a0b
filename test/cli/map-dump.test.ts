import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ResourceId, SourceId } from '../../src/directory/resource.ts';
import { parseGroupMap } from '../../src/plan/group-map-parse.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import { type SimulatedUnderTest, startSimulated } from '../support/homeserver/simulated.ts';
import { tempDir } from '../support/temp-dir.ts';
import { usher } from '../support/terminal.ts';
import { envFor } from '../support/usher.ts';

const SOURCE = 'default' as SourceId;

let homeserver: SimulatedUnderTest;
beforeAll(async () => {
  homeserver = await startSimulated();
});
afterAll(() => homeserver.close());

/** A database with groups of these people; nothing is linked. */
async function pushed(
  groups: readonly (readonly [name: string, externalId: string | undefined, members: readonly string[]])[],
) {
  const env = envFor(homeserver, tempDir(), { DRY_RUN: 'true' });
  writeFileSync(String(env.GROUP_MAP_FILE), '{}');
  const store = openStore(String(env.DATA_DIR));
  const ids = new Map<string, ResourceId>();
  for (const userName of new Set(groups.flatMap(([, , members]) => members)))
    ids.set(
      userName,
      (await store.users.create(SOURCE, { userName, externalId: `uid-${userName}` }, Date.now())).id,
    );
  for (const [displayName, externalId, names] of groups) {
    const members = names.flatMap((name) => ids.get(name) ?? []);
    await store.groups.create(SOURCE, { attributes: { displayName, externalId }, members }, Date.now());
  }
  await store.close();
  return env;
}

it('writes a map of the rooms that groups are in', async () => {
  const [ann, ben, cyd, dot, eve] = [
    await homeserver.person('ann'),
    await homeserver.person('ben'),
    await homeserver.person('cyd'),
    await homeserver.person('dot'),
    await homeserver.person('eve'),
  ];
  const room = await ann.createRoom({ name: 'Eng "1"\n', alias: 'eng', joinRule: 'public' });
  const space = await ann.createRoom({ name: 'House', isSpace: true, joinRule: 'public' });
  const few = await ann.createRoom({ name: 'Few', joinRule: 'public' });
  const nameless = await ann.createRoom({ joinRule: 'public' });
  for (const each of [ben, cyd, dot]) for (const into of [room, space, nameless]) await each.join(into);
  await eve.join(room);
  for (const each of [ben, cyd]) await each.join(few);
  const env = await pushed([
    ['Engineering', 'ext-eng', ['ann', 'ben', 'cyd', 'dot', 'nobody']],
    ['One\nalone', '*', ['eve']],
    ['Later', 'ext-later', ['nobody']],
    ['Empty', undefined, []],
    ['name: ', ' ', []],
  ]);

  const { exitCode, stdout, stderr } = await usher(['map', 'dump'], env);

  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout.slice(stdout.indexOf('\n{\n'))).toBe(`
{
  // Engineering: 5 active members, 4 with an account
  "ext-eng": [
    "${space}", // space "House": 4 of 4 members are in; nobody else
    "#eng:usher.test", // "Eng \\"1\\"": 4 of 4 members are in; 1 other too
  ],

  // One alone: 1 active member, 1 with an account
  "name:One\\nalone": [
    "#eng:usher.test", // "Eng \\"1\\"": 1 of 1 member is in; 4 others too
  ],

  // Later: 1 active member, none with an account
  // "ext-later": [],

  // Empty: 0 active members, none with an account
  // "name:Empty": [],

  // name:: 0 active members, none with an account
  // "name:name: ": [],
}
`);
  const map = parseGroupMap(stdout);
  expect(map.rules.map(({ targets }) => targets.length)).toEqual([2, 1]);

  const next = join(String(env.DATA_DIR), '..', 'next.jsonc');
  writeFileSync(next, stdout);
  const plan = await usher(['plan', '--map', next], { ...env, EXISTING_ACCOUNTS: 'adopt' });
  expect(plan.stdout).not.toMatch(/^- (remove|kick)/m);
  expect((await usher(['plan'], env)).stdout).not.toContain(room);
});

it('looks at some of many, and says so', async () => {
  const names = Array.from({ length: 70 }, (_, index) => `many${index}`);
  const owner = await homeserver.person('owner');
  const room = await owner.createRoom({ name: 'Many', joinRule: 'public' });
  for (const name of names) await (await homeserver.person(name)).join(room);
  const absent = Array.from({ length: 70 }, (_, index) => `absent${index}`);

  const { stdout } = await usher(
    ['map', 'dump'],
    await pushed([
      ['Many', undefined, names],
      ['Absent', undefined, absent],
    ]),
  );

  expect(stdout).toContain('// Many: 70 active members, 20 with an account were looked at\n');
  expect(stdout).toContain(
    `"${room}", // "Many": 20 of 20 who were looked at are in; 71 people altogether\n`,
  );
  expect(stdout).toContain(
    '// Absent: 70 active members; none of those looked at has an account\n  // "name:Absent": [],',
  );
});

it('ends with 1 while the homeserver does not answer', async () => {
  const env = await pushed([]);
  await homeserver.stop();
  expect(await usher(['map', 'dump'], env)).toMatchObject({ exitCode: 1, stdout: '' });
  await homeserver.start();
  expect((await usher(['map', 'dump'], env)).stdout).toMatch(/\n\{\n\}\n$/);
});

it('needs a database', async () => {
  const { exitCode, stderr } = await usher(['map', 'dump'], {
    ...(await pushed([])),
    DATA_DIR: join(tempDir(), 'none'),
  });
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/no database in/);
});
