import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { tempDir } from '../../support/temp-dir.ts';
import { toReceiver, tracedUsher } from '../../support/traced-usher.ts';
import type { Env } from '../../support/usher.ts';

let end: () => Promise<void> = async () => {};
afterEach(() => end());

async function start(...args: Parameters<typeof tracedUsher>) {
  const stage = await tracedUsher(...args);
  end = () => stage.usher.end();
  return stage;
}

type Stage = Awaited<ReturnType<typeof start>>;

async function letIn({ provider, isIn }: Stage, name: string): Promise<void> {
  const id = await provider.createUser({ userName: name });
  await provider.createGroup(name, 'eng', [id]);
  await isIn(name);
}

/** The packages of OpenTelemetry that a process loaded, as Node wrote down when it ended; prom-client brings the API. */
function loadedFrom(folder: string): readonly string[] {
  const urls = readdirSync(folder).flatMap((file): string[] =>
    JSON.parse(readFileSync(join(folder, file), 'utf8')).result.map(({ url }: { url: string }) => url),
  );
  expect(urls.some((url) => url.endsWith('/src/cli/serve.ts'))).toBe(true);
  return urls.filter((url) => /\/@opentelemetry\/(?!api\/)|\/tracing\/sdk\.ts/.test(url));
}

describe('who does not ask for traces', { timeout: 30_000 }, () => {
  const cases: readonly (readonly [string, (url: string) => Env, boolean])[] = [
    ['no variable', () => ({}), false],
    ['OTEL_SDK_DISABLED', (url) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_SDK_DISABLED: 'true' }), false],
    [
      'OTEL_TRACES_EXPORTER=none',
      (url) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_TRACES_EXPORTER: 'none' }),
      false,
    ],
    ['an endpoint, for comparison', (url) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url }), true],
  ];
  it.each(cases)('has nothing loaded and nothing sent: %s', async (_, envOf, isTraced) => {
    const folder = tempDir();
    const stage = await start(({ url }) => ({ ...envOf(url), NODE_V8_COVERAGE: folder }));
    await letIn(stage, 'ann');
    await stage.usher.end();
    expect(stage.receiver.connections() > 0).toBe(isTraced);
    expect(loadedFrom(folder).length > 0).toBe(isTraced);
    expect(stage.usher.log().includes('trace_id')).toBe(isTraced);
    expect(stage.usher.log()).not.toContain('"level":"warn"');
  });
});

describe('a receiver', { timeout: 30_000 }, () => {
  it('that is away is told of once, and harms nothing', async () => {
    const stage = await start(() => ({
      ...{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_EXPORTER_OTLP_TIMEOUT: '300' },
    }));
    await letIn(stage, 'ann');
    await vi.waitFor(() => expect(stage.usher.log()).toContain('traces are not taken'), 10_000);
    await letIn(stage, 'bob');
    expect(await ending(stage)).toBe(0);
    expect(stage.usher.log().match(/traces are not taken/g)).toHaveLength(1);
  });

  it('that is away when Usher stops keeps it for a few seconds only', async () => {
    const stage = await start(() => ({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }));
    await letIn(stage, 'ann');
    const begin = performance.now();
    expect(await ending(stage)).toBe(0);
    expect(performance.now() - begin).toBeLessThan(6_000);
  });

  it('that never answers harms nothing, and does not keep Usher either', async () => {
    const stage = await start(toReceiver);
    stage.receiver.turn('silent');
    await letIn(stage, 'ann');
    await vi.waitFor(() => expect(stage.receiver.requests().length).toBeGreaterThan(0), 10_000);
    await letIn(stage, 'bob');
    const begin = performance.now();
    expect(await ending(stage)).toBe(0);
    expect(performance.now() - begin).toBeLessThan(6_000);
  });

  it('that refuses and takes again is told of twice', async () => {
    const stage = await start(toReceiver);
    stage.receiver.turn('refuses');
    await letIn(stage, 'ann');
    await vi.waitFor(() => expect(stage.usher.log()).toContain('traces are not taken, and lost'), 10_000);
    stage.receiver.turn('takes');
    await letIn(stage, 'bob');
    await vi.waitFor(() => expect(stage.usher.log()).toContain('traces are taken again'), 10_000);
    expect(stage.receiver.spans().length).toBeGreaterThan(0);
  });

  it('gets what was not sent yet when Usher stops', async () => {
    const stage = await start((receiver) => ({
      ...toReceiver(receiver),
      OTEL_BSP_SCHEDULE_DELAY: '600000',
    }));
    await letIn(stage, 'ann');
    expect(stage.receiver.spans()).toEqual([]);
    const begin = performance.now();
    expect(await ending(stage)).toBe(0);
    expect(performance.now() - begin).toBeLessThan(2_500);
    expect(stage.receiver.spans().map(({ name }) => name)).toContain('POST /_synapse/admin/v1/join/{roomId}');
  });
});

async function ending({ usher }: Stage): Promise<number | null> {
  await usher.end();
  return usher.ended;
}
