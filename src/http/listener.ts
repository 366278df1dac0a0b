import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { ScimError } from '../scim/error.ts';
import { networkOf } from './address.ts';
import { answerClientErrors } from './client-error.ts';
import { createConnections } from './connections.ts';
import type { Refusals } from './refusals.ts';
import { refuse } from './unread.ts';

/** Milliseconds, and a number of connections. docs/operations.md says why these. */
export type ConnectionLimits = {
  readonly connections: number;
  /** Until the headers of a request are there, from the first byte or from the connection. */
  readonly headersMs: number;
  /** Until all of a request is there. */
  readonly requestMs: number;
  /** Without a byte in either direction, while it is the client's turn. */
  readonly quietMs: number;
  /** Until an answer was fetched, from its first byte. */
  readonly answerMs: number;
  /** How often it is looked which time has passed. */
  readonly lookMs: number;
  /** That requests under way have when Usher stops. */
  readonly goodbyeMs: number;
};

export const CONNECTION_LIMITS: ConnectionLimits = {
  connections: 2_000,
  headersMs: 10_000,
  requestMs: 120_000,
  quietMs: 30_000,
  answerMs: 300_000,
  lookMs: 5_000,
  goodbyeMs: 5_000,
};

export type Listener = {
  /** Resolves with where it listens, e.g. `http://127.0.0.1:5000`. Rejects if it can't. */
  readonly listen: (where: { readonly host: string; readonly port: number }) => Promise<string>;
  /** Takes no more requests, and resolves once those under way are answered, or out of time. */
  readonly close: () => Promise<void>;
};

type ListenerDeps = {
  readonly handle: RequestListener;
  readonly refusals: Pick<Refusals, 'note'>;
  readonly limits?: ConnectionLimits;
};

const RETRY_AFTER = 5;
const STOPPING = new ScimError(503, undefined, 'Usher is stopping');

/** Speaks HTTP with clients that are slow, broken or many; `handle` only sees requests whose headers are there. */
export function createListener({ handle, refusals, limits = CONNECTION_LIMITS }: ListenerDeps): Listener {
  const connections = createConnections({
    most: limits.connections,
    answerMs: limits.answerMs,
    refusals,
    now: () => performance.now(),
  });
  let isStopping = false;
  const take = (request: IncomingMessage, response: ServerResponse): void => {
    connections.began(request.socket, response);
    if (!isStopping) {
      handle(request, response);
      return;
    }
    refusals.note('stopping', networkOf(request.socket.remoteAddress ?? 'unknown'));
    response.shouldKeepAlive = false;
    refuse(request, response, STOPPING, RETRY_AFTER);
  };
  const server = createServer({
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: limits.lookMs,
  });
  server.timeout = limits.quietMs;
  server.on('request', take);
  // Node would ask for the body before anybody knows whether it is wanted.
  server.on('checkContinue', take);
  server.on('connection', connections.opened);
  server.on('timeout', (socket: Socket) =>
    connections.quiet(socket, () => socket.setTimeout(limits.quietMs)),
  );
  answerClientErrors(server);
  const sweeping = setInterval(connections.sweep, limits.lookMs).unref();
  return {
    listen: ({ host, port }) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        // As many as are kept may come at once; beyond the backlog, the kernel has them try again after seconds.
        server.listen({ port, host, backlog: limits.connections }, () => {
          server.off('error', reject);
          const address = server.address() as AddressInfo;
          const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
          resolve(`http://${name}:${address.port}`);
        });
      }),
    close: () =>
      new Promise((resolve) => {
        isStopping = true;
        clearInterval(sweeping);
        server.close(() => resolve());
        connections.finish();
        setTimeout(() => server.closeAllConnections(), limits.goodbyeMs).unref();
      }),
  };
}
