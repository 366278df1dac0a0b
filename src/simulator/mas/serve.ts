import { text } from 'node:stream/consumers';
import { listen, type Served } from '../listen.ts';
import type { MasApi } from './api.ts';

/** Serves a MAS on loopback; port 0 is any free one. */
export function serveMasApi(api: MasApi, port = 0): Promise<Served> {
  return listen(async (request, response) => {
    const { method = 'GET', url: path = '/', headers } = request;
    const { authorization, 'content-type': contentType } = headers;
    const answer = await api({ method, path, authorization, contentType, body: await text(request) });
    if (answer.body !== undefined) {
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer.body));
    } else {
      response.writeHead(answer.status, answer.text === undefined ? {} : { 'content-type': TEXT });
      response.end(answer.text);
    }
  }, port);
}

const TEXT = 'text/html; charset=utf-8';
