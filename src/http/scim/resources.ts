import { NotFound } from '../../directory/error.ts';
import type { Resource } from '../../directory/resource.ts';
import { invalidSyntax } from '../../scim/error.ts';
import { isObject, type JsonObject } from '../../scim/json.ts';
import { listHead, type Paging, readPaging } from '../../scim/list.ts';
import type { Locate } from '../../scim/meta.ts';
import { readProjection } from '../../scim/projection.ts';
import { mendParameters } from '../../scim/quirks/parameters.ts';
import { listText, type Representation, textOf } from '../../scim/representation.ts';
import { groupType, resourceTypes, userType } from '../../scim/schema/resource-type.ts';
import { assertMatch, isKnown } from '../../scim/version.ts';
import { causeOf } from './cause.ts';
import type { Action, ScimAnswer, ScimRequest } from './exchange.ts';
import { type Found, type Plan, planSearch } from './finder.ts';
import { readPatch } from './read-patch.ts';
import type { ResourceKind } from './resource-kind.ts';

export type ActionDeps = {
  readonly wake: () => void;
  readonly now: () => number;
  /** Resources in one answer, announced as `filter.maxResults`. */
  readonly maxResults: number;
};

export type ResourceActions = {
  readonly list: Action;
  readonly search: Action;
  readonly get: Action;
  readonly create: Action;
  readonly replace: Action;
  readonly patch: Action;
  readonly remove: Action;
  /** For a search of several kinds. Throws `ScimError` 400. */
  readonly plan: (parameters: JsonObject) => Plan;
};

const ENDPOINTS = { User: userType.endpoint, Group: groupType.endpoint };

/** RFC 7644 §3.2 to §3.6 for one kind of resource. Bodies are mended first, then read strictly. */
export function createActions<R extends Resource, New, Change>(
  kind: ResourceKind<R, New, Change>,
  { wake, now, maxResults }: ActionDeps,
): ResourceActions {
  const { type, store } = kind;

  const represent = async (request: ScimRequest, resource: R): Promise<Representation> => {
    const [only] = await kind.present([resource], projectionOf(request), locator(request));
    if (only === undefined) throw new NotFound(type.name, resource.id);
    return only;
  };
  const projectionOf = ({ query }: ScimRequest) =>
    readProjection(query.attributes, query.excludedAttributes, type);
  const answer = async (request: ScimRequest, status: 200 | 201, resource: R): Promise<ScimAnswer> => {
    const shown = await represent(request, resource);
    const location = locator(request)(type.name, resource.id);
    return { status, location, version: shown.version, text: textOf(shown) };
  };
  const find = async (request: ScimRequest, parameters: JsonObject): Promise<ScimAnswer> => {
    const paging = readPaging(parameters, maxResults);
    const asker = { source: request.source, locate: locator(request) };
    return listAnswer(await planSearch(kind, parameters).page(asker, paging), paging);
  };

  return {
    list: (request) => find(request, request.query),
    search: (request) => find(request, parametersIn(request)),
    plan: (parameters) => planSearch(kind, parameters, resourceTypes),
    async get(request) {
      const resource = await store.get(request.source, request.id);
      if (resource === undefined) throw new NotFound(type.name, request.id);
      const shown = await represent(request, resource);
      const { version } = shown;
      const location = locator(request)(type.name, resource.id);
      return isKnown(request.ifNoneMatch, version)
        ? { status: 304, version, location }
        : { status: 200, version, location, text: textOf(shown) };
    },
    async create(request) {
      const sent = await kind.created(request.body);
      const id = request.id === '' ? undefined : (request.id as R['id']);
      const resource = await store.create(request.source, sent, now(), id, causeOf('POST', type, request));
      wake();
      return answer(request, 201, resource);
    },
    async replace(request) {
      const sent = await kind.replaced(request.body);
      const change = (current: R): Change => {
        assertMatch(request.ifMatch, current);
        return sent;
      };
      const cause = causeOf('PUT', type, request);
      const resource = await store.update(request.source, request.id, change, now(), cause);
      wake();
      return answer(request, 200, resource);
    },
    async patch(request) {
      const operations = await readPatch(request.body, type);
      const change = (current: R): Change => {
        assertMatch(request.ifMatch, current);
        return kind.patched(current, operations);
      };
      const cause = causeOf('PATCH', type, request);
      const resource = await store.update(request.source, request.id, change, now(), cause);
      wake();
      if (await kind.showsPatched(resource, projectionOf(request))) return answer(request, 200, resource);
      const { version } = await represent(request, resource);
      return { status: 204, version };
    },
    async remove(request) {
      const allow = (current: R): void => assertMatch(request.ifMatch, current);
      await store.remove(request.source, request.id, now(), allow, causeOf('DELETE', type, request));
      wake();
      return { status: 204 };
    },
  };
}

export function locator({ baseUri }: ScimRequest): Locate {
  return (name, id) => `${baseUri}${ENDPOINTS[name]}/${encodeURIComponent(id)}`;
}

/** RFC 7644 §3.4.2. `itemsPerPage` is what is there, not what was asked for: Authentik and Pocket ID count on by it. */
export function listAnswer({ totalResults, resources }: Found, { startIndex }: Paging): ScimAnswer {
  const head = listHead(resources.length, totalResults, startIndex);
  return { status: 200, text: listText(head, resources) };
}

/** The parameters in a body (RFC 7644 §3.4.3). Throws `ScimError` 400 `invalidSyntax` if it is no object. */
export function parametersIn({ body }: ScimRequest): JsonObject {
  if (!isObject(body)) throw invalidSyntax('The body is a JSON object');
  return mendParameters(body);
}
