import { Router } from '@koa/router';
import type { z } from 'zod';
import { allows } from '../../access/token.ts';
import { type Admit, admitted } from '../admission.ts';
import { readBody } from '../body.ts';
import type { Handler, HttpContext, RequestState } from '../context.ts';
import type { Holder } from '../tokens.ts';
import type { Endpoint } from './endpoint.ts';
import { asProblem } from './foreseen.ts';
import { ApiProblem, type Mistake } from './problem.ts';

export const API_PATH = '/api/v1';

/** Bytes: the largest thing that is sent is a group map. */
const MAX_BODY = 4 * 1_048_576;

/** Serves the endpoints. Whoever comes here has a token or a session; each endpoint asks for the scope that it needs. */
export function createApiRouter(endpoints: readonly Endpoint[], admit: Admit): Router<RequestState> {
  const router = new Router<RequestState>({ prefix: API_PATH });
  const body = readBody({ maxBytes: MAX_BODY, admit });
  for (const endpoint of endpoints) {
    const path = endpoint.path.replaceAll(/\{(\w+)\}/g, ':$1');
    const steps = endpoint.body === undefined ? placeFor(endpoint, admit) : body;
    router[endpoint.method](path, needsScope(endpoint), ...steps, serve(endpoint));
  }
  return router;
}

function placeFor({ stream }: Endpoint, admit: Admit): readonly Handler[] {
  if (stream === undefined) return [admitted(admit, 'small')];
  return stream.isEndless ? [] : [admitted(admit, 'large')];
}

function needsScope({ scope }: Endpoint): Handler {
  return (ctx, next) => {
    const holder = holderOf(ctx);
    if (!allows(holder.scopes, scope)) throw new ApiProblem(403, `${holder.name} has not the scope ${scope}`);
    return next();
  };
}

function holderOf({ path, state: { holder } }: HttpContext): Holder {
  if (holder === undefined) throw new Error(`${path} was reached without a token`);
  return holder;
}

function serve({ params, query, body, status, answer, stream, handle }: Endpoint): Handler {
  return async (ctx) => {
    const holder = holderOf(ctx);
    const read = {
      params: params.safeParse(ctx.params),
      query: query.safeParse(ctx.query),
      body: body?.safeParse(ctx.state.body),
    };
    const mistakes = Object.entries(read).flatMap(([part, result]) => mistakesOf(part, result));
    if (mistakes.length > 0) {
      const [{ at, message } = { at: '', message: '' }] = mistakes;
      throw new ApiProblem(400, `${at}: ${message}`, { mistakes });
    }
    const result = await handle({
      ...{ params: read.params.data, query: read.query.data, body: read.body?.data, holder },
      ...(stream !== undefined && { lastEventId: ctx.get('Last-Event-ID') || undefined }),
    }).catch((error: unknown) => {
      throw asProblem(error);
    });
    ctx.status = status;
    // Names of people are in it: no cache keeps it.
    ctx.set('Cache-Control', 'no-store');
    if (stream !== undefined) {
      ctx.type = stream.type;
      // Proxies such as nginx would keep it until there is much of it.
      ctx.set('X-Accel-Buffering', 'no');
      // Else the connection would stay when Usher stops, with nothing to come on it.
      if (stream.isEndless) ctx.set('Connection', 'close');
      ctx.body = result;
    } else if (answer !== undefined) ctx.body = answer.parse(result);
  };
}

function mistakesOf(part: string, result: z.ZodSafeParseResult<unknown> | undefined): readonly Mistake[] {
  if (result === undefined || result.success) return [];
  return result.error.issues.map(({ path, message }) => ({ at: [part, ...path].join('.'), message }));
}
