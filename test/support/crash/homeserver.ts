import { onTestFinished } from 'vitest';
import type { RoomId, UserId } from '../../../src/matrix/ids.ts';
import { serveSynapseApi } from '../../../src/simulator/serve.ts';
import { createSynapseApi } from '../../../src/simulator/synapse-api.ts';
import { startSimulated } from '../homeserver/simulated.ts';

export type Kick = { readonly roomId: RoomId; readonly userId: UserId };

/** The simulated homeserver on loopback, in this process: it outlives each Usher. Tells of kicks before they happen. */
export async function startWatched(onKick: (kick: Kick) => void) {
  const simulated = await startSimulated({ via: 'port' });
  const api = createSynapseApi(simulated.world);
  const served = await serveSynapseApi(async (request) => {
    const [, room] = /\/rooms\/([^/]+)\/kick$/.exec(request.path) ?? [];
    const { body } = request;
    if (room !== undefined && typeof body === 'object' && body !== null && 'user_id' in body) {
      onKick({ roomId: decodeURIComponent(room) as RoomId, userId: String(body.user_id) as UserId });
    }
    return api(request);
  });
  onTestFinished(() => served.close());
  return { ...simulated, url: served.url };
}
