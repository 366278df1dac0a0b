import { Router } from '@koa/router';
import { ScimError } from '../../scim/error.ts';
import type { Store } from '../../store/store.ts';
import { readBody } from '../body.ts';
import type { Handler, HttpContext, RequestState } from '../context.ts';
import { createDiscoveryHandlers } from './discovery.ts';
import { groupKind, userKind } from './resource-kind.ts';
import { createHandlers, type ResourceHandlers } from './resources.ts';
import { searchAll } from './search-all.ts';

type ScimDeps = {
  readonly store: Store;
  readonly wake: () => void;
  readonly now: () => number;
  /** No slash at the end. */
  readonly basePath: string;
  /** No slash at the end either. */
  readonly publicUrl: string | undefined;
  readonly maxBodyBytes: number;
};

/** All of SCIM under the base path (RFC 7644 §3.2, table 2). A slash at the end of a path makes no difference. */
export function createScimRouter(deps: ScimDeps): Router<RequestState> {
  const { basePath, publicUrl, store } = deps;
  const baseUri = ({ protocol, host }: HttpContext) => `${publicUrl ?? `${protocol}://${host}`}${basePath}`;
  const body = readBody(deps.maxBodyBytes);
  const users = createHandlers(userKind(store), { ...deps, baseUri });
  const groups = createHandlers(groupKind(store), { ...deps, baseUri });
  const discovery = createDiscoveryHandlers(baseUri);

  const router = new Router<RequestState>({ prefix: basePath });
  router.get('/ServiceProviderConfig', discovery.config);
  // Authentik's mode for Salesforce (recording authentik-24).
  router.get('/ServiceProviderConfigs', discovery.config);
  router.get('/ResourceTypes', discovery.resourceTypes);
  router.get('/ResourceTypes/:id', discovery.resourceType);
  router.get('/Schemas', discovery.schemas);
  router.get('/Schemas/:id', discovery.schema);
  addResourceRoutes(router, '/Users', users, body);
  addResourceRoutes(router, '/Groups', groups, body);
  router.post('/.search', ...body, searchAll([users, groups]));
  router.all(['/Bulk', '/Me'], notImplemented);
  return router;
}

function addResourceRoutes(
  router: Router<RequestState>,
  endpoint: string,
  handlers: ResourceHandlers,
  body: readonly Handler[],
): void {
  router.get(endpoint, handlers.list);
  router.post(endpoint, ...body, handlers.create);
  router.post(`${endpoint}/.search`, ...body, handlers.search);
  router.get(`${endpoint}/:id`, handlers.get);
  router.put(`${endpoint}/:id`, ...body, handlers.replace);
  router.patch(`${endpoint}/:id`, ...body, handlers.patch);
  router.delete(`${endpoint}/:id`, handlers.remove);
}

const notImplemented: Handler = () => {
  throw new ScimError(501, undefined, 'Neither /Bulk nor /Me is implemented');
};
