/**
 * Why a homeserver did not do what was asked.
 * - `unavailable`: no connection, a time-out, or 5xx. Everything waits.
 * - `throttled`: 429. Wait `retryAfterMs`.
 * - `unauthorised`: the token is unknown or has no admin rights. Everything waits, a person must act.
 * - `failed`: this one call broke off, and others succeed (see `reconcile/outage.ts`).
 * - `refused`: this request will not succeed as things are (403, 400, 409). Others may.
 * - `not-found`: the user, room or alias does not exist.
 * - `protocol`: an answer that is not what the Matrix API says. A bug, or not a homeserver at all: if it says so to
 *   everything, that is an outage (see `reconcile/outage.ts`).
 */
export type HomeserverErrorKind =
  | 'unavailable'
  | 'throttled'
  | 'unauthorised'
  | 'failed'
  | 'refused'
  | 'not-found'
  | 'protocol';

/** Whether an error is about the homeserver as a whole, not about one change. */
export function stopsEverything({ kind }: HomeserverError): boolean {
  return kind === 'unavailable' || kind === 'unauthorised' || kind === 'throttled';
}

type Details = {
  readonly errcode?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
};

export class HomeserverError extends Error {
  override readonly name = 'HomeserverError';
  readonly kind: HomeserverErrorKind;
  readonly errcode: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(kind: HomeserverErrorKind, message: string, details: Details = {}) {
    super(message, { cause: details.cause });
    this.kind = kind;
    this.errcode = details.errcode;
    this.retryAfterMs = details.retryAfterMs;
  }
}
