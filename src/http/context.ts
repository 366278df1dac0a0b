import type { RouterContext } from '@koa/router';
import type { Logger } from 'pino';
import type { SourceId } from '../directory/resource.ts';
import { ScimError } from '../scim/error.ts';
import { isObject, type JsonObject } from '../scim/json.ts';

/** What the middlewares leave for those behind them. */
export type RequestState = {
  readonly requestId: string;
  /** Has the request id as a field. */
  readonly log: Logger;
  /** Whose token it was: set by `auth`, and so there in every SCIM handler. */
  source: SourceId;
};

export type HttpContext = RouterContext<RequestState>;
export type Handler = (ctx: HttpContext, next: () => Promise<unknown>) => unknown;

/** Throws `ScimError` 400 `invalidSyntax` if the body is a list. */
export function bodyOf({ request }: HttpContext): JsonObject {
  if (!isObject(request.body)) throw new ScimError(400, 'invalidSyntax', 'The body is a JSON object');
  return request.body;
}
