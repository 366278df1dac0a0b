import { isObject } from '../../../src/simulator/api-request.ts';
import type { SynapseApi } from '../../../src/simulator/synapse-api.ts';
import type { RawRequest } from './harness.ts';

/** Requests by HTTP. An answer that is not a JSON object has an empty body here. */
export function requestsTo(url: string, botToken: string): RawRequest {
  return async (method, path, body, token = botToken) => {
    const response = await fetch(url + path, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    return { status: response.status, body: isObject(answer) ? answer : {} };
  };
}

/** Requests to an API in this process. */
export function requestsWithin(api: SynapseApi, botToken: string): RawRequest {
  return (method, path, body, token = botToken) =>
    api({ method, path, body, token: token === '' ? undefined : token });
}
