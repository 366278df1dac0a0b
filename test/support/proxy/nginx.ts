import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished, type TestContext, vi } from 'vitest';
import { tempDir } from '../temp-dir.ts';
import { runTool, toolFor } from '../tools.ts';
import { freePort, makeCertificate, type ProxyClient, proxyClient } from './client.ts';
import type { StartOptions } from './stage.ts';

const FOLDER = join(import.meta.dirname, '../../../deploy/nginx');

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

/** With the comments taken away that limit where admins may be. */
function limited(config: string, admins: string | undefined): string {
  if (admins === undefined) return config;
  return config.replace('# allow 192.0.2.0/24;', `allow ${admins};`).replace('# deny all;', 'deny all;');
}

/** A server for usher-prefix.conf to be in. */
const around = (inner: string, tls: number, folder: string): string => `server {
  listen 127.0.0.1:${tls} ssl;
  ssl_certificate ${folder}/fullchain.pem;
  ssl_certificate_key ${folder}/privkey.pem;
  ${inner}
}`;

/** A real nginx with a file of deploy/nginx before a service. The test is left out where there is none. */
export async function startNginx(
  context: TestContext,
  file: 'usher.conf' | 'usher-prefix.conf',
  { service, admins }: StartOptions,
): Promise<ProxyClient> {
  const nginx = toolFor(context, 'nginx');
  const folder = tempDir();
  const tls = await freePort();
  await makeCertificate(context, folder);
  writeFileSync(join(folder, 'usher-proxy.conf'), placed('usher-proxy.conf', folder, { service, tls }));
  const config = limited(placed(file, folder, { service, tls }), admins);
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
  const client = proxyClient(tls, file === 'usher.conf' ? 'usher.example.com' : 'example.com');
  await vi.waitFor(() => client.ask('GET', '/'), { timeout: 10_000 });
  return client;
}
