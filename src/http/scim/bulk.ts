import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import {
  type BulkOperation,
  type BulkResult,
  bulkResponse,
  readBulk,
  readBulkOperation,
  referencesOf,
  withReferences,
} from '../../scim/bulk.ts';
import { errorBody, ScimError } from '../../scim/error.ts';
import type { JsonObject } from '../../scim/json.ts';
import { groupType, userType } from '../../scim/schema/resource-type.ts';
import { scimErrorOf } from '../error-handler.ts';
import type { Action, ScimRequest } from './exchange.ts';
import type { ResourceActions } from './resources.ts';

type BulkDeps = {
  readonly actions: Readonly<Record<BulkOperation['type'], ResourceActions>>;
  /** Announced as `bulk.maxOperations`. */
  readonly maxOperations: number;
};

/** What is known of a resource that the request creates. */
type Creation = { readonly index: number; readonly id: string };

const ENDPOINTS = { User: userType.endpoint, Group: groupType.endpoint };

/**
 * RFC 7644 §3.7: each operation for itself, in the order of the request; but what an operation refers to is created
 * before. A circle of references is resolved as well, since ids are given out beforehand.
 */
export function bulk({ actions, maxOperations }: BulkDeps): Action {
  return async (request) => {
    const { operations, failOnErrors } = readBulk(request.body, maxOperations);
    const creations = new Map<unknown, Creation>(
      operations.flatMap(({ bulkId, method }, index) =>
        String(method).toUpperCase() === 'POST' ? [[bulkId, { index, id: randomUUID() }] as const] : [],
      ),
    );
    const results = new Map<number, BulkResult>();
    const begun = new Set<number>();
    let errors = 0;

    const creationOf = (bulkId: string): Creation => {
      const found = creations.get(bulkId);
      if (found === undefined)
        throw new ScimError(400, 'invalidValue', `No operation creates "bulkId:${bulkId}"`);
      return found;
    };
    const perform = async (raw: JsonObject): Promise<Omit<BulkResult, 'method' | 'bulkId'>> => {
      const sent = readBulkOperation(raw);
      for (const bulkId of referencesOf(sent)) {
        const { index } = creationOf(bulkId);
        await execute(index);
        if ((results.get(index)?.status ?? 0) >= 400) {
          throw new ScimError(409, undefined, `"bulkId:${bulkId}" could not be created`);
        }
      }
      const operation = withReferences(sent, (bulkId) => creationOf(bulkId).id);
      const id = operation.method === 'POST' ? creationOf(operation.bulkId ?? '').id : operation.id;
      return performed(request, { ...operation, id }, actions[operation.type]);
    };
    const execute = async (index: number): Promise<void> => {
      const raw = operations[index];
      if (raw === undefined || begun.has(index) || errors >= failOnErrors) return;
      begun.add(index);
      await setImmediate();
      const result = await perform(raw).catch(failure);
      if (result.status >= 400) errors += 1;
      const { method, bulkId } = raw;
      results.set(index, { method, ...(bulkId !== undefined && { bulkId }), ...result });
    };

    for (const index of operations.keys()) await execute(index);
    const done = [...results].sort(([left], [right]) => left - right).map(([, result]) => result);
    return { status: 200, text: textOf(bulkResponse(done)) };
  };
}

async function performed(
  request: ScimRequest,
  { method, type, id, version, data }: BulkOperation,
  { create, replace, patch, remove }: ResourceActions,
): Promise<Omit<BulkResult, 'method'>> {
  const action = { POST: create, PUT: replace, PATCH: patch, DELETE: remove }[method];
  const location = `${request.baseUri}${ENDPOINTS[type]}/${encodeURIComponent(id)}`;
  const inner = { ...request, id, body: data, ifMatch: version ?? '', query: { attributes: 'id' } };
  try {
    const answer = await action(inner);
    return { ...(answer.version && { version: answer.version }), location, status: answer.status };
  } catch (error) {
    return { ...failure(error), ...(method !== 'POST' && { location }) };
  }
}

/** Throws what nobody foresaw. */
function failure(error: unknown): { readonly status: number; readonly response: object } {
  const foreseen = scimErrorOf(error);
  if (foreseen === undefined) throw error;
  return { status: foreseen.status, response: errorBody(foreseen) };
}

async function* textOf(document: JsonObject): AsyncGenerator<string> {
  yield JSON.stringify(document);
}
