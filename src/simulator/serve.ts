import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { UPLOADS } from './api-media.ts';
import type { ApiRequest } from './api-request.ts';
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
  const { method = 'GET', url: path = '/', headers } = request;
  const { authorization, 'content-type': sentType } = headers;
  const answer = await api(apiRequest(method, path, { authorization, sentType }, await buffer(request)));
  const { bytes, contentType } = answer.image ?? {
    bytes: JSON.stringify(answer.body),
    contentType: 'application/json',
  };
  response.writeHead(answer.status, { 'content-type': contentType });
  response.end(bytes);
}

/** A request as it came by HTTP. What is uploaded is not JSON. */
export function apiRequest(
  method: string,
  path: string,
  headers: Readonly<Record<'authorization' | 'sentType', string | null | undefined>>,
  sent: Uint8Array,
): ApiRequest {
  const token = bearerToken(headers.authorization);
  if (path.startsWith(UPLOADS)) {
    const contentType = headers.sentType ?? 'application/octet-stream';
    return { method, path, token, body: undefined, image: { bytes: sent, contentType } };
  }
  const body: unknown = sent.length === 0 ? undefined : JSON.parse(new TextDecoder().decode(sent));
  return { method, path, token, body };
}

/** The token of an `Authorization` header, if it is one of the kind that Matrix uses. */
function bearerToken(authorization: string | null | undefined): string | undefined {
  return authorization?.startsWith('Bearer ') ? authorization.slice('Bearer '.length) : undefined;
}
