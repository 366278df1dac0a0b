/** What the simulated homeserver answers in place of success: a status and the body of a Matrix error. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly errcode: string;
  /** Only with 429. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, errcode: string, error: string, retryAfterMs?: number) {
    super(error);
    this.status = status;
    this.errcode = errcode;
    this.retryAfterMs = retryAfterMs;
  }
}

export const forbidden = (error: string): Refusal => new Refusal(403, 'M_FORBIDDEN', error);
export const badState = (error: string): Refusal => new Refusal(403, 'M_BAD_STATE', error);
export const notFound = (error: string): Refusal => new Refusal(404, 'M_NOT_FOUND', error);
export const badRequest = (error: string): Refusal => new Refusal(400, 'M_UNKNOWN', error);
