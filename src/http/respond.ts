import type { HttpContext } from './context.ts';

/** Without a charset: some clients compare the whole header, and JSON is always UTF-8 (RFC 8259 §8.1). */
const SCIM_TYPE = 'application/scim+json';

/** Answers in SCIM's media type, whatever the client accepts (RFC 7644 §3.8). */
export function respond(ctx: HttpContext, status: number, body: object): void {
  ctx.status = status;
  ctx.set('Content-Type', SCIM_TYPE);
  ctx.body = body;
}
