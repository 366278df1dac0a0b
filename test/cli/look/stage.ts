import { onTestFinished } from 'vitest';
import type { Terminal } from '../../../src/cli/terminal.ts';
import { type RoomId, userId } from '../../../src/matrix/ids.ts';
import { openStoreBeside } from '../../../src/store/sqlite/open-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { startSimulated } from '../../support/homeserver/simulated.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { usher } from '../../support/terminal.ts';
import { envFor, startUsher } from '../../support/usher.ts';

/** A homeserver with two rooms, a service, and somebody who looks. */
export async function lookAt(map: (rooms: { eng: RoomId; lobby: RoomId }) => object = usual, env = {}) {
  const homeserver = await startSimulated({ serverName: 'example.com' });
  onTestFinished(() => homeserver.close());
  const mod = await homeserver.person('mod');
  const eng = await mod.createRoom({ alias: 'eng' });
  const lobby = await mod.createRoom({ alias: 'lobby' });
  const folder = tempDir();
  const running = await startUsher(homeserver, map({ eng, lobby }), { folder, env });
  const settings = envFor(homeserver, folder, env);
  return {
    homeserver,
    mod,
    eng,
    lobby,
    ...running,
    /** Runs a command beside the service. */
    look: (...args: readonly string[]) => usher(args, settings),
    /** The same with more of a terminal. */
    lookWith: (more: Partial<Terminal>, ...args: readonly string[]) => usher(args, settings, more),
    /** What it prints as JSON. */
    async json(...args: readonly string[]) {
      return JSON.parse((await usher([...args, '--json'], settings)).stdout);
    },
    async beside<T>(work: (store: Store) => Promise<T>): Promise<T> {
      const store = openStoreBeside(running.dataDir);
      try {
        return await work(store);
      } finally {
        await store.close();
      }
    },
  };
}

export type Looking = Awaited<ReturnType<typeof lookAt>>;

const usual = (): object => ({ 'ext-eng': ['#eng:example.com'], '*': '#lobby:example.com' });

export const ANN = userId('ann', 'example.com');

/** Ann is in Interns, which is in Engineering; Bob is in Engineering; Cem in nothing. */
export async function withPeople(stage: Looking) {
  const { provider, settle } = stage;
  const ann = await provider.createUser({
    userName: 'ann',
    displayName: 'Ann Ant',
    email: 'ann@example.com',
  });
  const bob = await provider.createUser({ userName: 'bob', displayName: 'Bob' });
  const cem = await provider.createUser({ userName: 'cem', displayName: 'Cem' });
  const interns = await provider.createGroup('Interns', 'ext-interns', [ann]);
  const engineering = await provider.createGroup('Engineering', 'ext-eng', [bob, interns]);
  await settle();
  return { ann, bob, cem, interns, engineering };
}
