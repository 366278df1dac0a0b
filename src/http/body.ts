import { isUtf8 } from 'node:buffer';
import bodyParser from 'koa-bodyparser';
import { invalidSyntax, ScimError } from '../scim/error.ts';
import type { Handler, HttpContext } from './context.ts';
import { assertHarmless } from './harmless.ts';

/** RFC 7644 §3.1; the second one because many clients send it. */
const TYPES = ['application/scim+json', 'application/json'];

/** The middlewares of a route that needs a body. `maxBytes` is of the body, unpacked. */
export function readBody(maxBytes: number): readonly [Handler, Handler] {
  const parse = bodyParser({ enableTypes: ['json'], jsonLimit: `${maxBytes}b` });
  return [
    requireJson,
    async (ctx, next) => {
      await readWith(parse, ctx);
      if (ctx.request.rawBody === '') throw missing();
      await assertHarmless(ctx.request.body);
      return next();
    },
  ];
}

const requireJson: Handler = (ctx, next) => {
  if (ctx.request.length === 0 || ctx.is(TYPES) === null) throw missing();
  const { charset } = ctx.request;
  if (ctx.is(TYPES) === false || (charset !== '' && charset.toLowerCase() !== 'utf-8')) {
    throw new ScimError(415, undefined, `The body has to be ${TYPES.join(' or ')}, in UTF-8`);
  }
  return next();
};

async function readWith(parse: ReturnType<typeof bodyParser>, ctx: HttpContext): Promise<void> {
  const chunks: Buffer[] = [];
  const keep = (chunk: Buffer): number => chunks.push(chunk);
  if (!isPacked(ctx)) ctx.req.on('data', keep);
  try {
    await parse(ctx, async () => {});
    // The parser puts this letter for what is no UTF-8; a few clients send it themselves.
    const isSuspect = String(ctx.request.rawBody).includes('\ufffd');
    if (isSuspect && !isUtf8(Buffer.concat(chunks))) throw invalidSyntax('The body is not UTF-8');
  } catch (error) {
    // Who sends all of a body before reading the answer would wait for ever.
    ctx.req.unpipe().resume();
    const isBroken = isPacked(ctx) && error instanceof Error && !('status' in error);
    throw isBroken ? invalidSyntax('The body cannot be unpacked', error) : error;
  } finally {
    ctx.req.off('data', keep);
  }
}

function isPacked(ctx: HttpContext): boolean {
  return ctx.get('Content-Encoding') !== '';
}

function missing(): ScimError {
  return invalidSyntax('A body is needed');
}
