import { once } from 'node:events';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import got, { type Request, RequestError } from 'got';
import { HomeserverError } from '../matrix/error.ts';
import type { Image } from '../matrix/homeserver.ts';
import { NO_TRACING, type Span, type SpanStart, type Tracing } from '../tracing.ts';
import { type Answer, contentOf, type ErrorReader } from './answer.ts';
import type { JsonObject } from './read.ts';
import { fixedToken, type TokenSource } from './token-source.ts';

export type RestCall = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** The path, its variables in braces: `/_synapse/admin/v2/users/{userId}`. */
  readonly route: string;
  /** What to put in place of the variables; it is URL-encoded here and nowhere else. */
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: JsonObject;
  /** Sent as it is, in place of a `body`. */
  readonly image?: Image;
  /** Sent as `application/x-www-form-urlencoded`, in place of a `body`. */
  readonly form?: Readonly<Record<string, string>>;
  /** How long to wait at least, for what must not be given up before its end is known. */
  readonly atLeastMs?: number;
  /** Basic authentication in place of the token (RFC 7617): MAS takes both as they are, unlike RFC 6749, 2.3.1. */
  readonly basic?: { readonly id: string; readonly secret: string };
};

/** One call as a metric sees it: no ids. `status` is undefined if no answer came. */
export type CallReport = {
  readonly method: string;
  readonly route: string;
  readonly status: number | undefined;
  readonly seconds: number;
};

export type RestClientOptions = {
  /** Where the API is served; a path in it is kept. */
  readonly baseUrl: string;
  /** None: calls are made without one. */
  readonly token?: string | TokenSource;
  readonly errorIn: ErrorReader;
  /** For the whole of one call, the connection included. */
  readonly timeoutMs: number;
  /** The longest answer that is read, unpacked; the default is 128 MiB. */
  readonly maxBytes?: number;
  /** PEM. It replaces the system's certificate authorities. */
  readonly certificateAuthority?: string | undefined;
  readonly verifyTls?: boolean;
  readonly onCall?: (report: CallReport) => void;
  readonly tracing?: Tracing | undefined;
};

export type RestClient = {
  /** The JSON of a 2xx answer, parsed and otherwise unchecked. Rejects with `HomeserverError`. */
  call(call: RestCall): Promise<unknown>;
};

/** The state of a room of 100,000 members has some 60 MB. */
const MAX_BYTES = 128 * 1024 ** 2;

/** Never retries, never follows a redirect: a token must not travel to another host. */
export function createRestClient(options: RestClientOptions): RestClient {
  const { errorIn, maxBytes = MAX_BYTES, onCall = () => {}, tracing = NO_TRACING } = options;
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  const tokens = typeof options.token === 'string' ? fixedToken(options.token) : options.token;
  const http = got.extend({
    agent: { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) },
    headers: { 'user-agent': 'matrix-usher' },
    https: {
      certificateAuthority: options.certificateAuthority,
      rejectUnauthorized: options.verifyTls ?? true,
    },
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
  });

  async function answerTo(call: RestCall, sent: Readonly<Record<string, string>>): Promise<Answer> {
    const { method, atLeastMs = 0 } = call;
    const timeout = { request: Math.max(options.timeoutMs, atLeastMs) };
    const stream = http.stream(baseUrl + pathOf(call), { method, timeout, ...contentToSend(call, sent) });
    stream.on('error', () => {}); // also told to who waits for it; nobody does once it is destroyed
    try {
      const [response] = await once(stream, 'response');
      const body = await textIn(stream, maxBytes, `${call.method} ${call.route}`);
      return { status: response.statusCode, body, retryAfter: response.headers['retry-after'] };
    } finally {
      stream.destroy();
    }
  }

  async function answered(call: RestCall, token: string | undefined, span: Span): Promise<unknown> {
    const request = `${call.method} ${call.route}`;
    const start = performance.now();
    let status: number | undefined;
    try {
      const answer = await answerTo(call, { ...span.headers(), ...authorization(call, token) });
      status = answer.status;
      return contentOf(answer, request, secretsIn(call, token), errorIn);
    } catch (error) {
      throw error instanceof RequestError ? unanswered(error, request) : error;
    } finally {
      span.set({ 'http.response.status_code': status });
      onCall({
        method: call.method,
        route: call.route,
        status,
        seconds: (performance.now() - start) / 1000,
      });
    }
  }

  /** Once more with another token, if there is one: who is not known (401) has done nothing. */
  async function authorised(call: RestCall, span: Span): Promise<unknown> {
    if (tokens === undefined || call.basic !== undefined) return answered(call, undefined, span);
    const token = await had(tokens.current());
    try {
      return await answered(call, token, span);
    } catch (error) {
      const isUnknown = error instanceof HomeserverError && error.kind === 'unauthorised';
      if (!isUnknown || !(await had(tokens.replace(token)))) throw error;
      return answered(call, await had(tokens.current()), span);
    }
  }

  return { call: (call) => tracing.span(spanOf(call, baseUrl), (span) => authorised(call, span)) };
}

