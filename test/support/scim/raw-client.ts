import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { FuzzRequest } from './fuzz-requests.ts';
import type { ScimServer } from './server.ts';

export type RawAnswer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails if it is not there
  readonly json: any;
};

export type RawSend = (sent: FuzzRequest) => Promise<RawAnswer>;

/** Milliseconds. */
const PATIENCE = 2000;

/** Sends what `fetch` would mend or refuse. Rejects if there is no answer in time. */
export function rawClient({ scim }: ScimServer): { readonly send: RawSend; readonly close: () => void } {
  const { hostname, port, pathname } = new URL(scim);
  const agent = new Agent({ keepAlive: true });
  const send: RawSend = ({ method, path, query, headers, body }) =>
    new Promise((resolve, reject) => {
      const sent = body === undefined ? undefined : encodedBody(body, headers);
      const options = {
        agent,
        hostname,
        port,
        method,
        path: `${pathname}${path}${query}`,
        timeout: PATIENCE,
      };
      const isChunked = 'Transfer-Encoding' in headers;
      const length = sent === undefined || isChunked ? {} : { 'Content-Length': sent.length };
      const outgoing = request({ ...options, headers: { ...headers, ...length } }, async (incoming) => {
        const chunks: Buffer[] = [];
        for await (const chunk of incoming) chunks.push(chunk);
        const text = Buffer.concat(chunks).toString();
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, json: parsed(text) });
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${PATIENCE} ms`)));
      outgoing.on('error', reject);
      outgoing.end(sent);
    });
  return { send, close: () => agent.destroy() };
}

function encodedBody(body: string, headers: FuzzRequest['headers']): Buffer {
  return headers['Content-Encoding'] === 'gzip' ? gzipSync(body) : Buffer.from(body);
}

/** Undefined for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
