import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished, type TestContext, vi } from 'vitest';
import { parse } from 'yaml';
import { tempDir } from '../temp-dir.ts';
import { toolFor } from '../tools.ts';
import { freePort, type ProxyClient, proxyClient } from './client.ts';
import { startDockerEngine } from './docker-engine.ts';
import type { StartOptions } from './stage.ts';

const FILE = join(import.meta.dirname, '../../../deploy/traefik/docker-compose.yml');

/** The labels that Docker would have of the file. With `below`, the comments take the place of what they are for. */
function labelsOf(below: boolean, { service, admins }: StartOptions): Readonly<Record<string, string>> {
  const uncommented = (text: string, isWanted: (label: string) => boolean): string =>
    text.replaceAll(/^( +)# (traefik\.[\w.-]+): (.*)$/gm, (line, space, label, value) =>
      isWanted(label) ? `${space}${label}: ${value}` : line,
    );
  const isRule = (label: string) => label.endsWith('.rule');
  let text = readFileSync(FILE, 'utf8');
  if (below) text = uncommented(text.replaceAll(/^ +traefik\.[\w.-]+\.rule: .*\n/gm, ''), isRule);
  if (admins !== undefined)
    text = uncommented(text, (label) => !isRule(label)).replace('192.0.2.0/24', admins);
  // As compose fills in the file: a dollar is written twice.
  const { labels } = parse(text).services.usher;
  return Object.fromEntries(
    Object.entries(labels as Readonly<Record<string, string>>).map(([label, value]) => [
      label,
      value.replaceAll('$$', '$').replace(/^5000$/, String(service)),
    ]),
  );
}

/**
 * A real Traefik that reads the labels of deploy/traefik from an engine of Docker, before a service; with `below`, for a path of another host.
 * The test is left out where there is no Traefik.
 */
export async function startTraefik(
  context: TestContext,
  below: boolean,
  options: StartOptions,
): Promise<ProxyClient> {
  const traefik = toolFor(context, 'traefik');
  const labels = labelsOf(below, options);
  const engine = await startDockerEngine({
    ...{ name: 'usher', labels, network: 'traefik', address: '127.0.0.1' },
  });
  const tls = await freePort();
  const args = [
    ...[`--entrypoints.websecure.address=127.0.0.1:${tls}`, `--providers.docker.endpoint=${engine}`],
    ...['--providers.docker.exposedbydefault=false', '--log.level=DEBUG'],
    ...['--global.checknewversion=false', '--global.sendanonymoususage=false'],
  ];
  const child = spawn(traefik, args, { cwd: tempDir(), stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      log += chunk;
    });
  }
  const ended = once(child, 'close');
  onTestFinished(async () => {
    // It would wait for what is under way.
    child.kill('SIGKILL');
    await ended;
  });
  const client = proxyClient(tls, below ? 'example.com' : 'usher.example.com');
  const path = below ? '/usher/scim/v2/Users' : '/scim/v2/Users';
  await vi.waitFor(
    async () => {
      const { status } = await client.ask('GET', path);
      if (status !== 401) throw new Error(`Traefik answers ${status}:\n${log.slice(-5000)}`);
    },
    { timeout: 20_000, interval: 100 },
  );
  return client;
}
