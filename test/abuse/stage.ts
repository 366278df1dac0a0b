import { once } from 'node:events';
import { existsSync, statfsSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { RoomId } from '../../src/matrix/ids.ts';
import { type SimulatedUnderTest, startSimulated } from '../support/homeserver/simulated.ts';
import { createProvider, type Provider } from '../support/provider.ts';
import { scimClient } from '../support/scim/client.ts';
import { tempDir } from '../support/temp-dir.ts';
import { type Env, envFor, SECRET } from '../support/usher.ts';
import { startUsherProcess, type UsherProcess } from '../support/usher-process.ts';

export const TOKEN = SECRET;

const MEMORY_DISK = '/dev/shm';

/** Usher alone is measured, and not the disk that is shared with other tests. */
function hasRoom(path: string): boolean {
  if (!existsSync(path)) return false;
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize > 500_000_000;
}

/** Usher as a process of its own, with a simulated homeserver and a provider. */
export type Stage = {
  readonly usher: UsherProcess;
  readonly homeserver: SimulatedUnderTest;
  readonly rooms: readonly RoomId[];
  readonly scim: string;
  readonly provider: Provider;
  readonly send: ReturnType<typeof scimClient>;
};

/** `aliases` are of rooms that are there before Usher looks; the map opens each to the group of that external id. */
export async function startStage(aliases: readonly string[] = [], env: Env = {}): Promise<Stage> {
  const folder = tempDir(hasRoom(MEMORY_DISK) ? MEMORY_DISK : undefined);
  const homeserver = await startSimulated();
  onTestFinished(homeserver.close);
  const mod = await homeserver.person('mod');
  const rooms: RoomId[] = [];
  for (const alias of aliases) rooms.push(await mod.createRoom({ alias }));
  const map = Object.fromEntries(aliases.map((alias) => [alias, `#${alias}:${homeserver.serverName}`]));
  const settings = envFor(homeserver, folder, { LOG_LEVEL: 'info', ...env });
  writeFileSync(String(settings.GROUP_MAP_FILE), JSON.stringify(map));
  const usher = await startUsherProcess(settings);
  onTestFinished(() => usher.end(), 30_000);
  const scim = `${usher.url}/scim/v2`;
  const provider = createProvider(scim, SECRET);
  return { usher, homeserver, rooms, scim, provider, send: scimClient({ scim }, SECRET) };
}

const PAUSE_MS = 20;

/** Milliseconds. */
export type Waits = {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
};

/**
 * Asks for the health each 20 ms, by turns on a connection that is kept and on a new one, until it is stopped; each answer
 * has to be the right one. `overslept` is how long we were kept from asking, at the most: our own fault.
 */
export function watchHealth({ usher }: Pick<Stage, 'usher'>): {
  readonly stop: () => Promise<{ readonly kept: Waits; readonly anew: Waits; readonly overslept: number }>;
} {
  const { hostname, port } = new URL(usher.url);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const kept: number[] = [];
  const anew: number[] = [];
  let isOver = false;
  let overslept = 0;
  const ask = async (by: Agent | false, waits: number[]): Promise<void> => {
    const began = performance.now();
    const asked = request({ hostname, port, path: '/healthz', agent: by }).end();
    const answered = once(asked, 'response');
    asked.on('error', () => {}); // it rejects what is waited for
    const [answer] = await answered.catch((error: unknown) => {
      // Ended while it was idle: any client asks again then.
      if (asked.reusedSocket) return [undefined];
      throw error;
    });
    if (answer === undefined) return ask(by, waits);
    await text(answer);
    if (answer.statusCode !== 200) throw new Error(`/healthz answered ${answer.statusCode}`);
    waits.push(performance.now() - began);
  };
  const watch = async (by: Agent | false, waits: number[]): Promise<void> => {
    while (!isOver) {
      await ask(by, waits);
      const slept = performance.now();
      await setTimeout(PAUSE_MS);
      overslept = Math.max(overslept, Math.round(performance.now() - slept) - PAUSE_MS);
    }
  };
  const watching = Promise.all([watch(agent, kept), watch(false, anew)]);
  return {
    async stop() {
      isOver = true;
      await watching;
      agent.destroy();
      return { kept: waitsOf(kept), anew: waitsOf(anew), overslept };
    },
  };
}

function waitsOf(waits: readonly number[]): Waits {
  const sorted = [...waits].sort((left, right) => left - right);
  const at = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN);
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}

/** Says what a test went through. */
export function tell(what: string, facts: object): void {
  process.stdout.write(`${what}: ${JSON.stringify(facts)}\n`);
}

export function countBy(values: readonly (string | number)[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

export async function inParallel<T>(
  workers: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items[Symbol.iterator]();
  const run = async (): Promise<void> => {
    for (let next = left.next(); !next.done; next = left.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: workers }, run));
}
