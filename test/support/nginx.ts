import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished, type TestContext, vi } from 'vitest';
import { tempDir } from './temp-dir.ts';
import { runTool, toolFor } from './tools.ts';

const FOLDER = join(import.meta.dirname, '../../deploy/nginx');

export type Proxied = {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
};

export type Nginx = {
  readonly ask: (
    method: string,
    path: string,
    options?: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string },
  ) => Promise<Proxied>;
};

/** The places of deploy/nginx on this machine, for a service on that port. */
function placed(
  name: string,
  folder: string,
  ports: { readonly service: number; readonly tls: number },
): string {
  return readFileSync(join(FOLDER, name), 'utf8')
    .replaceAll('/etc/letsencrypt/live/usher.example.com', folder)
    .replaceAll('/etc/nginx', folder)
    .replaceAll('127.0.0.1:5000', `127.0.0.1:${ports.service}`)
    .replace('listen 443 ssl;', `listen 127.0.0.1:${ports.tls} ssl;`)
    .replace('  listen [::]:443 ssl;\n', '');
}

/** A server for usher-prefix.conf to be in. */
const around = (inner: string, tls: number, folder: string): string => `server {
  listen 127.0.0.1:${tls} ssl;
  ssl_certificate ${folder}/fullchain.pem;
  ssl_certificate_key ${folder}/privkey.pem;
  ${inner}
}`;

/** A real nginx with a file of deploy/nginx, before a service on that port. The test is left out where there is none. */
export async function startNginx(
  context: TestContext,
  file: 'usher.conf' | 'usher-prefix.conf',
  service: number,
): Promise<Nginx> {
  const nginx = toolFor(context, 'nginx');
  const folder = tempDir();
  const tls = await freePort();
  const subject = ['-subj', '/CN=localhost', '-days', '2', '-nodes', '-newkey', 'rsa:2048'];
  const keys = ['-keyout', join(folder, 'privkey.pem'), '-out', join(folder, 'fullchain.pem')];
  await runTool(toolFor(context, 'openssl'), ['req', '-x509', ...subject, ...keys]);
  writeFileSync(join(folder, 'usher-proxy.conf'), placed('usher-proxy.conf', folder, { service, tls }));
  const config = placed(file, folder, { service, tls });
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (each) => `${each}_temp_path ${folder};`,
  );
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr; events {}
http { access_log off; ${temporary.join(' ')}
${file === 'usher.conf' ? config : around(config, tls, folder)}
}`,
  );
  const args = ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')];
  const tried = await runTool(nginx, ['-t', ...args]);
  if (tried.exitCode !== 0) throw new Error(`nginx -t: ${tried.output}`);
  const child = spawn(nginx, args, { stdio: 'ignore' });
  const ended = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  const ask: Nginx['ask'] = async (method, path, { headers = {}, body } = {}) => {
    const sent = httpsRequest({
      host: '127.0.0.1',
      port: tls,
      method,
      path,
      headers,
      rejectUnauthorized: false,
      agent: false,
    });
    sent.end(body);
    const answered = once(sent, 'response');
    // An answer that comes before all was sent ends the connection.
    sent.on('error', () => {});
    const [response] = await answered;
    return { status: response.statusCode, headers: response.headers, body: await text(response) };
  };
  await vi.waitFor(() => ask('GET', '/'), { timeout: 10_000 });
  return { ask };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
