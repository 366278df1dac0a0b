import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import type { SourceId } from '../../src/directory/resource.ts';
import { parseGroupMap } from '../../src/plan/group-map-parse.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import { startSimulated } from '../support/homeserver/simulated.ts';
import { openPage } from '../support/page.ts';
import { tempDir } from '../support/temp-dir.ts';
import { usher } from '../support/terminal.ts';
import { envFor } from '../support/usher.ts';

const SOURCE = 'default' as SourceId;
const MAP = `{
  // Whom to call at night
  "name:Ops": "#ops:example.com", // since May
  // Everybody active
  "*": "#lobby:example.com"
}
`;
const BROKEN = `{
  "name:Ops": { "room": "#ops:example.com", "mod": "additive" },
  "*": "lobby"
}`;
const ODD = `{
  "name:Ops": { "room": "#ops:example.com", "powerLevel": 100 },
  "*": "#lobby:other.org"
}`;

const page = openPage(new URL('../../docs/group-map.md', import.meta.url));
// Of "usher check" the page shows some lines; test/cli/check-rooms.test.ts has them.
afterAll(() => page.close(5, ['check']));

/** `UPDATE_DOCS=1` writes what the commands print now. */
it('shows in docs/group-map.md what the commands that edit a map print', async () => {
  const homeserver = await startSimulated({ serverName: 'example.com' });
  onTestFinished(() => homeserver.close());
  const folder = tempDir();
  const settings = envFor(homeserver, folder);
  for (const [name, text] of [
    ['group-map.jsonc', MAP],
    ['broken.jsonc', BROKEN],
    ['odd.jsonc', ODD],
  ] as const) {
    writeFileSync(join(folder, name), text);
  }
  /** As if it were run in that folder. */
  const look = async (...args: readonly string[]) => {
    const paths = args.map((word) => (word.endsWith('.jsonc') ? join(folder, word) : word));
    const { stdout, stderr } = await usher(paths, settings);
    return { stdout: stdout.replaceAll(`${folder}/`, ''), stderr: stderr.replaceAll(`${folder}/`, '') };
  };
  await fill(homeserver, String(settings.DATA_DIR));
  const { next } = page.play({ homeserver, dataDir: String(settings.DATA_DIR), look }, 'Commands');
  await next('map check broken.jsonc');
  await next('map check odd.jsonc');
  await next('map add name:Ops');
  await next('map add name:Ops');
  await next('map add name:Support');
  await next('map remove name:ops');
  await next('map dump');
  const { stdout } = await look('map', 'dump');
  expect(parseGroupMap(stdout).rules).toHaveLength(1);
});

/** People who are in rooms already, and groups of theirs that were pushed. */
async function fill(homeserver: Awaited<ReturnType<typeof startSimulated>>, dataDir: string): Promise<void> {
  const names = ['ann', 'ben', 'cyd', 'dot', 'eve', 'fay'];
  const [ann, ...others] = await Promise.all(names.map((name) => homeserver.person(name)));
  if (ann === undefined) throw new Error('there is nobody');
  const builds = await ann.createRoom({ name: 'Builds', joinRule: 'public' });
  const eng = await ann.createRoom({ name: 'Engineering', alias: 'eng', joinRule: 'public' });
  for (const person of others.slice(0, 3)) for (const room of [builds, eng]) await person.join(room);
  await others[3]?.join(eng);
  const store = openStore(dataDir);
  const add = async (displayName: string, externalId: string | undefined, members: readonly string[]) => {
    const ids = [];
    for (const userName of members) ids.push((await store.users.create(SOURCE, { userName }, Date.now())).id);
    await store.groups.create(SOURCE, { attributes: { displayName, externalId }, members: ids }, Date.now());
  };
  await add('Engineering', '2cf07991-e8dd-4fcd-a4b8-e2db71698e34', [...names.slice(0, 4), 'later']);
  await add('Support', undefined, ['eve', 'fay']);
  await store.close();
}
