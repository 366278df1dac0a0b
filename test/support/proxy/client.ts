import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'vitest';
import { runTool, toolFor } from '../tools.ts';

export type Proxied = {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
};

type Options = {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The address of this machine that it is sent from, such as `127.0.0.2`. */
  readonly from?: string;
};

/** A client of a proxy with TLS on this machine. A path is sent as it is written. */
export type ProxyClient = {
  /** Where a browser finds it. */
  readonly url: string;
  readonly ask: (method: string, path: string, options?: Options) => Promise<Proxied>;
  /** As `ask`, but the answer has only begun. */
  readonly open: (method: string, path: string, options?: Options) => Promise<IncomingMessage>;
};

/** `host` is whom the proxy is asked for. */
export function proxyClient(port: number, host: string): ProxyClient {
  const open: ProxyClient['open'] = async (method, path, { headers = {}, body, from } = {}) => {
    const sent = request({
      ...{ host: '127.0.0.1', port, method, path, agent: false, rejectUnauthorized: false, servername: host },
      headers: { host, ...headers },
      ...(from !== undefined && { localAddress: from }),
    });
    sent.end(body);
    const answered = once(sent, 'response');
    // An answer that comes before all was sent ends the connection.
    sent.on('error', () => {});
    const [response] = await answered;
    return response;
  };
  return {
    url: `https://127.0.0.1:${port}`,
    open,
    async ask(method, path, options) {
      const response = await open(method, path, options);
      return { status: response.statusCode, headers: response.headers, body: await text(response) };
    },
  };
}

/** A certificate that nobody signed, and its key: `fullchain.pem` and `privkey.pem` in that folder. */
export async function makeCertificate(context: TestContext, folder: string): Promise<void> {
  const subject = ['-subj', '/CN=localhost', '-days', '2', '-nodes', '-newkey', 'rsa:2048'];
  const keys = ['-keyout', join(folder, 'privkey.pem'), '-out', join(folder, 'fullchain.pem')];
  await runTool(toolFor(context, 'openssl'), ['req', '-x509', ...subject, ...keys]);
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
