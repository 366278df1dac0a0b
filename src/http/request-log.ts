import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { AddressOf } from './address.ts';
import type { Handler } from './context.ts';

export type RequestReport = {
  readonly method: string;
  /** The template of the route, so that the number of different values is small. */
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
};

type RequestLogDeps = {
  readonly log: Logger;
  readonly addressOf: AddressOf;
  readonly isToldElsewhere: (error: unknown) => boolean;
  readonly onRequest: (report: RequestReport) => void;
  readonly now: () => number;
};

/** An id that a proxy gave is kept, if it can stand in a log line. */
const REQUEST_ID = /^[\w.:-]{1,64}$/;

/** Faults are for an admin to look at. */
function levelOf(method: string, status: number, isTold: boolean): 'warn' | 'info' | 'debug' {
  if (isTold) return 'debug';
  if (status >= 500) return 'warn';
  return READS.has(method) && status < 400 ? 'debug' : 'info';
}

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * One line for each request: no body, no query (a filter names people), no header. Successful reads are `debug`,
 * since nothing changed; so are refusals of which `requests refused` tells in sum.
 */
export function requestLog({ log, addressOf, isToldElsewhere, onRequest, now }: RequestLogDeps): Handler {
  return async (ctx, next) => {
    const started = now();
    const sent = ctx.get('X-Request-Id');
    const requestId = REQUEST_ID.test(sent) ? sent : randomUUID();
    const own = log.child({ requestId });
    const onFault = (err: unknown): void => {
      if (!isToldElsewhere(err)) own.error({ err }, 'request failed unexpectedly');
    };
    ctx.state = { ...ctx.state, requestId, log: own, address: addressOf(ctx.req), onFault };
    ctx.set('X-Request-Id', requestId);
    await next();
    const { method, path, status } = ctx;
    const durationMs = Math.max(0, now() - started); // the clock may be set back
    const level = levelOf(method, status, ctx.state.isTold === true);
    ctx.state.log[level]({ method, path, status, durationMs }, 'request answered');
    onRequest({ method, route: ctx.routerPath ?? 'none', status, durationMs });
  };
}
