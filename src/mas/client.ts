import { createRestClient, type RestClient, type RestClientOptions } from '../rest/client.ts';
import { masError } from './answer.ts';

/** The admin API of a Matrix Authentication Service, or its token endpoint. */
export function createMasClient(options: Omit<RestClientOptions, 'errorIn'>): RestClient {
  return createRestClient({ ...options, errorIn: masError });
}
