import { randomUUID } from 'node:crypto';
import { othersTurn } from '../../pieces.ts';
import {
  type BulkOperation,
  type BulkResult,
  bulkResponse,
  readBulk,
  readBulkOperation,
  referenceIn,
  referencesOf,
  withReferences,
} from '../../scim/bulk.ts';
import { errorBody, invalidValue, ScimError } from '../../scim/error.ts';
import type { JsonObject } from '../../scim/json.ts';
import { scimErrorOf } from '../error-handler.ts';
import type { Action, ScimRequest } from './exchange.ts';
import { locator, type ResourceActions } from './resources.ts';

type BulkDeps = {
  readonly actions: Readonly<Record<BulkOperation['type'], ResourceActions>>;
  /** Announced as `bulk.maxOperations`. */
  readonly maxOperations: number;
};

/** What is known of a resource that the request creates. */
type Creation = { readonly index: number; readonly id: string };

type Outcome = Omit<BulkResult, 'method' | 'bulkId'>;

/**
 * RFC 7644 §3.7: each operation for itself, in the order of the request; but what an operation refers to is created
 * before. A circle of references is resolved as well, since ids are given out beforehand.
 */
export function bulk({ actions, maxOperations }: BulkDeps): Action {
  return async (request) => {
    const { operations, failOnErrors } = readBulk(request.body, maxOperations);
    const creations = new Map<string, Creation>(
      operations.flatMap(({ bulkId, method }, index) => {
        const creates = typeof method === 'string' && method.toUpperCase() === 'POST';
        return creates && typeof bulkId === 'string' ? [[bulkId, { index, id: randomUUID() }]] : [];
      }),
    );
    const results = new Map<number, BulkResult>();
    const begun = new Set<number>();
    let errors = 0;

    const creationOf = (bulkId: string): Creation => {
      const found = creations.get(bulkId);
      if (found === undefined) throw invalidValue(`No operation creates "bulkId:${bulkId}"`);
      return found;
    };
    /** What it refers to is there then. */
    const resolved = async (sent: BulkOperation): Promise<BulkOperation> => {
      const references = referencesOf(sent);
      for (const bulkId of references) {
        const { index } = creationOf(bulkId);
        await execute(index);
        if ((results.get(index)?.status ?? 0) >= 400) {
          throw new ScimError(409, undefined, `"bulkId:${bulkId}" could not be created`);
        }
      }
      return references.size === 0 ? sent : withReferences(sent, (bulkId) => creationOf(bulkId).id);
    };
    const perform = async (raw: JsonObject, index: number): Promise<Outcome> => {
      const sent = readBulkOperation(raw);
      const id = idOf(sent, creations);
      const location = locator(request)(sent.type, id);
      try {
        const operation = { ...(await resolved(sent)), id };
        const numbered = { ...request, operation: index + 1 };
        return { location, ...(await performed(numbered, operation, actions[sent.type])) };
      } catch (error) {
        return { ...failure(error, request), ...(sent.method !== 'POST' && { location }) };
      }
    };
    const execute = async (index: number): Promise<void> => {
      const raw = operations[index];
      if (raw === undefined || begun.has(index) || errors >= failOnErrors) return;
      begun.add(index);
      await othersTurn();
      const result = await perform(raw, index).catch((error) => failure(error, request));
      if (result.status >= 400) errors += 1;
      const { method, bulkId } = raw;
      results.set(index, { method, ...(bulkId !== undefined && { bulkId }), ...result });
    };

    for (const index of operations.keys()) await execute(index);
    const done = [...results].sort(([left], [right]) => left - right).map(([, result]) => result);
    return { status: 200, text: textOf(bulkResponse(done)) };
  };
}

/** The id of the resource that an operation is about; as it was sent, if nothing has that bulk id. */
function idOf({ method, id, bulkId }: BulkOperation, creations: ReadonlyMap<string, Creation>): string {
  const created = method === 'POST' ? bulkId : referenceIn(id);
  return (created === undefined ? undefined : creations.get(created)?.id) ?? id;
}

async function performed(
  request: ScimRequest,
  { method, id, version, data }: BulkOperation,
  { create, replace, patch, remove }: ResourceActions,
): Promise<Outcome> {
  const action = { POST: create, PUT: replace, PATCH: patch, DELETE: remove }[method];
  // The version tells of all but the members, and nobody sees the rest.
  const query = { excludedAttributes: 'members' };
  const answer = await action({ ...request, id, body: data, ifMatch: version ?? '', query });
  return { ...(answer.version && { version: answer.version }), status: answer.status };
}

/** Whatever goes wrong with one operation, the others go on. */
function failure(error: unknown, { onFault }: ScimRequest): Outcome {
  const scimError = scimErrorOf(error, onFault);
  return { status: scimError.status, response: errorBody(scimError) };
}

async function* textOf(document: JsonObject): AsyncGenerator<string> {
  yield JSON.stringify(document);
}
