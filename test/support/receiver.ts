import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export type Received = { readonly headers: IncomingHttpHeaders; readonly body: string; readonly url: string };

/** A program that something is posted to; it keeps what it took, and answers as a test says. */
export async function receiver() {
  const state = {
    /** The status of the next answers; undefined never answers, and `break` ends the connection. */
    answer: 204 as number | 'break' | undefined,
    /** The statuses of the very next answers, before that one. */
    first: [] as number[],
    headers: {} as Readonly<Record<string, string>>,
    delayMs: 0,
  };
  const asked: Received[] = [];
  const taken: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Uint8Array[] = [];
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    request.on('end', () => {
      const received = {
        ...{ headers: request.headers, body: Buffer.concat(chunks).toString(), url: request.url ?? '' },
      };
      const { headers, delayMs } = state;
      const answer = state.first.shift() ?? state.answer;
      asked.push(received);
      if (answer === undefined) return;
      if (answer === 'break') {
        request.socket.destroy();
        return;
      }
      if (answer < 300) taken.push(received);
      setTimeout(() => response.writeHead(answer, headers).end(), delayMs);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { ...{ url, state, asked, taken }, bodies: () => taken.map(({ body }) => JSON.parse(body)) };
}
