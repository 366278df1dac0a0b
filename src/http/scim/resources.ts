import { NotFound } from '../../directory/error.ts';
import type { Resource } from '../../directory/resource.ts';
import { matches } from '../../scim/evaluate.ts';
import type { JsonObject } from '../../scim/json.ts';
import { listResponse, type Paging } from '../../scim/list.ts';
import type { Locate } from '../../scim/meta.ts';
import { parsePatch } from '../../scim/patch.ts';
import { readProjection } from '../../scim/projection.ts';
import { mendPatch, mendResource } from '../../scim/quirks.ts';
import { groupType, userType } from '../../scim/schema/resource-type.ts';
import { readSearch, type Search } from '../../scim/search.ts';
import { bodyOf, type Handler, type HttpContext } from '../context.ts';
import { respond } from '../respond.ts';
import type { ResourceKind } from './resource-kind.ts';

export type HandlerDeps = {
  readonly wake: () => void;
  readonly now: () => number;
  /** Where the endpoints are, as the client sees it; no slash at the end. */
  readonly baseUri: (ctx: HttpContext) => string;
};

/** A window of what was found, with the number of all that was. */
export type Found = { readonly totalResults: number; readonly resources: readonly JsonObject[] };

export type ResourceHandlers = {
  readonly list: Handler;
  readonly search: Handler;
  readonly get: Handler;
  readonly create: Handler;
  readonly replace: Handler;
  readonly patch: Handler;
  readonly remove: Handler;
  /** Throws `ScimError` 400 for a filter that makes no sense for this kind. */
  readonly plan: (parameters: JsonObject) => (ctx: HttpContext, paging: Paging) => Promise<Found>;
};

const ENDPOINTS = { User: userType.endpoint, Group: groupType.endpoint };

/** RFC 7644 §3.2 to §3.6 for one kind of resource. Bodies are mended first, then read strictly. */
export function createHandlers<R extends Resource, New, Change>(
  kind: ResourceKind<R, New, Change>,
  { wake, now, baseUri }: HandlerDeps,
): ResourceHandlers {
  const { type, store } = kind;

  const locator = (ctx: HttpContext): Locate => {
    const base = baseUri(ctx);
    return (name, id) => `${base}${ENDPOINTS[name]}/${encodeURIComponent(id)}`;
  };
  const projectionOf = ({ query }: HttpContext) =>
    readProjection(query.attributes, query.excludedAttributes, type);
  const show = async (ctx: HttpContext, status: number, resource: R) => {
    const [body = {}] = await kind.present([resource], projectionOf(ctx), locator(ctx));
    respond(ctx, status, body);
  };
  const find = async (ctx: HttpContext, { where, rest, projection }: Search, paging: Paging) => {
    const filter = rest && ((resource: R) => matches(rest, kind.document(resource)));
    const page = await store.list(ctx.state.source, { ...paging, where, matches: filter });
    const resources = await kind.present(page.resources, projection, locator(ctx));
    return { totalResults: page.totalResults, resources };
  };
  const answerSearch = async (ctx: HttpContext, parameters: JsonObject) => {
    const search = readSearch(parameters, type);
    const { totalResults, resources } = await find(ctx, search, search.paging);
    respond(ctx, 200, listResponse(resources, totalResults, search.paging.startIndex));
  };

  return {
    list: (ctx) => answerSearch(ctx, ctx.query),
    search: (ctx) => answerSearch(ctx, bodyOf(ctx)),
    plan(parameters) {
      const search = readSearch(parameters, type);
      return (ctx, paging) => find(ctx, search, paging);
    },
    async get(ctx) {
      const id = idOf(ctx);
      const resource = await store.get(ctx.state.source, id);
      if (resource === undefined) throw new NotFound(type.name, id);
      await show(ctx, 200, resource);
    },
    async create(ctx) {
      const sent = kind.created(mendResource(ctx.request.body, type));
      const resource = await store.create(ctx.state.source, sent, now());
      wake();
      ctx.set('Location', locator(ctx)(type.name, resource.id));
      await show(ctx, 201, resource);
    },
    async replace(ctx) {
      const sent = kind.replaced(mendResource(ctx.request.body, type));
      const resource = await store.update(ctx.state.source, idOf(ctx), () => sent, now());
      wake();
      await show(ctx, 200, resource);
    },
    async patch(ctx) {
      const operations = parsePatch(mendPatch(ctx.request.body, type), type);
      const change = (current: R) => kind.patched(current, operations);
      const resource = await store.update(ctx.state.source, idOf(ctx), change, now());
      wake();
      if (await kind.showsPatched(resource, projectionOf(ctx))) return show(ctx, 200, resource);
      ctx.status = 204;
    },
    async remove(ctx) {
      await store.remove(ctx.state.source, idOf(ctx), now());
      wake();
      ctx.status = 204;
    },
  };
}

function idOf({ params }: HttpContext): string {
  return params.id ?? '';
}
