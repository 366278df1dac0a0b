import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { serveSynapseApi } from '../src/simulator/serve.ts';
import { createSynapseApi } from '../src/simulator/synapse-api.ts';
import { createClient } from './client.ts';
import { createEstate, type Estate, type EstateSize } from './estate.ts';
import type { Bench } from './figures.ts';
import { createMapFile } from './map-file.ts';
import { type MeasuredUsher, startUsher } from './usher-process.ts';

/** What came to the homeserver, the first look at who we are not counted. */
export type Calls = { reads: number; mutating: number };

export type Stage = {
  readonly estate: Estate;
  readonly usher: MeasuredUsher;
  readonly client: ReturnType<typeof createClient>;
  readonly calls: Calls;
  /** Milliseconds that each read, and each change, takes from now on. */
  readonly slowDown: (latency: { readonly read: number; readonly change: number }) => void;
  /** Resolves with the milliseconds that the pass took, once as many were done. */
  readonly passes: (count: number) => Promise<number>;
  /** Has the map read again, and so a pass begin. */
  readonly requestPass: () => void;
  readonly close: () => Promise<void>;
};

/** A homeserver here and Usher in a process of its own, who agree with each other. */
export async function setStage(
  { folder, kept }: Bench,
  size: EstateSize,
  env: Readonly<Record<string, string>> = {},
): Promise<Stage> {
  const original = join(kept ?? folder, `estate-${size.users}-${size.rooms}-${size.each}`);
  mkdirSync(original, { recursive: true });
  const estate = await createEstate(original, size);
  const dataDir = join(folder, 'data');
  cpSync(original, dataDir, { recursive: true });
  const calls: Calls = { reads: 0, mutating: 0 };
  let latency = { read: 0, change: 0 };
  const api = createSynapseApi(estate.world);
  const served = await serveSynapseApi(async (request) => {
    const isRead = request.method === 'GET';
    if (isRead) calls.reads += 1;
    else if (!request.path.endsWith('/override_ratelimit')) calls.mutating += 1;
    const ms = isRead ? latency.read : latency.change;
    if (ms > 0) await wait(ms);
    return api(request);
  });
  const mapFile = createMapFile(folder, estate.map);
  const usher = await startUsher(dataDir, {
    MATRIX_URL: served.url,
    MATRIX_ADMIN_USER_ID: estate.bot,
    MATRIX_ADMIN_TOKEN: estate.token,
    GROUP_MAP_FILE: mapFile.path,
    ...env,
  });
  const client = createClient(usher.url, { connections: 1 });
  const done = () => [
    ...usher.log().matchAll(/"ms":(\d+),"people":\d+,"drifted":\d+,"msg":"full pass done"/g),
  ];
  return {
    estate,
    usher,
    client,
    calls,
    slowDown(given) {
      latency = given;
    },
    async passes(count) {
      for (;;) {
        const found = done()[count - 1];
        if (found !== undefined) return Number(found[1]);
        await wait(50);
      }
    },
    requestPass: mapFile.touch,
    async close() {
      client.close();
      await usher.end();
      await served.close();
    },
  };
}

/** The milliseconds until something is so. */
export async function until(isSo: () => boolean, begin = performance.now()): Promise<number> {
  while (!isSo()) await wait(5);
  return performance.now() - begin;
}
