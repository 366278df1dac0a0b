import { Refusal } from '../refusal.ts';
import { routesOf } from '../routes.ts';
import { emailHandlers } from './api-emails.ts';
import { personalSessionHandlers } from './api-personal-sessions.ts';
import { sessionHandlers } from './api-sessions.ts';
import { upstreamHandlers } from './api-upstream.ts';
import { userHandlers } from './api-users.ts';
import { callerOf } from './caller.ts';
import { discoveryOf } from './discovery.ts';
import type { Mas } from './mas.ts';
import { type MasAnswer, MasRefusal, refused } from './refusal.ts';
import type { MasHandlers, MasRequest } from './request.ts';
import { API } from './resources.ts';
import { createTokenEndpoint } from './token-endpoint.ts';

/** Never rejects: refusals, and paths that are not served, are answers. */
export type MasApi = (request: MasRequest) => Promise<MasAnswer>;

/** What of `http.listeners[].resources` one listener has: discovery and the token endpoint, the admin API, or all of it. */
export type Listener = 'web' | 'adminapi' | 'all';

/** A listener of a MAS. */
export function createMasApi(mas: Mas, listener: Listener = 'all'): MasApi {
  const handlers: MasHandlers = {
    ...userHandlers(mas),
    ...emailHandlers(mas),
    ...upstreamHandlers(mas),
    ...sessionHandlers(mas),
    ...(mas.features.personalSessions && personalSessionHandlers(mas)),
    ...(mas.features.siteConfig && {
      'GET /site-config': () => ({ status: 200, body: { server_name: mas.serverName, ...mas.site } }),
    }),
    ...(mas.features.version && {
      'GET /version': () => ({ status: 200, body: { version: `v${mas.version}` } }),
    }),
  };
  const routes = routesOf(handlers);
  const tokenEndpoint = createTokenEndpoint(mas);

  function administer({ method, path, authorization, contentType, body }: MasRequest): MasAnswer {
    const [rawPath = '', rawQuery] = path.slice(API.length).split('?');
    const served = mas.hasAdminApi ? routes.filter(({ fits }) => fits(rawPath)) : [];
    if (served.length === 0) return NOT_FOUND;
    const route = served.find((known) => known.method === method);
    if (route === undefined) return { status: 405 };
    return route.handle({
      caller: callerOf(mas, authorization),
      params: route.paramsIn(rawPath),
      query: queryFor(mas, rawQuery),
      sent: { contentType, body },
    });
  }

  async function answer(request: MasRequest): Promise<MasAnswer> {
    const [path] = request.path.split('?');
    if (path?.startsWith(`${API}/`)) return listener === 'web' ? NOT_FOUND : administer(request);
    if (listener === 'adminapi') return NOT_FOUND;
    if (path === '/.well-known/openid-configuration') {
      return { status: 200, body: discoveryOf(mas.publicBase) };
    }
    if (path === '/oauth2/token') return request.method === 'POST' ? tokenEndpoint(request) : { status: 405 };
    return NOT_FOUND;
  }

  return async (request) => {
    if (!mas.isUp()) return DOWN;
    try {
      const answered = await answer(request);
      mas.jobs.catchUp();
      return answered;
    } catch (error) {
      if (error instanceof MasRefusal) return error.answer;
      if (error instanceof Refusal) return brokenAnswer(error);
      throw error;
    }
  };
}

const NOT_FOUND: MasAnswer = { status: 404, text: '<!DOCTYPE html><title>Resource not found</title>' };

/** What Synapse refused, or could not be asked. Nothing was changed in MAS. */
function brokenAnswer({ errcode, message }: Refusal): MasAnswer {
  return refused(500, 'Unexpected answer of Synapse', `${errcode}: ${message}`).answer;
}

/** As of a proxy that does not reach it. */
const DOWN: MasAnswer = { status: 502, text: '<!DOCTYPE html><title>502 Bad Gateway</title>' };

/** Older versions do not know `count`. */
function queryFor({ features }: Mas, rawQuery: string | undefined): URLSearchParams {
  const query = new URLSearchParams(rawQuery);
  if (!features.version) query.delete('count');
  return query;
}
