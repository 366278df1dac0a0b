import { HomeserverError } from '../matrix/error.ts';
import type { RestClient } from '../rest/client.ts';
import { type ClientCredentials, type GrantedToken, requestToken } from './client-credentials.ts';

type Options = {
  /** One without a token, for the origin of a URL. */
  readonly clientFor: (origin: string) => RestClient;
  readonly credentials: ClientCredentials;
  /** Where tokens may be had, the nearest first. */
  readonly endpoints: () => Promise<readonly string[]>;
};

/**
 * Asks for tokens beside the admin API if they are given out there, else where MAS says: its admin API may be on a
 * listener of its own, and its public address may not be reached from here.
 */
export function createTokenRequest({
  clientFor,
  credentials,
  endpoints,
}: Options): () => Promise<GrantedToken> {
  const ask = (endpoint: string): Promise<GrantedToken> =>
    requestToken(clientFor(new URL(endpoint).origin), endpoint, credentials);
  return async () => {
    const [nearest, ...others] = await endpoints();
    if (nearest === undefined)
      throw new HomeserverError('unauthorised', 'set MAS_URL: it is not known where MAS is');
    try {
      return await ask(nearest);
    } catch (error) {
      const isElsewhere = error instanceof HomeserverError && error.kind === 'protocol';
      const [other] = others;
      if (!isElsewhere || other === undefined || other === nearest) throw error;
      return ask(other);
    }
  };
}
