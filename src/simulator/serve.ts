import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { SynapseApi } from './synapse-api.ts';

export type ServedHomeserver = {
  /** `http://127.0.0.1:port`, without a slash at its end. */
  readonly url: string;
  /** Ends open connections too; a second time it does nothing. */
  close(): Promise<void>;
};

/** Serves the API on loopback; port 0 is any free one. */
export async function serveSynapseApi(api: SynapseApi, port = 0): Promise<ServedHomeserver> {
  const server = createServer((request, response) => {
    respond(api, request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error('no answer', { cause: error }));
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function respond(api: SynapseApi, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const sent = await text(request);
  const answer = await api({
    method: request.method ?? 'GET',
    path: request.url ?? '/',
    token: bearerToken(request.headers.authorization),
    body: sent === '' ? undefined : JSON.parse(sent),
  });
  response.writeHead(answer.status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer.body));
}

/** The token of an `Authorization` header, if it is one of the kind that Matrix uses. */
export function bearerToken(authorization: string | null | undefined): string | undefined {
  return authorization?.startsWith('Bearer ') ? authorization.slice('Bearer '.length) : undefined;
}
