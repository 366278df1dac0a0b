import { HomeserverError, type HomeserverErrorKind } from '../matrix/error.ts';
import { isObject, type JsonObject } from './read.ts';

export type Answer = {
  readonly status: number;
  readonly body: string;
  /** The `Retry-After` header, in seconds or as a date. */
  readonly retryAfter: string | undefined;
};

/** What an answer other than 2xx says. `body` is its JSON object, empty if there is none. */
export type Refused = {
  readonly kind: HomeserverErrorKind;
  readonly code: string | undefined;
  /** Follows the status in the message; of the answer only what went through `quotable`. */
  readonly what: string;
};

/** What an error of one API means. */
export type ErrorReader = (status: number, body: JsonObject, quotable: Quotable) => Refused;

/** What may be told of a text that came; it is read first, for JSON can write each letter of a token in two ways. */
export type Quotable = (text: string) => string;

const LONGEST_PROSE = 200;

/**
 * What a 2xx answer holds; any other answer throws. `request` stands in the message in place of the URL, so that no ids
 * are in it; `secrets` are struck out of what is quoted, for a proxy may echo what it was sent.
 */
export function contentOf(
  answer: Answer,
  request: string,
  secrets: readonly string[],
  errorIn: ErrorReader,
): unknown {
  const isSuccess = answer.status >= 200 && answer.status < 300;
  const content = isSuccess ? contentIn(answer) : undefined;
  if (content !== undefined) return content;
  const quotable: Quotable = (text) =>
    secrets.reduce((rest, secret) => rest.replaceAll(secret, '[token]'), text).slice(0, LONGEST_PROSE);
  throw isSuccess ? notJson(answer, request, quotable) : errorOf(answer, request, errorIn, quotable);
}

/** Nothing at all is what 204 (No Content) says. */
function contentIn({ status, body }: Answer): unknown {
  return status === 204 ? null : parsed(body);
}

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

function errorOf(
  { status, body, retryAfter }: Answer,
  request: string,
  errorIn: ErrorReader,
  quotable: Quotable,
): HomeserverError {
  const content = parsed(body);
  const said = isObject(content) ? content : {};
  const { kind, code, what } = errorIn(status, said, quotable);
  return new HomeserverError(kind, `${request}: answered ${status}${what}`, {
    errcode: code,
    retryAfterMs: kind === 'throttled' ? waitOf(said, retryAfter) : undefined,
  });
}

const LONGEST_WAIT_MS = 3_600_000;

/**
 * Whole milliseconds, an hour at most: whoever says a year is mistaken. A `Retry-After` that is a date is not read: the
 * caller's own back-off does.
 */
function waitOf({ retry_after_ms: said }: JsonObject, retryAfter: string | undefined): number | undefined {
  const isHeader = retryAfter !== undefined && /^\d+$/.test(retryAfter);
  const wait =
    typeof said === 'number' && said >= 0 ? said : isHeader ? Number(retryAfter) * 1000 : undefined;
  return wait === undefined ? undefined : Math.min(Math.ceil(wait), LONGEST_WAIT_MS);
}
