import { accountHandlers } from './api-accounts.ts';
import { clientHandlers } from './api-client.ts';
import { mediaHandlers } from './api-media.ts';
import { profileHandlers } from './api-profile.ts';
import {
  type ApiAnswer,
  type ApiRequest,
  type Handlers,
  isObject,
  type JsonObject,
  ok,
} from './api-request.ts';
import { roomHandlers } from './api-rooms.ts';
import { forbidden, Refusal } from './refusal.ts';
import { routesOf } from './routes.ts';
import type { World } from './world.ts';

/** Never rejects: refusals, and paths that are not served, are answers. */
export type SynapseApi = (request: ApiRequest) => Promise<ApiAnswer>;

const ADMIN = '/_synapse/admin/';

const AUTH_METADATA: ReadonlySet<string> = new Set([
  '/_matrix/client/v1/auth_metadata',
  '/_matrix/client/unstable/org.matrix.msc2965/auth_metadata',
]);

/** What Synapse does not serve when another service signs people in. */
const LEFT_TO_AUTH_SERVICE: ReadonlySet<string> = new Set([
  `${ADMIN}v1/users/{userId}/admin`,
  '/_matrix/client/v3/logout/all',
]);

const unrecognized = (): Refusal => new Refusal(404, 'M_UNRECOGNIZED', 'Unrecognized request');

/** The part of Synapse's admin API and of the client API that Usher calls, over a world in memory. */
export function createSynapseApi(world: World): SynapseApi {
  const handlers: Handlers = {
    ...accountHandlers(world),
    ...roomHandlers(world),
    ...clientHandlers(world),
    ...profileHandlers(world),
    ...mediaHandlers(world),
  };
  const routes = routesOf(handlers);
  let metadata: JsonObject | undefined;

  /** Without a token. Synapse asks once, and then knows it. */
  function authMetadata(): JsonObject {
    if (world.authService === undefined) throw unrecognized();
    try {
      metadata ??= world.authService.metadata();
      return metadata;
    } catch {
      throw new Refusal(500, 'M_UNKNOWN', 'Internal server error');
    }
  }

  function isLeftToAuthService(path: string): boolean {
    return world.authService !== undefined && LEFT_TO_AUTH_SERVICE.has(path);
  }

  function answer({ method, path, token, body, image }: ApiRequest): ApiAnswer {
    const [rawPath = '', rawQuery] = path.split('?');
    if (rawPath === `${ADMIN}v1/server_version`) return ok({ server_version: world.version });
    if (method === 'GET' && AUTH_METADATA.has(rawPath)) return ok(authMetadata());
    const route = routes.find((known) => known.method === method && known.fits(rawPath));
    if (route === undefined || isLeftToAuthService(route.path)) throw unrecognized();
    const { userId, isAdmin, hasDevice } = world.requester(token);
    if (rawPath.startsWith(ADMIN) && !isAdmin) throw forbidden('You are not a server admin');
    return route.handle({
      actor: userId,
      hasDevice,
      params: route.paramsIn(rawPath),
      query: new URLSearchParams(rawQuery),
      body: isObject(body) ? body : {},
      image,
    });
  }

  return async (request) => {
    try {
      await world.arrive();
      return answer(request);
    } catch (error) {
      if (error instanceof Refusal) return refusalAnswer(error);
      throw error;
    }
  };
}

function refusalAnswer({ status, errcode, message, retryAfterMs }: Refusal): ApiAnswer {
  const wait = retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs };
  return { status, body: { errcode, error: message, ...wait } };
}
