import type { Span, Tracing } from '../tracing.ts';
import type { Handler, HttpContext } from './context.ts';

/** Others become one, so that no client can make up names (OpenTelemetry, semantic conventions for HTTP). */
const METHODS = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'QUERY',
  'TRACE',
]);

type RequestSpanDeps = {
  readonly tracing: Tracing;
  /** Paths that are asked every few seconds by what watches us. */
  readonly isProbe: (path: string) => boolean;
};

/**
 * A span for each request, by the semantic conventions for HTTP. It has the route and not the path, which may hold what a client
 * should not have sent; the log line of the request has both, and the id of the trace.
 */
export function requestSpan({ tracing, isProbe }: RequestSpanDeps): Handler {
  return (ctx, next) => {
    if (isProbe(ctx.path)) return next();
    const method = METHODS.has(ctx.method) ? ctx.method : '_OTHER';
    const attributes = { 'http.request.method': method, 'url.scheme': ctx.protocol };
    const name = nameOf(method, undefined);
    return tracing.span({ kind: 'server', name, headers: ctx.headers, attributes }, async (span) => {
      await next();
      tellAnswer(span, ctx, method);
    });
  };
}

function tellAnswer(span: Span, { routerPath: route, status, state }: HttpContext, method: string): void {
  if (route !== undefined) span.rename(nameOf(method, route));
  span.set({
    'http.route': route,
    'http.response.status_code': status,
    'usher.request_id': state.requestId,
  });
  if (status >= 500) span.fail(String(status));
}

function nameOf(method: string, route: string | undefined): string {
  const verb = method === '_OTHER' ? 'HTTP' : method;
  return route === undefined ? verb : `${verb} ${route}`;
}
