import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createUnzip } from 'node:zlib';
import bodyParser from 'koa-bodyparser';
import { invalidSyntax, ScimError } from '../scim/error.ts';
import type { Admit } from './admission.ts';
import type { Handler, HttpContext } from './context.ts';
import { assertHarmless } from './harmless.ts';
import { parseInPieces } from './json-pieces.ts';

/** RFC 7644 §3.1; the second one because many clients send it. */
const TYPES = ['application/scim+json', 'application/json'];

/** Bytes. With more, a body has to wait for a place before the rest of it is read, and is parsed in pieces. */
const LARGE = 65_536;

const BYTE_ORDER_MARK = Buffer.from('\ufeff');

type BodyDeps = {
  /** Of the body, unpacked. */
  readonly maxBytes: number;
  readonly admit: Admit;
};

/** The middlewares of a route that needs a body. */
export function readBody({ maxBytes, admit }: BodyDeps): readonly Handler[] {
  return [
    requireJson,
    async (ctx, next) => {
      const { length = Number.POSITIVE_INFINITY } = ctx.request;
      const isShort = length <= Math.min(LARGE, maxBytes) && ctx.get('Content-Encoding') === '';
      const document = isShort
        ? await shortDocument(ctx)
        : await documentIn(await bytesOf(ctx, maxBytes, admit));
      if (typeof document !== 'object' || document === null)
        throw invalidSyntax('The body is no JSON object');
      await admit(ctx, 'small');
      await assertHarmless(document);
      ctx.state.body = document;
      return next();
    },
  ];
}

const parseShort = bodyParser({
  enableTypes: ['json'],
  extendTypes: { json: [...TYPES] },
  jsonLimit: `${LARGE}b`,
  onerror: (error) => {
    throw 'type' in error && error.type === 'request.aborted'
      ? invalidSyntax('The request broke off', error)
      : invalidSyntax('The body is not JSON', error);
  },
});

/** What nearly all requests have. */
async function shortDocument(ctx: HttpContext): Promise<unknown> {
  const chunks: Buffer[] = [];
  const keep = (chunk: Buffer): number => chunks.push(chunk);
  if (ctx.headers.expect !== undefined) ctx.res.writeContinue();
  ctx.req.on('data', keep);
  await parseShort(ctx, async () => {}).finally(() => ctx.req.off('data', keep));
  const { rawBody, body } = ctx.request;
  if (rawBody === '') throw missing();
  // The parser puts this letter for what is no UTF-8; a few clients send it themselves.
  const isSuspect = String(rawBody).includes('\ufffd');
  if (isSuspect && !isUtf8(Buffer.concat(chunks))) throw invalidSyntax('The body is not UTF-8');
  return body;
}

const requireJson: Handler = (ctx, next) => {
  if (ctx.request.length === 0 || ctx.is(TYPES) === null) throw missing();
  const { charset } = ctx.request;
  if (ctx.is(TYPES) === false || (charset !== '' && charset.toLowerCase() !== 'utf-8')) {
    throw new ScimError(415, undefined, `The body has to be ${TYPES.join(' or ')}, in UTF-8`);
  }
  return next();
};

async function bytesOf(ctx: HttpContext, maxBytes: number, admit: Admit): Promise<Buffer> {
  const encoding = ctx.get('Content-Encoding').toLowerCase();
  const unpacking = unpackingOf(encoding);
  const announced = ctx.request.length ?? 0;
  if (unpacking === undefined && announced > maxBytes) throw tooLarge(maxBytes);
  if (announced > LARGE) await admit(ctx, 'large');
  // Only now, so that who asks before sending does not send what nobody would read.
  if (ctx.headers.expect !== undefined) ctx.res.writeContinue();
  const source = unpacking === undefined ? ctx.req : ctx.req.pipe(unpacking);
  const broken = new Promise<never>((_, reject) => {
    ctx.req.once('error', () => reject(invalidSyntax('The request broke off')));
  });
  try {
    return await Promise.race([collect(source, maxBytes, () => admit(ctx, 'large')), broken]);
  } catch (error) {
    if (error instanceof ScimError || unpacking === undefined) throw error;
    throw invalidSyntax('The body cannot be unpacked', error);
  } finally {
    ctx.req.unpipe();
    unpacking?.destroy();
  }
}

function unpackingOf(encoding: string) {
  switch (encoding) {
    case '':
    case 'identity':
      return undefined;
    case 'gzip':
    case 'deflate':
      return createUnzip();
    case 'br':
      return createBrotliDecompress();
    default:
      throw new ScimError(415, undefined, 'The body has to be unpacked, or packed by gzip, deflate or br');
  }
}

/** Reads to the end, and no further than `maxBytes`. `onLarge` is waited for once it is clear that it is much. */
function collect(source: Readable, maxBytes: number, onLarge: () => Promise<void>): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (act: () => void): void => {
      source.off('data', take).off('end', finish).off('error', fail);
      // Whatever is wrong with the rest of it, nobody wants it.
      source.on('error', () => {});
      act();
    };
    const fail = (error: unknown): void => settle(() => reject(error));
    const finish = (): void => settle(() => resolve(Buffer.concat(chunks, size)));
    const take = (chunk: Buffer): void => {
      const isLarge = size <= LARGE && size + chunk.length > LARGE;
      size += chunk.length;
      if (size > maxBytes) {
        fail(tooLarge(maxBytes));
        return;
      }
      chunks.push(chunk);
      if (!isLarge) return;
      source.pause();
      onLarge().then(() => source.resume(), fail);
    };
    source.on('data', take).once('end', finish).once('error', fail);
  });
}

/** Rejects with `ScimError` 400. */
async function documentIn(bytes: Buffer): Promise<unknown> {
  if (bytes.length === 0) throw missing();
  if (!isUtf8(bytes)) throw invalidSyntax('The body is not UTF-8');
  const isMarked = bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
  return parsed(isMarked ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes);
}

async function parsed(bytes: Buffer): Promise<unknown> {
  try {
    return await parseInPieces(bytes);
  } catch (error) {
    throw error instanceof SyntaxError ? invalidSyntax('The body is not JSON', error) : error;
  }
}

function tooLarge(maxBytes: number): ScimError {
  return new ScimError(413, undefined, `The body is larger than MAX_BODY_SIZE (${maxBytes} bytes)`);
}

function missing(): ScimError {
  return invalidSyntax('A body is needed');
}
