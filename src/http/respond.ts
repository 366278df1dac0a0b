import { Readable } from 'node:stream';
import type { HttpContext } from './context.ts';

/** Without a charset: some clients compare the whole header, and JSON is always UTF-8 (RFC 8259 §8.1). */
export const SCIM_TYPE = 'application/scim+json';

/** Characters. What is longer is sent while it is made, and never held whole. */
const STREAMED = 262_144;

/** Answers in SCIM's media type, whatever the client accepts (RFC 7644 §3.8). */
export function respond(ctx: HttpContext, status: number, body: object | string | Readable): void {
  ctx.status = status;
  ctx.set('Content-Type', SCIM_TYPE);
  ctx.body = body;
}

/** Answers with a text that comes in pieces. */
export async function respondInPieces(
  ctx: HttpContext,
  status: number,
  pieces: AsyncGenerator<string>,
): Promise<void> {
  let text = '';
  for (let next = await pieces.next(); !next.done; next = await pieces.next()) {
    text += next.value;
    if (text.length > STREAMED) return respond(ctx, status, Readable.from(continued(text, pieces)));
  }
  respond(ctx, status, text);
}

async function* continued(begun: string, pieces: AsyncGenerator<string>): AsyncGenerator<Buffer> {
  yield Buffer.from(begun);
  for await (const piece of pieces) yield Buffer.from(piece);
}
