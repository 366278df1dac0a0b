import { createRestClient, type RestClient, type RestClientOptions } from '../rest/client.ts';
import { contentOf } from './answer.ts';

/** The client and admin API of a Synapse. */
export function createSynapseClient(options: Omit<RestClientOptions, 'contentOf'>): RestClient {
  return createRestClient({ ...options, contentOf });
}
