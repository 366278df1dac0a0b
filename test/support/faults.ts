import type { ServerResponse } from 'node:http';

/** What the homeserver answered. */
export type Answer = { readonly status: number; readonly type: string; readonly body: Buffer };

/** Where an answer is spoilt; `trap` is a host to which no token may ever come. */
export type Spoiling = { readonly response: ServerResponse; readonly trap: string };

/** `late`: the homeserver did what was asked, and the answer was lost. `early`: it was never asked. */
export type Fault =
  | { readonly when: 'early'; readonly spoil: (spoiling: Spoiling) => void }
  | { readonly when: 'late'; readonly spoil: (spoiling: Spoiling, answer: Answer) => void }
  /** Nobody listens. */
  | { readonly when: 'never' };

/** Longer than any time-out of the tests. */
const DRIP_MS = 5_000;
/** Every ten milliseconds: fast, but the tests have the same processor. */
const FLOOD = Buffer.alloc(256 * 1024, ' ');
const HTML = '<!doctype html><html><title>Sign in</title><form><input type="password"></form></html>';

const early = (spoil: (spoiling: Spoiling) => void) => ({ when: 'early', spoil }) as const;
const late = (spoil: (spoiling: Spoiling, answer: Answer) => void) => ({ when: 'late', spoil }) as const;

const says = (status: number, body: string, headers: Readonly<Record<string, string>> = JSON_TYPE) =>
  early(({ response }) => void response.writeHead(status, headers).end(body));

const error = (errcode: string, more: object = {}): string =>
  JSON.stringify({ errcode, error: 'a fault of the tests', ...more });

const redirect = (status: number) =>
  early(({ response, trap }) => void response.writeHead(status, { location: `${trap}/elsewhere` }).end());

const JSON_TYPE = { 'content-type': 'application/json' };
const HTML_TYPE = { 'content-type': 'text/html' };

function begin({ response }: Spoiling, { status, type, body }: Answer): void {
  response.writeHead(status, { 'content-type': type, 'content-length': body.length });
}

/** All that may stand between Usher and what it wants. */
export const FAULTS = {
  refused: { when: 'never' },
  'reset before the answer': early(({ response }) => response.socket?.resetAndDestroy()),
  'reset in the middle of the answer': late((spoiling, answer) => {
    begin(spoiling, answer);
    const { response } = spoiling;
    response.write(answer.body.subarray(0, answer.body.length / 2), () => response.socket?.resetAndDestroy());
  }),
  'reset in place of the answer': late(({ response }) => response.socket?.resetAndDestroy()),
  'no answer': early(() => {}),
  'no answer to what was done': late(() => {}),
  'slow drip': late((spoiling, answer) => {
    begin(spoiling, answer);
    let sent = 0;
    const dripping = setInterval(() => {
      spoiling.response.write(answer.body.subarray(sent, sent + 1));
      sent += 1;
      if (sent === answer.body.length) spoiling.response.end();
    }, DRIP_MS / answer.body.length);
    spoiling.response.on('close', () => clearInterval(dripping));
  }),
  '429 with retry_after_ms': says(429, error('M_LIMIT_EXCEEDED', { retry_after_ms: 700 })),
  '429 with Retry-After': says(429, error('M_LIMIT_EXCEEDED'), { ...JSON_TYPE, 'retry-after': '1' }),
  '429 without a time': says(429, error('M_LIMIT_EXCEEDED')),
  '500': says(500, error('M_UNKNOWN')),
  '502 in HTML': says(502, '<html><h1>502 Bad Gateway</h1></html>', HTML_TYPE),
  '503': says(503, ''),
  'JSON: []': says(200, '[]'),
  'JSON: null': says(200, 'null'),
  'JSON: "x"': says(200, '"x"'),
  'JSON: {}': says(200, '{}'),
  'truncated JSON': late(({ response }, { status, type, body }) => {
    response.writeHead(status, { 'content-type': type }).end(body.subarray(0, body.length - 1));
  }),
  'an answer without end': early(({ response }) => {
    response.writeHead(200, JSON_TYPE);
    const flooding = setInterval(() => {
      if (!response.writableNeedDrain) response.write(FLOOD);
    }, 10);
    response.on('close', () => clearInterval(flooding));
  }),
  '401': says(401, error('M_UNKNOWN_TOKEN')),
  'redirect 301': redirect(301),
  'redirect 302': redirect(302),
  'redirect 307': redirect(307),
  'a login page': says(200, HTML, HTML_TYPE),
} as const satisfies Readonly<Record<string, Fault>>;

export type Kind = keyof typeof FAULTS;

export const KINDS = Object.keys(FAULTS) as readonly Kind[];
