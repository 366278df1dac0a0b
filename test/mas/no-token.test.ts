import { expect, it } from 'vitest';
import { HomeserverError, type HomeserverErrorKind } from '../../src/matrix/error.ts';
import { userId } from '../../src/matrix/ids.ts';
import type { TokenSource } from '../../src/rest/token-source.ts';
import { createSynapseClient } from '../../src/synapse/client.ts';
import { createSynapseHomeserver } from '../../src/synapse/homeserver.ts';
import { startSimulated } from '../support/homeserver/simulated.ts';

/** A token cannot be had, and whoever gives it out says so as of something that is not there, or not allowed. */
const sources: Readonly<Record<string, (kind: HomeserverErrorKind) => TokenSource>> = {
  'there is none': (kind) => ({
    current: () => Promise.reject(new HomeserverError(kind, 'User not found')),
    replace: async () => false,
  }),
  'there is no other one': (kind) => ({
    current: async () => 'refused',
    replace: () => Promise.reject(new HomeserverError(kind, 'Session not found')),
  }),
};

it.each(
  Object.keys(sources).flatMap((name) =>
    (['not-found', 'refused'] as const).map((kind) => [name, kind] as const),
  ),
)('says of nobody that she has no account because %s (%s)', async (name, kind) => {
  const { url, bot, serverName, close } = await startSimulated();
  const token = sources[name]?.(kind);
  if (token === undefined) throw new Error('no such source');
  const client = createSynapseClient({ baseUrl: url, timeoutMs: 5_000, token });
  const homeserver = createSynapseHomeserver({ client, bot });
  await expect(homeserver.account(userId('ann', serverName))).rejects.toMatchObject({ kind: 'unauthorised' });
  await close();
});
