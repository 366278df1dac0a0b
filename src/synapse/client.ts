import { createRestClient, type RestClient, type RestClientOptions } from '../rest/client.ts';
import { matrixError } from './answer.ts';

/** The client and admin API of a Synapse. */
export function createSynapseClient(options: Omit<RestClientOptions, 'errorIn'>): RestClient {
  return createRestClient({ ...options, errorIn: matrixError });
}
