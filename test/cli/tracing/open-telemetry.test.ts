import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { expect, it, onTestFinished } from 'vitest';
import { tracingBy } from '../../../src/cli/tracing/open-telemetry.ts';
import { createSynapseClient } from '../../../src/synapse/client.ts';
import type { Tracing } from '../../../src/tracing.ts';

const IMAGE = { bytes: new Uint8Array([1, 2, 3]), contentType: 'image/png' };
const LOOK = { kind: 'internal', name: 'look at a person', attributes: {} } as const;

/** A client, and the headers of what it sent. */
async function stage(tracing?: Tracing) {
  const received: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    received.push(request.headers);
    request.resume().on('end', () => response.end('{}'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { received, client: createSynapseClient({ baseUrl, token: 'secret', timeoutMs: 5_000, tracing }) };
}

const tracer = () => new TracerProvider().getTracer('test');

it('each call to the homeserver says to which trace it belongs', async () => {
  const tracing = tracingBy(tracer(), { propagates: true });
  const { client, received } = await stage(tracing);
  const traceId = await tracing.span(LOOK, async () => {
    await client.call({ method: 'PUT', route: '/some', body: { a: 1 } });
    await client.call({ method: 'POST', route: '/some', image: IMAGE });
    return tracing.traceId();
  });
  expect(received.map((headers) => headers['content-type'])).toEqual(['application/json', 'image/png']);
  for (const { traceparent } of received)
    expect(traceparent).toMatch(new RegExp(`^00-${traceId}-\\w{16}-01$`));
  expect(new Set(received.map(({ traceparent }) => traceparent)).size).toBe(2);
});

it('no call to the homeserver says so without traces, or without their propagation', async () => {
  const tracing = tracingBy(tracer(), { propagates: false });
  for (const { client, received } of [await stage(), await stage(tracing)]) {
    await tracing.span(LOOK, () => client.call({ method: 'GET', route: '/some' }));
    expect(received).toHaveLength(1);
    expect(received[0]).not.toHaveProperty('traceparent');
    expect(received[0]?.authorization).toBe('Bearer secret');
  }
});
