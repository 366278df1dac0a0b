import { onTestFinished } from 'vitest';
import { createAdminTokens } from '../../../src/mas/admin-tokens.ts';
import { createMasClient } from '../../../src/mas/client.ts';
import { requestToken } from '../../../src/mas/client-credentials.ts';
import { createMas, type Mas } from '../../../src/mas/mas.ts';
import type { UpstreamChoice } from '../../../src/mas/upstream.ts';
import type { RestClient } from '../../../src/rest/client.ts';
import { type SimulatedMas, type SimulatedMasOptions, startSimulatedMas } from './simulated-mas.ts';

export type MasDesk = {
  readonly simulated: SimulatedMas;
  /** Of the admin API, with a token that is renewed. */
  readonly client: RestClient;
  /** Without a token. */
  readonly clientFor: (origin: string) => RestClient;
  readonly tokenEndpoint: string;
  /** What MAS is to Usher. */
  masFor(settings?: { readonly upstream?: UpstreamChoice; readonly serverName?: string }): Mas;
};

/** The client of MAS before a simulated one, without a service around it. Closed after the test. */
export async function openMasDesk(options: SimulatedMasOptions = {}): Promise<MasDesk> {
  const simulated = await startSimulatedMas(options);
  onTestFinished(simulated.close);
  const { issuer, masUrl, clientId, clientSecret, providerId } = simulated;
  const reached = { timeoutMs: 5_000 };
  const clientFor = (baseUrl: string): RestClient => createMasClient({ ...reached, baseUrl });
  const tokenEndpoint = `${issuer}oauth2/token`;
  const credentials = { id: clientId, secret: clientSecret };
  const request = () => requestToken(clientFor(issuer), tokenEndpoint, credentials);
  const token = createAdminTokens(request, options.now ?? Date.now);
  const client = createMasClient({ ...reached, baseUrl: masUrl, token });
  return {
    ...{ simulated, client, clientFor, tokenEndpoint },
    masFor({ upstream, serverName = simulated.serverName } = {}) {
      const chosen = upstream ?? { kind: 'id', id: providerId };
      return createMas({ client, clientId, upstream: chosen, serverName });
    },
  };
}
