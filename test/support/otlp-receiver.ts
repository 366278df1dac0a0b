import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { type ReceivedSpan, spansIn } from './otlp-protobuf.ts';

/** What it does with what it is sent; `silent` never answers. */
export type ReceiverMood = 'takes' | 'refuses' | 'silent';

export type OtlpReceiver = {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly url: string;
  readonly spans: () => readonly ReceivedSpan[];
  /** All bytes that came, as text. */
  readonly text: () => string;
  readonly requests: () => readonly { readonly path: string; readonly headers: IncomingHttpHeaders }[];
  readonly connections: () => number;
  readonly turn: (mood: ReceiverMood) => void;
};

/** Takes traces by OTLP over HTTP, as a collector does. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const bodies: Buffer[] = [];
  const requests: { readonly path: string; readonly headers: IncomingHttpHeaders }[] = [];
  let connections = 0;
  let mood: ReceiverMood = 'takes';
  const server = createServer(async (request, response) => {
    requests.push({ path: `${request.method} ${request.url}`, headers: request.headers });
    const body = await buffer(request);
    if (mood === 'silent') return;
    if (mood === 'takes') bodies.push(body);
    response.writeHead(mood === 'takes' ? 200 : 400, { 'content-type': 'application/x-protobuf' }).end();
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: () => bodies.flatMap(spansIn),
    text: () => Buffer.concat(bodies).toString('latin1'),
    requests: () => requests,
    connections: () => connections,
    turn(next) {
      mood = next;
    },
  };
}
