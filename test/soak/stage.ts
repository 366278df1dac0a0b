import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RoomId } from '../../src/matrix/ids.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { startSimulated } from '../support/homeserver/simulated.ts';
import { startUsherProcess } from '../support/usher-process.ts';

export const SECRET = 'a-secret-of-the-soak';
const LATENCY_MS = 5;

export type Stage = Awaited<ReturnType<typeof openStage>>;

/** `usher serve` as in production, a homeserver that takes its time, and the proxy for faults between them. */
export async function openStage(groups: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'usher-soak-'));
  const homeserver = await startSimulated({ latencyMs: LATENCY_MS });
  const proxy = await startFaultProxy(homeserver.url);
  const owner = await homeserver.person('owner');
  const rooms = new Map<string, RoomId>();
  for (const group of groups) rooms.set(group, await owner.createRoom());
  const extra = await owner.createRoom();
  const mapFile = join(folder, 'group-map.jsonc');
  /** With or without one room more for the first group: an edit that lets people in, and shows them out. */
  const writeMap = (hasExtra: boolean): void => {
    const map = Object.fromEntries([...rooms].map(([group, room]): [string, RoomId[]] => [group, [room]]));
    if (hasExtra) map[groups[0] ?? '']?.push(extra);
    writeFileSync(mapFile, JSON.stringify(map));
  };
  writeMap(false);
  const env = {
    // As in a small container: else the collector of garbage lets the heap grow for as long as nobody needs the room.
    NODE_OPTIONS: '--max-old-space-size=128 --max-semi-space-size=4',
    WEBHOOK_SECRET: SECRET,
    MATRIX_URL: proxy.url,
    MATRIX_SERVER_NAME: homeserver.serverName,
    MATRIX_ADMIN_USER_ID: homeserver.bot,
    MATRIX_ADMIN_TOKEN: homeserver.adminToken,
    MATRIX_TIMEOUT: '2s',
    IDP_NAME: 'oidc-idp',
    GROUP_MAP_FILE: mapFile,
    DATA_DIR: join(folder, 'data'),
    RESYNC_INTERVAL: '10s',
    REMOVAL_LIMIT_PERCENT: '100',
  };
  const usher = await startUsherProcess(env);
  return {
    ...{ usher, proxy, env, writeMap, dataDir: env.DATA_DIR },
    /** Who is in the room of a group, but for its owner and the bot. */
    inRoomOf(group: string): readonly string[] {
      const room = homeserver.world.rooms.get(rooms.get(group) ?? extra);
      const staff: readonly string[] = [owner.userId, homeserver.bot];
      return [...(room?.members ?? [])]
        .filter(([user, { membership }]) => membership === 'join' && !staff.includes(user))
        .map(([user]) => user.slice(1, user.indexOf(':')))
        .sort();
    },
    async close(): Promise<void> {
      await usher.end();
      await proxy.close();
      await homeserver.close();
      rmSync(folder, { recursive: true });
    },
  };
}
