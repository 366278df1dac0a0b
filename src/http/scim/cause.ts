import type { ResourceType } from '../../scim/schema/resource-type.ts';
import type { ScimRequest } from './exchange.ts';

/** Ids of ours are much shorter, and what a client sends instead shall not fill the journal. */
const MAX_ID_LENGTH = 100;

/**
 * The request that a change came from, for people to read in the journal: `PATCH /Groups/2cf0… (request 8f3a…)`. No
 * query and no body, which name people.
 */
export function causeOf(
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  { endpoint }: Pick<ResourceType, 'endpoint'>,
  { id, operation, requestId }: Pick<ScimRequest, 'id' | 'operation' | 'requestId'>,
): string {
  const bulk = operation === undefined ? '' : `POST /Bulk, operation ${operation}: `;
  const path = method === 'POST' || id === '' ? endpoint : `${endpoint}/${cut(id)}`;
  return `${bulk}${method} ${path} (request ${cut(requestId)})`;
}

function cut(id: string): string {
  return id.length > MAX_ID_LENGTH ? `${id.slice(0, MAX_ID_LENGTH)}…` : id;
}
