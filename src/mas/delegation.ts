import { HomeserverError } from '../matrix/error.ts';
import type { RestClient } from '../rest/client.ts';
import { object, text } from '../rest/read.ts';

/** Who signs people in for a homeserver (Matrix spec, "Server metadata discovery"). */
export type Delegation = {
  readonly issuer: string;
  readonly tokenEndpoint: string;
};

/** What homeservers say that sign people in themselves. */
const NOT_DELEGATED: ReadonlySet<string | undefined> = new Set(['M_UNRECOGNIZED', 'M_NOT_FOUND']);

/**
 * Whom the homeserver leaves it to to sign people in; undefined if it does that itself. `client` needs no token. Rejects
 * with `HomeserverError` if that is not certain.
 */
export async function readDelegation(client: RestClient): Promise<Delegation | undefined> {
  try {
    const answer = await client.call({ method: 'GET', route: '/_matrix/client/v1/auth_metadata' });
    const { issuer, token_endpoint: tokenEndpoint } = object(answer, 'the metadata of who signs people in');
    return { issuer: text(issuer, 'issuer'), tokenEndpoint: text(tokenEndpoint, 'token_endpoint') };
  } catch (error) {
    if (error instanceof HomeserverError && NOT_DELEGATED.has(error.errcode)) return undefined;
    throw error;
  }
}
