import { connect } from 'node:net';
import { TOKEN } from './client.ts';
import type { ScimServer } from './server.ts';

/** What came back over one connection: the first answer, and how many answers there were. */
export type RawAnswer = {
  readonly status: number;
  readonly type: string | undefined;
  readonly body: unknown;
  readonly answers: number;
};

/** The first lines of a request, without the empty one; whoever wants more headers appends them. */
export function head(method: string, path: string): string {
  return `${method} /scim/v2${path} HTTP/1.1\r\nHost: usher\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/scim+json\r\n`;
}

/**
 * Sends bytes as they are, and reads nothing before all of them are sent, as simple clients do. Resolves when the
 * server closes the connection, which the bytes have to ask for.
 */
export function sendRaw({ origin }: Pick<ScimServer, 'origin'>, ...parts: (string | Buffer)[]) {
  return new Promise<RawAnswer>((resolve, reject) => {
    const socket = connect(Number(new URL(origin).port), '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.pause().on('error', reject);
    for (const part of parts) socket.write(part);
    socket.write('', () => socket.on('data', (chunk) => chunks.push(chunk)).resume());
    socket.on('close', () => resolve(parsed(Buffer.concat(chunks).toString())));
  });
}

function parsed(text: string): RawAnswer {
  const [first = '', rest = ''] = text.split(/\r\n\r\n(.*)/s);
  const length = Number(/^content-length: (\d+)/im.exec(first)?.[1] ?? 0);
  const body = Buffer.from(rest).subarray(0, length).toString();
  return {
    status: Number(/^HTTP\/1.1 (\d+)/.exec(first)?.[1]),
    type: /^content-type: (.*)$/im.exec(first)?.[1]?.trim(),
    body: body === '' ? undefined : JSON.parse(body),
    answers: [...text.matchAll(/HTTP\/1.1 \d/g)].length,
  };
}
