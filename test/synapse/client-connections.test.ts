import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { CallReport, RestCall, RestClient, RestClientOptions } from '../../src/rest/client.ts';
import { createSynapseClient } from '../../src/synapse/client.ts';
import { failureOf } from './failure.ts';

const TOKEN = 'syt_very_secret';
const CALL: RestCall = { method: 'GET', route: '/_matrix/client/v3/account/whoami' };

const MIB = 1024 ** 2;
const GZIP = { 'content-encoding': 'gzip' };

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

function clientFor(baseUrl: string, options: Partial<RestClientOptions> = {}): RestClient {
  return createSynapseClient({ baseUrl, token: TOKEN, timeoutMs: 5_000, ...options });
}

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** A server that sends these bytes as soon as it is asked something, and then hangs up, or not. */
async function serverThatSends(bytes: string, { hangsUp }: { hangsUp: boolean }): Promise<string> {
  const server = createServer((socket) => {
    cleanups.push(() => socket.destroy());
    socket.on('error', () => {});
    socket.once('data', () => (hangsUp ? socket.end(bytes) : socket.write(bytes)));
  });
  cleanups.push(() => server.close());
  return `http://127.0.0.1:${await portOf(server)}`;
}

/** A server that sends this again and again, for as long as somebody reads. */
async function serverThatFloods(chunk: Buffer, headers: Readonly<Record<string, string>>) {
  let sent = 0;
  const server = createHttpServer((_, response) => {
    response.writeHead(200, headers);
    const more = (): void => {
      let isFlowing = true;
      while (isFlowing && !response.destroyed) {
        sent += chunk.length;
        isFlowing = response.write(chunk);
      }
    };
    if (headers === GZIP) response.end(chunk);
    else {
      response.on('drain', more);
      more();
    }
  });
  cleanups.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return { url: `http://127.0.0.1:${await portOf(server)}`, sent: () => sent };
}

async function deadPort(): Promise<string> {
  const server = createServer();
  const port = await portOf(server);
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}`;
}

describe('Synapse client and connections', () => {
  it.each([
    ['nobody listens', deadPort, 5_000, 'ECONNREFUSED'],
    ['it hangs up at once', () => serverThatSends('', { hangsUp: true }), 5_000, 'ECONNRESET'],
    [
      'it hangs up in the middle of an answer',
      () => serverThatSends('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"user', { hangsUp: true }),
      5_000,
      'ERR_HTTP_CONTENT_LENGTH_MISMATCH',
    ],
    ['it says nothing in time', () => serverThatSends('', { hangsUp: false }), 100, 'ETIMEDOUT'],
    [
      'it does not come to an end in time',
      () => serverThatSends('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"user', { hangsUp: false }),
      100,
      'ETIMEDOUT',
    ],
  ] as const)('takes the homeserver for unavailable when %s', async (_, start, timeoutMs, code) => {
    const reports: CallReport[] = [];
    const client = clientFor(await start(), { timeoutMs, onCall: (report) => reports.push(report) });
    const error = await failureOf(client.call(CALL));
    expect(error).toMatchObject({ kind: 'unavailable', cause: expect.any(Error) });
    expect(error.message).toBe(`GET ${CALL.route}: no answer (${code})`);
    expect(inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain(TOKEN);
    expect(reports).toEqual([
      { method: 'GET', route: CALL.route, status: undefined, seconds: expect.any(Number) },
    ]);
  });

  it.each([
    ['never ends', () => serverThatFloods(Buffer.alloc(64 * 1024, ' '), {})],
    ['is large once it is unpacked', () => serverThatFloods(gzipSync(Buffer.alloc(64 * MIB, ' ')), GZIP)],
  ])('reads no answer to its end that %s', async (_, start) => {
    const { url, sent } = await start();
    const error = await failureOf(clientFor(url, { maxBytes: 4 * MIB }).call(CALL));
    expect(error).toMatchObject({
      kind: 'protocol',
      message: `GET ${CALL.route}: answered more than 4 MiB`,
    });
    // What is on its way in buffers comes on top.
    expect(sent()).toBeLessThan(16 * MIB);
  });

  it('uses a connection again', async () => {
    let connections = 0;
    const server = createHttpServer((_, response) => response.end('{"user_id":"@usher:a"}'));
    server.on('connection', () => {
      connections += 1;
    });
    cleanups.push(
      () => server.closeAllConnections(),
      () => server.close(),
    );
    const client = clientFor(`http://127.0.0.1:${await portOf(server)}`);
    for (let count = 0; count < 20; count += 1) await client.call(CALL);
    expect(connections).toBe(1);
  });

  it('trusts a certificate only by the authority it was given, or when told not to look', async () => {
    const { key, cert } = selfSigned();
    const server = createHttpsServer({ key, cert }, (_, response) => response.end('{"user_id":"@usher:a"}'));
    cleanups.push(
      () => server.closeAllConnections(),
      () => server.close(),
    );
    const url = `https://127.0.0.1:${await portOf(server)}`;

    expect(await failureOf(clientFor(url).call(CALL))).toMatchObject({ kind: 'unavailable' });
    const answer = { user_id: '@usher:a' };
    expect(await clientFor(url, { certificateAuthority: cert }).call(CALL)).toEqual(answer);
    expect(await clientFor(url, { verifyTls: false }).call(CALL)).toEqual(answer);
  });
});

function selfSigned(): { key: string; cert: string } {
  const directory = mkdtempSync(`${tmpdir()}/usher-tls-`);
  cleanups.push(() => rmSync(directory, { recursive: true }));
  const [key, cert] = [`${directory}/key.pem`, `${directory}/cert.pem`];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const to = ['-keyout', key, '-out', cert];
  execFileSync('/usr/bin/env', ['openssl', 'req', '-x509', ...kind, ...subject, ...to], { stdio: 'ignore' });
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}
