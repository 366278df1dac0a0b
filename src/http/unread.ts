import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { errorBody, type ScimError } from '../scim/error.ts';
import type { Handler } from './context.ts';
import { SCIM_TYPE } from './respond.ts';

/** Of a body that nobody wants: bytes, and milliseconds. */
const MOST_BYTES = 32 * 1_048_576;
const LONGEST_MS = 5_000;

/** Whether a body is under way that was not read to its end. */
function isUnread({ complete, headers }: IncomingMessage): boolean {
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  return hasBody && !complete;
}

/**
 * Who sends all of a body before reading the answer would see a reset instead of it. So what is left is thrown away
 * until it is too much or takes too long, and only then the connection is closed.
 */
function passed(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0;
    const isOver = (): void => {
      clearTimeout(timer);
      request.off('data', take).off('end', isOver).off('close', isOver);
      resolve();
    };
    const take = ({ length }: Buffer): void => {
      bytes += length;
      if (bytes > MOST_BYTES) isOver();
    };
    const timer = setTimeout(isOver, LONGEST_MS).unref();
    request.on('data', take).once('end', isOver).once('close', isOver).resume();
  });
}

/** After an answer to half a request, nothing follows on its connection. */
export const closeUnread: Handler = async (ctx, next) => {
  await next();
  if (!isUnread(ctx.req)) return;
  ctx.set('Connection', 'close');
  const { body, status, type } = ctx;
  if (body === undefined || body === null || body instanceof Readable) return;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  ctx.body = Readable.from(thenWait(text, ctx.req));
  ctx.status = status;
  ctx.set('Content-Type', type);
  ctx.length = Buffer.byteLength(text);
};

async function* thenWait(text: string, request: IncomingMessage): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
  await passed(request);
}

/** Answers without Koa: for what has to be cheap, and for the last minutes. `retryAfter` is in seconds. */
export function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  error: ScimError,
  retryAfter: number,
): void {
  const text = JSON.stringify(errorBody(error));
  const isLast = isUnread(request);
  response.writeHead(error.status, {
    'Content-Type': SCIM_TYPE,
    'Content-Length': Buffer.byteLength(text),
    'Retry-After': retryAfter,
    ...(isLast && { Connection: 'close' }),
  });
  if (!isLast) {
    response.end(text);
    return;
  }
  response.write(text);
  passed(request).then(() => response.end());
}
