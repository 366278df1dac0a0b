import { vi } from 'vitest';
import { startSimulated } from './homeserver/simulated.ts';
import type { ReceivedSpan } from './otlp-protobuf.ts';
import { type OtlpReceiver, startOtlpReceiver } from './otlp-receiver.ts';
import { createProvider } from './provider.ts';
import { tempDir } from './temp-dir.ts';
import { type Env, envFor, SECRET } from './usher.ts';
import { startUsherProcess } from './usher-process.ts';

/** Traces are sent at once, so that nobody waits for them. */
const SOON = { OTEL_BSP_SCHEDULE_DELAY: '50' };

/** An Usher in a process of its own on the simulator, with a room for one group; its variables may ask for traces. */
export async function tracedUsher(envOf: (receiver: OtlpReceiver) => Env, opening: object = {}) {
  const receiver = await startOtlpReceiver();
  const homeserver = await startSimulated();
  const owner = await homeserver.person('owner');
  const room = await owner.createRoom();
  const settings = envFor(homeserver, tempDir(), {
    ...{ LOG_LEVEL: 'debug', GROUP_MAP_FILE: '' },
    IDP_GROUP_TO_ROOM: JSON.stringify({ eng: [{ room, ...opening }] }),
    ...SOON,
    ...envOf(receiver),
  });
  const usher = await startUsherProcess(settings);
  return {
    ...{ receiver, homeserver, owner, room, usher },
    provider: createProvider(`${usher.url}/scim/v2`, SECRET),
    /** Resolves once she is in the room. */
    isIn: (localpart: string) =>
      vi.waitFor(
        async () => {
          const members = await homeserver.homeserver.joinedMembers(room);
          const names = [...(members ?? [])].join(' ');
          if (!names.includes(`@${localpart}:`)) throw new Error(`${localpart} is not in: ${names}`);
        },
        { timeout: 10_000 },
      ),
    /** The span that is asked for, once it came. */
    span: (isIt: (span: ReceivedSpan) => boolean): Promise<ReceivedSpan> =>
      vi.waitFor(
        () => {
          const found = receiver.spans().find(isIt);
          if (found === undefined) {
            const names = receiver.spans().map(({ name }) => name);
            throw new Error(`no such span among: ${names.join(', ')}`);
          }
          return found;
        },
        { timeout: 10_000 },
      ),
  };
}

export const toReceiver = ({ url }: OtlpReceiver): Env => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
