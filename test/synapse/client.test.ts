import { inspect } from 'node:util';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CallReport, RestCall, RestClient, RestClientOptions } from '../../src/rest/client.ts';
import { createSynapseClient } from '../../src/synapse/client.ts';
import { failureOf } from './failure.ts';

const BASE = 'http://synapse.invalid';
const TOKEN = 'syt_very_secret';
const USER = '/_synapse/admin/v2/users/{userId}';
const CALL: RestCall = { method: 'GET', route: USER, params: { userId: '@ann:example.org' } };

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledFrame: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

function clientFor(options: Partial<RestClientOptions> = {}): RestClient {
  return createSynapseClient({ baseUrl: BASE, token: TOKEN, timeoutMs: 5_000, ...options });
}

/** Every request is answered so from now on; the requests are kept. */
function answerWith(status: number, body: string, headers: Record<string, string> = {}): Request[] {
  const seen: Request[] = [];
  const handler = http.all(`${BASE}/*`, ({ request }) => {
    seen.push(request);
    return new HttpResponse(body, { status, headers });
  });
  server.use(handler);
  return seen;
}

/** As JSON may write it, too. */
const escaped = (text: string): string =>
  text.replaceAll(/./g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
const matrixError = (errcode: string, rest = {}) => JSON.stringify({ errcode, error: 'prose', ...rest });
const HTML = '<html><title>Bad Gateway</title></html>';

describe('Synapse client', () => {
  it('sends an image as it is, with its type', async () => {
    const seen = answerWith(200, '{}');
    const image = { bytes: new Uint8Array([0, 200, 10]), contentType: 'image/webp' };
    await clientFor().call({ method: 'POST', route: '/upload', image });
    const [request] = seen;
    expect(request?.headers.get('content-type')).toBe('image/webp');
    expect(request?.headers.get('authorization')).toBe(`Bearer ${TOKEN}`);
    expect([...new Uint8Array((await request?.arrayBuffer()) ?? new ArrayBuffer())]).toEqual([0, 200, 10]);
  });

  it('sends the token, JSON, and ids in URL encoding, below the path of its base', async () => {
    const seen = answerWith(200, '{"ok":true}');
    const client = clientFor({ baseUrl: `${BASE}/matrix/` });
    const params = { userId: '@a/b?c#d+e=f%:example.org' };
    const call: RestCall = {
      method: 'PUT',
      route: USER,
      params,
      query: { 'a b': 'c&d' },
      body: { locked: true },
    };
    expect(await client.call(call)).toEqual({ ok: true });

    const [request] = seen;
    const { pathname, searchParams } = new URL(request?.url ?? '');
    expect(pathname).toBe(`/matrix/_synapse/admin/v2/users/${encodeURIComponent(params.userId)}`);
    expect(searchParams.get('a b')).toBe('c&d');
    expect(request?.headers.get('authorization')).toBe(`Bearer ${TOKEN}`);
    expect(request?.headers.get('content-type')).toBe('application/json');
    expect(await request?.json()).toEqual({ locked: true });
  });

  it.each([
    ['401 with any errcode', 401, matrixError('M_USER_LOCKED'), 'unauthorised', 'M_USER_LOCKED'],
    ['401 of a proxy', 401, HTML, 'unauthorised', undefined],
    ['403', 403, matrixError('M_FORBIDDEN'), 'refused', 'M_FORBIDDEN'],
    ['400', 400, matrixError('M_INVALID_USERNAME'), 'refused', 'M_INVALID_USERNAME'],
    ['409', 409, matrixError('M_UNKNOWN'), 'refused', 'M_UNKNOWN'],
    ['404 of a thing', 404, matrixError('M_NOT_FOUND'), 'not-found', 'M_NOT_FOUND'],
    ['404 of a room to kick from', 404, matrixError('M_UNKNOWN'), 'not-found', 'M_UNKNOWN'],
    ['404 of the path itself', 404, matrixError('M_UNRECOGNIZED'), 'protocol', 'M_UNRECOGNIZED'],
    ['404 of a proxy', 404, HTML, 'protocol', undefined],
    ['403 of a proxy', 403, HTML, 'protocol', undefined],
    ['405', 405, matrixError('M_UNRECOGNIZED'), 'protocol', 'M_UNRECOGNIZED'],
    ['500', 500, matrixError('M_UNKNOWN'), 'unavailable', 'M_UNKNOWN'],
    ['502 of a proxy, in HTML', 502, HTML, 'unavailable', undefined],
    ['503 with nothing', 503, '', 'unavailable', undefined],
    ['200 in HTML', 200, HTML, 'protocol', undefined],
    ['200 with half of its JSON', 200, '{"name": "@ann:exam', 'protocol', undefined],
    ['200 with nothing', 200, '', 'protocol', undefined],
  ] as const)('takes a %s for what it is', async (_, status, body, kind, errcode) => {
    answerWith(status, body);
    const error = await failureOf(clientFor().call(CALL));
    expect({ kind: error.kind, errcode: error.errcode }).toEqual({ kind, errcode });
  });

  it.each([
    ['the body, in milliseconds', matrixError('M_LIMIT_EXCEEDED', { retry_after_ms: 1_500 }), '9', 1_500],
    [
      'the Retry-After header, in seconds, when the body does not say',
      matrixError('M_LIMIT_EXCEEDED'),
      '9',
      9_000,
    ],
    [
      'the body, in whole milliseconds',
      matrixError('M_LIMIT_EXCEEDED', { retry_after_ms: 0.5 }),
      undefined,
      1,
    ],
    [
      'the body, and takes a year for an hour',
      matrixError('M_LIMIT_EXCEEDED', { retry_after_ms: 3e10 }),
      '9',
      3_600_000,
    ],
    ['the header, and takes a year for an hour', HTML, '31536000', 3_600_000],
    ['nowhere when the header is a date', HTML, 'Wed, 21 Oct 2026 07:28:00 GMT', undefined],
    ['nowhere when nothing says', HTML, undefined, undefined],
  ])('reads how long a 429 lasts from %s', async (_, body, header, retryAfterMs) => {
    answerWith(429, body, header === undefined ? {} : { 'retry-after': header });
    const error = await failureOf(clientFor().call(CALL));
    expect(error).toMatchObject({ kind: 'throttled', retryAfterMs });
  });

  it('neither follows a redirect nor tries again', async () => {
    const redirected = answerWith(302, '', { location: `${BASE}/elsewhere` });
    expect(await failureOf(clientFor().call(CALL))).toMatchObject({ kind: 'protocol' });
    expect(redirected).toHaveLength(1);
    const failed = answerWith(503, '');
    await failureOf(clientFor().call(CALL));
    expect(failed).toHaveLength(1);
  });

  it('says in its error what was asked and what was answered, but not of whom', async () => {
    answerWith(403, matrixError('M_FORBIDDEN'));
    const { message } = await failureOf(clientFor().call(CALL));
    expect(message).toBe(`GET ${USER}: answered 403 M_FORBIDDEN: prose`);
  });

  it.each([
    ['prose', 403, JSON.stringify({ errcode: 'M_FORBIDDEN', error: `no: ${TOKEN}` })],
    ['prose, escaped', 403, `{"errcode":"M_FORBIDDEN","error":"no: ${escaped(TOKEN)}"}`],
    ['the errcode', 403, JSON.stringify({ errcode: TOKEN, error: '' })],
    ['the errcode, escaped', 403, `{"errcode":"${escaped(TOKEN)}"}`],
    ['HTML', 502, `<pre>authorization: Bearer ${TOKEN}</pre>`],
    ['what is not JSON', 200, TOKEN],
  ])('keeps the token out of its errors, even one that is echoed in %s', async (_, status, body) => {
    answerWith(status, body);
    const error = await failureOf(clientFor().call(CALL));
    expect(inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain(TOKEN);
  });

  it('gives an answer as it is, even if the token happens to be in it', async () => {
    answerWith(200, '{"next_token":"2"}');
    expect(await clientFor({ token: 'token' }).call(CALL)).toEqual({ next_token: '2' });
  });

  it('reports each call with its route and status, and no ids', async () => {
    const reports: CallReport[] = [];
    const client = clientFor({ onCall: (report) => reports.push(report) });
    answerWith(200, '{}');
    await client.call(CALL);
    answerWith(404, matrixError('M_NOT_FOUND'));
    await failureOf(client.call(CALL));
    const seconds = expect.any(Number);
    expect(reports).toEqual([
      { method: 'GET', route: USER, status: 200, seconds },
      { method: 'GET', route: USER, status: 404, seconds },
    ]);
    for (const report of reports) expect(report.seconds).toBeLessThan(5);
  });
});
