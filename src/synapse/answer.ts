import { HomeserverError, type HomeserverErrorKind } from '../matrix/error.ts';
import type { Answer } from '../rest/client.ts';
import { isObject, type JsonObject } from '../rest/read.ts';

const LONGEST_PROSE = 200;

/** What Synapse's answer holds, as `RestClientOptions` says it. */
export function contentOf(answer: Answer, request: string, secret: string): unknown {
  const isSuccess = answer.status >= 200 && answer.status < 300;
  const content = isSuccess ? parsed(answer.body) : undefined;
  if (content !== undefined) return content;
  const quotable: Quotable = (text) => text.replaceAll(secret, '[token]').slice(0, LONGEST_PROSE);
  throw isSuccess ? notJson(answer, request, quotable) : errorOf(answer, request, quotable);
}

/** What may be told of a text that came; it is read first, for JSON can write each letter of a token in two ways. */
type Quotable = (text: string) => string;

/** Undefined if it is not JSON. */
function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function notJson({ status, body }: Answer, request: string, quotable: Quotable): HomeserverError {
  const cause = new SyntaxError(`not JSON: ${quotable(body)}`);
  return new HomeserverError('protocol', `${request}: answered ${status} without JSON`, { cause });
}

function errorOf(answer: Answer, request: string, quotable: Quotable): HomeserverError {
  const body = matrixError(answer.body);
  const errcode = typeof body.errcode === 'string' ? quotable(body.errcode) : undefined;
  const kind = kindOf(answer.status, errcode);
  const prose = typeof body.error === 'string' ? `: ${quotable(body.error)}` : '';
  const code = errcode === undefined ? ' without a Matrix error' : ` ${errcode}`;
  return new HomeserverError(kind, `${request}: answered ${answer.status}${code}${prose}`, {
    errcode,
    retryAfterMs: kind === 'throttled' ? waitOf(body, answer.retryAfter) : undefined,
  });
}

/** The body of a Matrix error (Matrix spec, "Standard error response"); empty if it is something else. */
function matrixError(body: string): JsonObject {
  const content = parsed(body);
  return isObject(content) ? content : {};
}

/**
 * A refusal without an errcode is a proxy's. So is `M_UNRECOGNIZED`: a path that is not served says nothing
 * about whether the user or room exists.
 */
function kindOf(status: number, errcode: string | undefined): HomeserverErrorKind {
  if (status === 401) return 'unauthorised';
  if (status === 429) return 'throttled';
  if (status >= 500) return 'unavailable';
  if (status < 400 || errcode === undefined || errcode === 'M_UNRECOGNIZED') return 'protocol';
  return status === 404 ? 'not-found' : 'refused';
}

const LONGEST_WAIT_MS = 3_600_000;

/**
 * Whole milliseconds, an hour at most: whoever says a year is mistaken. A `Retry-After` that is a date is not read: the
 * caller's own back-off does.
 */
function waitOf(body: JsonObject, retryAfter: string | undefined): number | undefined {
  const said = body.retry_after_ms;
  const isHeader = retryAfter !== undefined && /^\d+$/.test(retryAfter);
  const wait =
    typeof said === 'number' && said >= 0 ? said : isHeader ? Number(retryAfter) * 1000 : undefined;
  return wait === undefined ? undefined : Math.min(Math.ceil(wait), LONGEST_WAIT_MS);
}
