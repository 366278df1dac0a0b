import type { RouterContext } from '@koa/router';
import type { Logger } from 'pino';
import type { Holder } from './tokens.ts';

/** What the middlewares leave for those behind them. */
export type RequestState = {
  readonly requestId: string;
  /** Has the request id as a field. */
  log: Logger;
  /** Where it comes from. */
  readonly address: string;
  /** Told of what no request should meet. */
  readonly onFault: (error: unknown) => void;
  /** Whose token or session it was: set by `auth` where one is needed. */
  holder?: Holder;
  /** What was sent: set by `readBody`. */
  body?: unknown;
  /** One of those that are worked on. */
  isAdmitted?: boolean;
  /** It was refused, and the log says so in sum. */
  isTold?: boolean;
};

export type HttpContext = RouterContext<RequestState>;
export type Handler = (ctx: HttpContext, next: () => Promise<unknown>) => unknown;
