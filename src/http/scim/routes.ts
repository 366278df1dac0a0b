import { Router } from '@koa/router';
import type { Limits } from '../../scim/discovery.ts';
import { ScimError } from '../../scim/error.ts';
import type { MatrixSide } from '../../scim/matrix-resource.ts';
import type { Store } from '../../store/store.ts';
import { type Admit, admitted, admittedToList } from '../admission.ts';
import { readBody } from '../body.ts';
import type { Handler, HttpContext, RequestState } from '../context.ts';
import { bulk } from './bulk.ts';
import { createDiscoveryHandlers } from './discovery.ts';
import { type Action, serve } from './exchange.ts';
import { groupKind, userKind } from './resource-kind.ts';
import { createActions, type ResourceActions } from './resources.ts';
import { searchAll } from './search-all.ts';

type ScimDeps = {
  readonly store: Store;
  readonly matrix: MatrixSide;
  readonly wake: () => void;
  readonly now: () => number;
  /** No slash at the end. */
  readonly basePath: string;
  /** No slash at the end either. */
  readonly publicUrl: string | undefined;
  readonly limits: Limits;
  /** What the change feed tells of; undefined without one. */
  readonly eventUris?: readonly string[] | undefined;
  readonly admit: Admit;
};

/** All of SCIM under the base path (RFC 7644 §3.2, table 2). A slash at the end of a path makes no difference. */
export function createScimRouter(deps: ScimDeps): Router<RequestState> {
  const { basePath, publicUrl, store, matrix, limits, admit } = deps;
  const baseUri = ({ protocol, host }: HttpContext) => `${publicUrl ?? `${protocol}://${host}`}${basePath}`;
  const body = readBody({ maxBytes: limits.maxBodyBytes, admit });
  const actionDeps = { ...deps, maxResults: limits.maxResults };
  const users = createActions(userKind(store, matrix), actionDeps);
  const groups = createActions(groupKind(store, matrix), actionDeps);
  const discovery = createDiscoveryHandlers(baseUri, limits, deps.eventUris);
  const small = admitted(admit, 'small');
  const large = admitted(admit, 'large');
  const listing = admittedToList(admit);
  const served = (action: Action): Served => [small, serve(action, baseUri)];

  const router = new Router<RequestState>({ prefix: basePath });
  router.get('/ServiceProviderConfig', discovery.config);
  // Authentik's mode for Salesforce (recording authentik-24).
  router.get('/ServiceProviderConfigs', discovery.config);
  router.get('/ResourceTypes', discovery.resourceTypes);
  router.get('/ResourceTypes/:id', discovery.resourceType);
  router.get('/Schemas', discovery.schemas);
  router.get('/Schemas/:id', discovery.schema);
  addResourceRoutes(router, '/Users', users, { body, listing, large, served });
  addResourceRoutes(router, '/Groups', groups, { body, listing, large, served });
  const all = searchAll([users, groups], limits.maxResults);
  router.get('/', listing, ...served(all.list));
  router.post('/.search', large, ...body, ...served(all.search));
  router.post(
    '/Bulk',
    large,
    ...body,
    ...served(bulk({ actions: { User: users, Group: groups }, maxOperations: limits.maxOperations })),
  );
  router.all('/Me', nobody);
  return router;
}

type Served = readonly [Handler, Handler];

/** What comes before the actions. */
type Steps = {
  readonly body: readonly Handler[];
  readonly listing: Handler;
  readonly large: Handler;
  readonly served: (action: Action) => Served;
};

function addResourceRoutes(
  router: Router<RequestState>,
  endpoint: string,
  actions: ResourceActions,
  { body, listing, large, served }: Steps,
): void {
  router.get(endpoint, listing, ...served(actions.list));
  router.post(endpoint, ...body, ...served(actions.create));
  router.post(`${endpoint}/.search`, large, ...body, ...served(actions.search));
  router.get(`${endpoint}/:id`, ...served(actions.get));
  router.put(`${endpoint}/:id`, ...body, ...served(actions.replace));
  router.patch(`${endpoint}/:id`, ...body, ...served(actions.patch));
  router.delete(`${endpoint}/:id`, ...served(actions.remove));
}

/** RFC 7644 §3.11 leaves it open: whoever has a token is a provider, and no user. */
const nobody: Handler = () => {
  throw new ScimError(501, undefined, 'A token belongs to a provider, and no user is /Me');
};
