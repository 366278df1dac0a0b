import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { UPLOADS } from './api-media.ts';
import type { ApiRequest } from './api-request.ts';
import { listen, type Served } from './listen.ts';
import type { SynapseApi } from './synapse-api.ts';

/** Serves the API on loopback; port 0 is any free one. */
export function serveSynapseApi(api: SynapseApi, port = 0): Promise<Served> {
  return listen((request, response) => respond(api, request, response), port);
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
