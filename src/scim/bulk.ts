import { invalidSyntax, ScimError } from './error.ts';
import { isObject, type JsonObject, spelled } from './json.ts';
import { groupType, type ResourceType, userType } from './schema/resource-type.ts';
import { BULK_REQUEST, BULK_RESPONSE, sameUrn } from './urns.ts';

const METHODS = ['POST', 'PUT', 'PATCH', 'DELETE'] as const;

const NAMES = ['schemas', 'failOnErrors', 'Operations', 'method', 'bulkId', 'version', 'path', 'data'];

/** One operation of a bulk request (RFC 7644 §3.7). */
export type BulkOperation = {
  readonly method: (typeof METHODS)[number];
  readonly type: ResourceType['name'];
  /** Of the resource; `bulkId:` and a bulk id stand for one that the request creates. Empty in a POST. */
  readonly id: string;
  readonly bulkId: string | undefined;
  readonly version: string | undefined;
  readonly data: unknown;
};

export type BulkRequest = {
  readonly failOnErrors: number;
  readonly operations: readonly JsonObject[];
};

/** What became of an operation. `location` is missing only after a POST that failed. */
export type BulkResult = {
  readonly method: unknown;
  readonly bulkId?: unknown;
  readonly version?: string;
  readonly location?: string;
  readonly status: number;
  readonly response?: object;
};

/** Throws `ScimError` 400 `invalidSyntax`, and 413 for more than `maxOperations`. */
export function readBulk(body: unknown, maxOperations: number): BulkRequest {
  if (!isObject(body)) throw invalidSyntax('A bulk request is a JSON object');
  const { schemas, failOnErrors, Operations: sent } = spelled(body, NAMES);
  if (
    !Array.isArray(schemas) ||
    !schemas.some((urn) => typeof urn === 'string' && sameUrn(urn, BULK_REQUEST))
  ) {
    throw invalidSyntax(`schemas has to name ${BULK_REQUEST}`);
  }
  if (!Array.isArray(sent) || !sent.every(isObject)) throw invalidSyntax('Operations is a list of objects');
  const operations = sent.map((operation) => spelled(operation, NAMES));
  if (operations.length > maxOperations) {
    throw new ScimError(
      413,
      undefined,
      `A bulk request has at most ${maxOperations} operations: send several`,
    );
  }
  const ids = operations.flatMap(({ bulkId }) => (typeof bulkId === 'string' ? bulkId : []));
  if (new Set(ids).size < ids.length) throw invalidSyntax('A bulkId is there twice');
  return { failOnErrors: readFailOnErrors(failOnErrors), operations };
}

function readFailOnErrors(value: unknown): number {
  if (value === undefined || value === null) return Number.POSITIVE_INFINITY;
  if (!Number.isInteger(value) || Number(value) < 1) throw invalidSyntax('failOnErrors is an integer from 1');
  return Number(value);
}

/** Throws `ScimError` 400 `invalidSyntax`, and 404 for a path that leads to no resources. */
export function readBulkOperation(raw: JsonObject): BulkOperation {
  const { bulkId, path, version, data } = raw;
  const method = METHODS.find((name) => typeof raw.method === 'string' && name === raw.method.toUpperCase());
  if (method === undefined) throw invalidSyntax(`method is one of ${METHODS.join(', ')}`);
  if (typeof path !== 'string') throw invalidSyntax('path is /Users or /Groups, or a resource there');
  const [, endpoint = '', id = ''] = /^\/?([^/]+)(?:\/([^/]+))?\/?$/.exec(path) ?? [];
  const type = [userType, groupType].find((each) => each.endpoint === `/${endpoint}`);
  if (type === undefined)
    throw new ScimError(404, undefined, 'path is /Users or /Groups, or a resource there');
  if (method === 'POST' && id !== '') throw invalidSyntax('POST is for /Users or /Groups themselves');
  if (method === 'POST' && (typeof bulkId !== 'string' || bulkId === ''))
    throw invalidSyntax('POST needs a bulkId');
  if (method !== 'POST' && id === '') throw invalidSyntax(`${method} is for one resource`);
  if (typeof (version ?? '') !== 'string') throw invalidSyntax('version is a text');
  return {
    method,
    type: type.name,
    id: decoded(id),
    bulkId: typeof bulkId === 'string' ? bulkId : undefined,
    version: typeof version === 'string' ? version : undefined,
    data,
  };
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch (cause) {
    throw new ScimError(404, undefined, 'path is not a path', cause);
  }
}

/** A text that is nothing but a reference, and one that stands in a path of PATCH, with quotation marks or without. */
const REFERENCE = /^bulkId:(.+)$/;
const IN_PATH = /("?)bulkId:([^"\s()[\]]+)\1/g;

/** The bulk id that a text refers to, if it does nothing else. */
export function referenceIn(text: string): string | undefined {
  return REFERENCE.exec(text)?.[1];
}

/** The bulk ids that an operation refers to, in its path and in its data. */
export function referencesOf({ id, data }: BulkOperation): ReadonlySet<string> {
  const found = new Set<string>();
  const note = (bulkId: string): string => {
    found.add(bulkId);
    return bulkId;
  };
  resolved(id, 'id', note);
  eachText(data, '', (text, key) => resolved(text, key, note));
  return found;
}

/** The operation with ids in place of all references. */
export function withReferences(operation: BulkOperation, idOf: (bulkId: string) => string): BulkOperation {
  const { id, data } = operation;
  return { ...operation, id: resolved(id, 'id', idOf), data: resolvedAll(data, '', idOf) };
}

/** Goes through the texts of a document, with the names they stand under; nothing is copied. */
function eachText(value: unknown, key: string, act: (text: string, key: string) => void): void {
  if (typeof value === 'string') act(value, key);
  else if (Array.isArray(value)) for (const part of value) eachText(part, key, act);
  else if (isObject(value)) for (const [name, part] of Object.entries(value)) eachText(part, name, act);
}

function resolvedAll(value: unknown, key: string, idOf: (bulkId: string) => string): unknown {
  if (typeof value === 'string') return resolved(value, key, idOf);
  if (Array.isArray(value)) return value.map((part) => resolvedAll(part, key, idOf));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, resolvedAll(part, name, idOf)]),
  );
}

/** Where an id stands: elsewhere a text may begin with what it likes. */
const ID_NAMES = ['id', 'value', '$ref', 'members', 'manager'];

/** A text that stands under a name, with ids in place of references. */
function resolved(text: string, key: string, idOf: (bulkId: string) => string): string {
  const name = key.toLowerCase();
  if (name === 'path') return text.replace(IN_PATH, (_, __, bulkId: string) => `"${idOf(bulkId)}"`);
  const whole = ID_NAMES.includes(name) ? referenceIn(text) : undefined;
  return whole === undefined ? text : idOf(whole);
}

/** RFC 7644 §3.7, with statuses as texts. */
export function bulkResponse(results: readonly BulkResult[]): JsonObject {
  return {
    schemas: [BULK_RESPONSE],
    Operations: results.map(({ status, ...result }) => ({ ...result, status: String(status) })),
  };
}