/** That there is no token says nothing about what is asked for by it: not that it is not there, or refused. */
async function had<T>(token: Promise<T>): Promise<T> {
  try {
    return await token;
  } catch (error) {
    const isAboutToken =
      error instanceof HomeserverError && (error.kind === 'not-found' || error.kind === 'refused');
    if (!isAboutToken) throw error;
    throw new HomeserverError('unauthorised', error.message, { errcode: error.errcode, cause: error });
  }
}

/** What proves who we are, as it was given to us and as it is sent. */
function secretsIn({ basic, form }: RestCall, token: string | undefined): readonly string[] {
  const all = basic === undefined ? [token, form?.client_assertion] : [pairOf(basic), basic.secret];
  return all.filter((each) => each !== undefined);
}

function authorization({ basic }: RestCall, token: string | undefined): Readonly<Record<string, string>> {
  if (basic !== undefined) return { authorization: `Basic ${pairOf(basic)}` };
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

function pairOf({ id, secret }: NonNullable<RestCall['basic']>): string {
  return Buffer.from(`${id}:${secret}`).toString('base64');
}

/** By the semantic conventions for HTTP, but without `url.full`: accounts are in it. */
function spanOf({ method, route }: RestCall, baseUrl: string): SpanStart {
  const { hostname, port, protocol } = new URL(baseUrl);
  return {
    kind: 'client',
    name: `${method} ${route}`,
    attributes: {
      'http.request.method': method,
      'url.template': route,
      'server.address': hostname,
      'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
    },
  };
}

/** An answer that never ends must not fill our memory. */
async function textIn(stream: Request, maxBytes: number, request: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > maxBytes) {
      throw new HomeserverError('protocol', `${request}: answered more than ${maxBytes / 1024 ** 2} MiB`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function contentToSend(
  { method, body, image, form }: RestCall,
  headers: Readonly<Record<string, string>>,
): object {
  if (image !== undefined)
    return { body: image.bytes, headers: { ...headers, 'content-type': image.contentType } };
  if (form !== undefined) return { headers, form };
  if (body !== undefined) return { headers, json: body };
  // Without any, got waits for somebody to write it.
  return method === 'GET' ? { headers } : { headers, body: '' };
}

function pathOf({ method, route, params = {}, query }: RestCall): string {
  const path = route.replaceAll(/\{(\w+)\}/g, (variable, name) => {
    const value = params[name];
    if (value === undefined) throw new TypeError(`no value for ${variable} in ${route}`);
    if (isSegment(value) || (name === MAY_BE_EMPTY && value === '')) return encodeURIComponent(value);
    throw new HomeserverError('refused', `${method} ${route}: no path can hold such a ${name}`);
  });
  return query === undefined ? path : `${path}?${new URLSearchParams(query)}`;
}

/** The key of a state event of which there is one only (Matrix spec, "Types of room events"). */
const MAY_BE_EMPTY = 'stateKey';

/** Dots lead to another path, encoded or not (URL standard, "double-dot URL path segment"); half a surrogate pair has no encoding. */
function isSegment(value: string): boolean {
  return value !== '' && value !== '.' && value !== '..' && value.isWellFormed();
}

/** got's own error holds the request's options, and so the token: only what it was caused by goes on. */
function unanswered(error: RequestError, request: string): HomeserverError {
  const cause = error.cause instanceof Error ? error.cause : new Error(error.message);
  return new HomeserverError('unavailable', `${request}: no answer (${error.code})`, { cause });
}
