import { request } from 'node:http';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { expect, it, onTestFinished } from 'vitest';
import { tracingBy } from '../../src/cli/tracing/open-telemetry.ts';
import { TOKEN } from '../support/scim/client.ts';
import { startScimServer } from '../support/scim/server.ts';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** Sends one request to an app of which everything that it looks up is broken, and resolves with its span. */
async function spanOf(
  method: string,
  path: string,
  { headers = {}, propagates = true }: { headers?: Record<string, string>; propagates?: boolean } = {},
) {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const tracing = tracingBy(provider.getTracer('test'), { propagates });
  const server = await startScimServer({ tracing });
  onTestFinished(() => server.stop());
  server.store.users.get = () => Promise.reject(new Error('@ann is broken'));
  const all = { authorization: `Bearer ${TOKEN}`, ...headers };
  await new Promise<void>((resolve, reject) => {
    const sent = request(`${server.origin}${path}`, { method, headers: all }, (answer) =>
      answer.resume().on('end', resolve),
    );
    sent.on('error', reject).end();
  });
  await provider.forceFlush();
  const [span, ...others] = exporter.getFinishedSpans();
  expect(others).toEqual([]);
  return { ...span, traceId: span?.spanContext().traceId };
}

it.each([
  ['GET', '/scim/v2/Users/x', 'GET /scim/v2/Users/:id', 500],
  ['GET', '/scim/v2/Users', 'GET /scim/v2/Users', 200],
  ['PUT', '/scim/v2/Elsewhere/ann', 'PUT', 404],
  ['PROPFIND', '/ann', 'HTTP', 501],
])('the span of %s %s is called %s, with the status %i', async (method, path, name, status) => {
  const span = await spanOf(method, path);
  expect(span.name).toBe(name);
  expect(span.attributes).toMatchObject({
    'http.request.method': name === 'HTTP' ? '_OTHER' : method,
    'http.response.status_code': status,
  });
});

it('only what is our fault has failed, and why is for the log', async () => {
  const fault = await spanOf('GET', '/scim/v2/Users/x');
  expect(fault.status).toEqual({ code: 2 });
  expect(fault.attributes).toMatchObject({ 'error.type': '500' });
  expect(JSON.stringify([fault.attributes, fault.events])).not.toContain('ann');
  const theirs = await spanOf('GET', '/scim/v2/Users', { headers: { authorization: 'Bearer wrong' } });
  expect(theirs.attributes).toMatchObject({ 'http.response.status_code': 401 });
  expect(theirs.status?.code).not.toBe(2);
});

it.each([
  ['goes on with the trace of its caller', TRACEPARENT, true, true],
  ['begins one when what it came with is none', '00-nonsense-01', true, false],
  ['begins one when nobody is to be believed', TRACEPARENT, false, false],
])('a request %s', async (_, traceparent, propagates, isTheirs) => {
  const { traceId } = await spanOf('GET', '/scim/v2/Users', { headers: { traceparent }, propagates });
  expect(traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(TRACEPARENT.includes(String(traceId))).toBe(isTheirs);
});
