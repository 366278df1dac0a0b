import { lookAt } from '../../cli/look/stage.ts';
import { unescaped } from './logged.ts';

/** What is said of rooms of the map that can't be used, or not as the map says. */
export async function sayOfRooms(): Promise<readonly string[]> {
  return [...(await sayOfUnusable()), ...(await sayOfPower()), ...(await sayOfExclusive())];
}

async function sayOfUnusable(): Promise<readonly string[]> {
  const stage = await lookAt(() => ({ '*': ['#nowhere:example.com', '!unknown:example.com'] }));
  await stage.resync();
  return [(await stage.look('status')).stdout];
}

async function sayOfPower(): Promise<readonly string[]> {
  const stage = await lookAt(() => ({
    'ext-eng': ['#eng:example.com', '#flat:example.com'],
    '*': { room: '#old:example.com', powerLevel: 100 },
  }));
  const { homeserver, mod, provider, settle, resync, look } = stage;
  const flat = await mod.createRoom({ alias: 'flat', version: '11' });
  await mod.setPowerLevels(flat, { users: { [mod.userId]: 0 }, users_default: 0 });
  await homeserver.homeserver.takeRoom(await mod.createRoom({ alias: 'old', version: '11' }));
  await resync();
  await provider.createGroup('Engineering', 'ext-eng', [await provider.createUser({ userName: 'ann' })]);
  await settle();
  await resync();
  const said = [await readiness(stage.url)];
  for (const args of [['check'], ['users', '--failing']]) said.push((await look(...args)).stdout);
  return said;
}

async function sayOfExclusive(): Promise<readonly string[]> {
  const stage = await lookAt(() => ({
    'ext-eng': { room: '#eng:example.com', mode: 'exclusive' },
    'ext-ops': { room: '#lobby:example.com', mode: 'exclusive' },
  }));
  await stage.provider.createGroup('Engineering', 'ext-eng', [
    await stage.provider.createUser({ userName: 'ann' }),
  ]);
  await stage.settle();
  await stage.resync();
  return [await readiness(stage.url)];
}

async function readiness(url: string): Promise<string> {
  return unescaped(await (await fetch(`${url}/readyz`)).text());
}
