import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { SECRET } from './usher-process.ts';

export type Outgoing = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Behind the base path, with the query. */
  readonly path: string;
  /** A buffer is sent as it is. */
  readonly body?: object | Buffer;
};

/** `ms` is from the first byte sent to the last byte received. */
export type Answer = { readonly ms: number; readonly body: Buffer };

export type Client = {
  /** Rejects if the answer is not a 2xx. */
  readonly send: (outgoing: Outgoing) => Promise<Answer>;
  readonly close: () => void;
};

/** Sends on connections that are kept open. */
export function createClient(url: string, { connections }: { readonly connections: number }): Client {
  // In turns: none is idle for so long that Usher closes it.
  const agent = new Agent({ keepAlive: true, maxSockets: connections, scheduling: 'fifo' });
  return {
    async send({ method, path, body }) {
      const sent = body === undefined || body instanceof Buffer ? body : Buffer.from(JSON.stringify(body));
      const headers = {
        authorization: `Bearer ${SECRET}`,
        ...(sent && { 'content-type': 'application/scim+json', 'content-length': sent.length }),
      };
      const begin = performance.now();
      const outgoing = request(`${url}${path}`, { agent, method, headers });
      outgoing.end(sent);
      const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
      const received = await buffer(answer);
      const ms = performance.now() - begin;
      const status = answer.statusCode ?? 0;
      if (status < 200 || status >= 300) throw new Error(`${method} ${path}: ${status} ${received}`);
      return { ms, body: received };
    },
    close: () => agent.destroy(),
  };
}
