import type { SourceId } from '../../directory/resource.ts';
import { mendParameters } from '../../scim/quirks/parameters.ts';
import type { Handler, HttpContext } from '../context.ts';
import { respondInPieces } from '../respond.ts';

/** A request to a SCIM endpoint, whether it came by itself or inside a bulk request. */
export type ScimRequest = {
  readonly source: SourceId;
  /** Where the endpoints are, as the client sees it; no slash at the end. */
  readonly baseUri: string;
  /** Of the resource; of one to be created, if others refer to it already. Else empty. */
  readonly id: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly ifMatch: string;
  readonly ifNoneMatch: string;
  /** As in the answer's `X-Request-Id`. */
  readonly requestId: string;
  /** Which operation of a bulk request it is, counted from 1; undefined if it came by itself. */
  readonly operation: number | undefined;
  /** As in `RequestState`. */
  readonly onFault: (error: unknown) => void;
};

/** What became of it, if nothing was thrown. */
export type ScimAnswer = {
  readonly status: 200 | 201 | 204 | 304;
  readonly location?: string;
  /** The entity tag. */
  readonly version?: string;
  /** JSON, piece by piece. */
  readonly text?: AsyncGenerator<string>;
};

/** Throws `ScimError`, `NotFound` or `DirectoryConflict`. */
export type Action = (request: ScimRequest) => Promise<ScimAnswer>;

/** Serves an action by HTTP. */
export function serve(action: Action, baseUri: (ctx: HttpContext) => string): Handler {
  return async (ctx) => {
    const source = ctx.state.holder?.source;
    if (source === undefined) throw new Error(`${ctx.path} was reached without a token`);
    const answer = await action({
      source,
      baseUri: baseUri(ctx),
      id: ctx.params.id ?? '',
      query: mendParameters(ctx.query),
      body: ctx.state.body,
      ifMatch: ctx.get('If-Match'),
      ifNoneMatch: ctx.get('If-None-Match'),
      requestId: ctx.state.requestId,
      operation: undefined,
      onFault: ctx.state.onFault,
    });
    if (answer.location !== undefined) {
      // RFC 7643 §3.1: the same as `meta.location`.
      ctx.set('Content-Location', answer.location);
      if (answer.status === 201) ctx.set('Location', answer.location);
    }
    if (answer.version !== undefined) ctx.set('ETag', answer.version);
    if (answer.text !== undefined) return respondInPieces(ctx, answer.status, answer.text);
    ctx.status = answer.status;
  };
}
