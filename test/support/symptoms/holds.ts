import { copyFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { lookAt } from '../../cli/look/stage.ts';
import { startSimulated } from '../homeserver/simulated.ts';
import { tempDir } from '../temp-dir.ts';
import { usher } from '../terminal.ts';
import { envFor, startUsher } from '../usher.ts';
import { keepLog } from './logged.ts';

/** The map is read each second, and counts when it is the same twice. */
const SEEN = { timeout: 10_000 };
const MAP = { 'ext-eng': ['#eng:example.com', '#ops:example.com'] };

/** What is said of what waits for a person, by the guard's reasons that are about everything. */
export async function sayOfHolds(): Promise<readonly string[]> {
  return [await sayOfNobody(), ...(await sayOfMapAndCopy())];
}

/** The provider deletes the only group there is. */
async function sayOfNobody(): Promise<string> {
  const { provider, settle, look } = await lookAt(() => ({ 'ext-eng': '#eng:example.com' }));
  const ids: string[] = [];
  for (const userName of ['ann', 'bob']) ids.push(await provider.createUser({ userName }));
  const group = await provider.createGroup('Engineering', 'ext-eng', ids);
  await settle();
  await provider.deleteGroup(group);
  await settle();
  return (await look('held')).stdout;
}

async function sayOfMapAndCopy(): Promise<readonly string[]> {
  const homeserver = await startSimulated({ serverName: 'example.com' });
  onTestFinished(() => homeserver.close());
  const mod = await homeserver.person('mod');
  for (const alias of ['eng', 'ops']) await mod.createRoom({ alias });
  const folder = tempDir();
  const settings = envFor(homeserver, folder);
  const held = async (...args: readonly string[]): Promise<string> => {
    const { stdout, stderr } = await usher(args.length === 0 ? ['held'] : args, settings);
    return stdout + stderr;
  };
  const { log, logged } = keepLog();
  const first = await startUsher(homeserver, MAP, { folder, log });
  const ann = await first.provider.createUser({ userName: 'ann' });
  await first.provider.createGroup('Engineering', 'ext-eng', [ann]);
  await first.settle();
  await first.resync();
  const copy = join(folder, 'copy.db');
  await usher(['backup', copy], settings);
  first.writeMap({});
  await vi.waitFor(() => {
    if (!logged().includes('the group map lost')) throw new Error('not yet');
  }, SEEN);
  const said = [logged(), await held(), await held('approve', '0000000')];
  await first.close();

  for (const name of readdirSync(first.dataDir).filter((each) => each.startsWith('usher.db'))) {
    rmSync(join(first.dataDir, name));
  }
  copyFileSync(copy, join(first.dataDir, 'usher.db'));
  const second = await startUsher(homeserver, {}, { folder });
  await second.settle();
  return [...said, await held()];
}
