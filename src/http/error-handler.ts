import { DirectoryConflict, NotFound } from '../directory/error.ts';
import { errorBody, invalidSyntax, isScimStatus, ScimError } from '../scim/error.ts';
import { type StoreTrouble, troubleOf } from '../store/error.ts';
import { ApiProblem, PROBLEM_TYPE, problemBody } from './api/problem.ts';
import type { Handler, HttpContext } from './context.ts';
import { respond } from './respond.ts';

/** Seconds after which a provider may try again what could not be stored. */
const RETRY_AFTER = 30;

const TROUBLES: Readonly<Record<StoreTrouble, string>> = {
  full: 'its disk is full',
  'read-only': 'it may not be written to',
  failing: 'its disk fails',
  broken: 'it is broken',
  busy: 'something else keeps it busy',
};

/**
 * The one place where an error becomes an answer: a SCIM error under the SCIM base path (RFC 7644 §3.12), a problem
 * (RFC 9457) elsewhere. What nobody foresaw is told to the log, and answered by 503 if the database was the cause, else by 500 without
 * detail.
 */
export function errorHandler(isScim: (path: string) => boolean): Handler {
  const answer = (ctx: HttpContext, error: ScimError) => {
    const isTold = ctx.res.hasHeader('Retry-After');
    if (error.status === 503 && !isTold) ctx.set('Retry-After', String(RETRY_AFTER));
    if (isScim(ctx.path)) return respond(ctx, error.status, errorBody(error));
    return answerProblem(ctx, error.status, problemBody(error.status, error.message));
  };
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      if (error instanceof ApiProblem) {
        if (error.status === 503) ctx.set('Retry-After', String(RETRY_AFTER));
        return answerProblem(ctx, error.status, problemBody(error.status, error.message, error.mistakes));
      }
      return answer(ctx, scimErrorOf(error, ctx.state.onFault));
    }
    // Left without a body by the router: no such path, or no such method for it.
    if (ctx.status >= 400 && !ctx.body) answer(ctx, withStatus(ctx.status));
  };
}

function answerProblem(ctx: HttpContext, status: number, body: object): void {
  ctx.status = status;
  ctx.type = PROBLEM_TYPE;
  ctx.body = JSON.stringify(body);
}

/** What an error becomes, of a request or of an operation in a bulk request. */
export function scimErrorOf(error: unknown, onFault: (error: unknown) => void): ScimError {
  const foreseen = foreseenErrorOf(error);
  if (foreseen !== undefined) return foreseen;
  onFault(error);
  const trouble = troubleOf(error);
  if (trouble === undefined) return new ScimError(500, undefined, 'Something went wrong here', error);
  return new ScimError(
    503,
    undefined,
    `The database of Usher can't be used now: ${TROUBLES[trouble]}`,
    error,
  );
}

function foreseenErrorOf(error: unknown): ScimError | undefined {
  if (error instanceof ScimError) return error;
  if (error instanceof NotFound) return new ScimError(404, undefined, error.message, error);
  if (error instanceof DirectoryConflict) return new ScimError(409, 'uniqueness', error.message, error);
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  return typeof status === 'number' && status < 500 ? withStatus(status, error) : undefined;
}

/** For what only has a status: errors of the body parser, and the router's refusals. */
function withStatus(status: number, cause?: unknown): ScimError {
  switch (status) {
    case 400:
      return invalidSyntax('The body is not JSON', cause);
    case 404:
      return new ScimError(404, undefined, 'There is nothing here', cause);
    case 405:
      return new ScimError(405, undefined, 'The method is not allowed here', cause);
    case 413:
      return new ScimError(413, undefined, `The body is larger than ${limitIn(cause)}`, cause);
    default:
      return new ScimError(isScimStatus(status) ? status : 400, undefined, 'The request is refused', cause);
  }
}

/** The limit that the body parser keeps (RFC 7644 §3.7.4), and where it comes from. */
function limitIn(error: unknown): string {
  const limit = error instanceof Error && 'limit' in error ? ` (${error.limit} bytes)` : '';
  return `MAX_BODY_SIZE${limit}`;
}
