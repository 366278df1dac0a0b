import bodyParser from 'koa-bodyparser';
import { ScimError } from '../scim/error.ts';
import { assertHarmless } from '../scim/json.ts';
import type { Handler } from './context.ts';

/** RFC 7644 §3.1; the second one because many clients send it. */
const TYPES = ['application/scim+json', 'application/json'];

/** The middlewares of a route that needs a body. `maxBytes` is of the body, unpacked. */
export function readBody(maxBytes: number): readonly [Handler, Handler, Handler] {
  return [requireJson, bodyParser({ enableTypes: ['json'], jsonLimit: `${maxBytes}b` }), requireHarmless];
}

const requireJson: Handler = (ctx, next) => {
  if (ctx.request.length === 0 || ctx.is(TYPES) === null) throw missing();
  const { charset } = ctx.request;
  if (ctx.is(TYPES) === false || (charset !== '' && charset.toLowerCase() !== 'utf-8')) {
    throw new ScimError(415, undefined, `The body has to be ${TYPES.join(' or ')}, in UTF-8`);
  }
  return next();
};

const requireHarmless: Handler = (ctx, next) => {
  if (ctx.request.rawBody === '') throw missing();
  assertHarmless(ctx.request.body);
  return next();
};

function missing(): ScimError {
  return new ScimError(400, 'invalidSyntax', 'A body is needed');
}
