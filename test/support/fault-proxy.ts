import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { type Answer, FAULTS, type Fault, type Kind } from './faults.ts';

/** A request that came, its path decoded. */
export type Asked = { readonly method: string; readonly path: string; readonly body: string };

/** Which fault a request meets; undefined if none. */
export type Choice = (asked: Asked) => Kind | undefined;

/** Where a proxy that ends adds what it went through, as a line of JSON. */
export const TALLY_FILE = 'USHER_TEST_FAULTS';

export type Tally = { readonly requests: number; readonly faults: Readonly<Partial<Record<Kind, number>>> };

/** Stands between Usher and a homeserver on loopback, and spoils what it is told to. What is behind it may depend on the path. */
export async function startFaultProxy(target: string | ((path: string) => string)) {
  let choose: Choice = () => undefined;
  let requests = 0;
  let changes = 0;
  let trapped = 0;
  const faults = new Map<Kind, number>();
  const count = (kind: Kind, times = 1): void => void faults.set(kind, (faults.get(kind) ?? 0) + times);

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    requests += 1;
    const { method = 'GET', url = '/' } = request;
    const sent = await buffer(request);
    const kind = choose({ method, path: decodeURIComponent(url), body: sent.toString() });
    if (kind !== undefined) count(kind);
    const fault: Fault | undefined = kind && FAULTS[kind];
    if (fault?.when === 'never') throw new TypeError('a request came that was to be refused');
    if (fault?.when === 'early') return fault.spoil({ response, trap: trap.url });
    if (method !== 'GET') changes += 1;
    const answer = await forward(typeof target === 'string' ? target : target(url), request, sent);
    if (fault !== undefined) return fault.spoil({ response, trap: trap.url }, answer);
    response.writeHead(answer.status, { 'content-type': answer.type }).end(answer.body);
  };

  const trap = await listen(
    createServer((_, response) => {
      trapped += 1;
      response.end('{}');
    }),
  );
  const front = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  const { url } = await listen(front);

  const open = async (): Promise<void> => {
    if (!front.listening) await listen(front, Number(new URL(url).port));
  };
  const shut = (): void => {
    front.close();
    front.closeAllConnections();
  };

  return {
    url,
    /** From now on requests meet these faults; one that is `refused` has to be so for all. */
    async inject(choice: Kind | Choice): Promise<void> {
      choose = typeof choice === 'string' ? () => choice : choice;
      if (choice === 'refused') shut();
    },
    /** From now on all is well. Answers that are being withheld never come. */
    async heal(): Promise<void> {
      choose = () => undefined;
      await open();
    },
    /** What could not be seen, because nobody listened. */
    countRefused: (times: number) => count('refused', times),
    injected: (kind: Kind) => faults.get(kind) ?? 0,
    requests: () => requests,
    /** Requests that reached the homeserver and change something there. */
    changes: () => changes,
    /** Requests that followed a redirect. */
    trapped: () => trapped,
    async close(): Promise<void> {
      shut();
      trap.server.close();
      trap.server.closeAllConnections();
      const tally: Tally = { requests, faults: Object.fromEntries(faults) };
      const file = process.env[TALLY_FILE];
      if (file !== undefined) appendFileSync(file, `${JSON.stringify(tally)}\n`);
    },
  };
}

async function listen(server: Server, port = 0) {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { server, url: `http://127.0.0.1:${address.port}` };
}

async function forward(target: string, request: IncomingMessage, sent: Buffer): Promise<Answer> {
  const { method = 'GET', url = '/', headers } = request;
  const response = await fetch(target + url, {
    method,
    headers: {
      ...(headers.authorization === undefined ? {} : { authorization: headers.authorization }),
      ...(headers['content-type'] === undefined ? {} : { 'content-type': headers['content-type'] }),
    },
    ...(sent.length === 0 ? {} : { body: new Uint8Array(sent) }),
  });
  const type = response.headers.get('content-type') ?? 'application/json';
  return { status: response.status, type, body: Buffer.from(await response.arrayBuffer()) };
}
