import { onTestFinished } from 'vitest';
import { createMasClient } from '../../../src/mas/client.ts';
import { requestToken } from '../../../src/mas/client-credentials.ts';
import { createMas, type Mas } from '../../../src/mas/mas.ts';
import type { UpstreamChoice } from '../../../src/mas/upstream.ts';
import type { RestClient } from '../../../src/rest/client.ts';
import { type SimulatedMas, type SimulatedMasOptions, startSimulatedMas } from './simulated-mas.ts';

export type MasDesk = {
  readonly simulated: SimulatedMas;
  /** Of the admin API, with a token that lives for five minutes. */
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
  const clientFor = (baseUrl: string, token?: string): RestClient =>
    createMasClient({ baseUrl, timeoutMs: 5_000, ...(token !== undefined && { token }) });
  const tokenEndpoint = `${issuer}oauth2/token`;
  const credentials = { id: clientId, secret: clientSecret };
  const { token } = await requestToken(clientFor(issuer), tokenEndpoint, credentials);
  const client = clientFor(masUrl, token);
  return {
    ...{ simulated, client, clientFor, tokenEndpoint },
    masFor({ upstream, serverName = simulated.serverName } = {}) {
      const chosen = upstream ?? { kind: 'id', id: providerId };
      return createMas({ client, clientId, upstream: chosen, serverName });
    },
  };
}
