import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

type Container = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly network: string;
  readonly address: string;
};

/**
 * What a proxy that looks at Docker asks of its engine, which says that one container runs. Resolves with its address, as DOCKER_HOST has
 * it.
 */
export async function startDockerEngine({ name, labels, network, address }: Container): Promise<string> {
  const State = { Status: 'running', Running: true };
  const NetworkSettings = { Ports: {}, Networks: { [network]: { IPAddress: address, NetworkID: network } } };
  const answers: readonly (readonly [RegExp, unknown])[] = [
    [/^\/_ping$/, 'OK'],
    [
      /\/version$/,
      { Version: '28.0.0', ApiVersion: '1.48', MinAPIVersion: '1.24', Os: 'linux', Arch: 'amd64' },
    ],
    [/\/containers\/json$/, [{ Id: name, Names: [`/${name}`], Labels: labels, State: 'running' }]],
    [
      /\/containers\/[^/]+\/json$/,
      {
        ...{ Id: name, Name: `/${name}`, State, NetworkSettings, Config: { Labels: labels } },
        HostConfig: { NetworkMode: network },
      },
    ],
  ];
  const server = createServer((request, response) => {
    response.setHeader('Api-Version', '1.48');
    response.setHeader('Content-Type', 'application/json');
    const path = request.url?.split('?')[0] ?? '';
    // Nothing ever happens there.
    if (path.endsWith('/events')) return response.flushHeaders();
    const [, answer] = answers.find(([pattern]) => pattern.test(path)) ?? [];
    if (answer === undefined) return response.writeHead(404).end('{"message":"unknown"}');
    return response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
