import { describe, expect, it } from 'vitest';
import { readTracing } from '../../../src/cli/tracing/variables.ts';
import { environmentNotices } from '../../../src/config/notices.ts';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://user:pass@collector:4318' };
const samplingOf = (env: Record<string, string>) => readTracing({ ...ENDPOINT, ...env }).settings?.sampling;

describe('the variables of OpenTelemetry', () => {
  it.each([
    ['nothing is set', {}],
    ['the endpoint is empty', { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }],
    ['the SDK is disabled', { ...ENDPOINT, OTEL_SDK_DISABLED: 'TRUE' }],
    ['the exporter is none', { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }],
    ['only metrics are sent', { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://collector:4318' }],
  ])('ask for no traces, and are no trouble, when %s', (_, env) => {
    expect(readTracing(env)).toEqual({ settings: undefined, notices: [] });
  });

  it.each([
    ['an endpoint', ENDPOINT],
    ['an endpoint for traces', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://collector/v1/traces' }],
    [
      'an endpoint, and all that it is by default',
      { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' },
    ],
    ['an endpoint, and empty ones', { ...ENDPOINT, OTEL_TRACES_EXPORTER: '', OTEL_TRACES_SAMPLER: '' }],
  ])('ask for all traces by %s', (_, env) => {
    expect(readTracing(env)).toEqual({
      settings: {
        sampling: { ratio: 1, isParentBased: true },
        batching: {
          scheduledDelayMillis: undefined,
          exportTimeoutMillis: undefined,
          maxQueueSize: undefined,
          maxExportBatchSize: undefined,
        },
        propagates: true,
      },
      notices: [],
    });
  });

  it.each([
    ['always_on', undefined, { ratio: 1, isParentBased: false }],
    ['always_off', undefined, { ratio: 0, isParentBased: false }],
    ['traceidratio', '0.25', { ratio: 0.25, isParentBased: false }],
    ['parentbased_always_off', undefined, { ratio: 0, isParentBased: true }],
    ['parentbased_traceidratio', '0.5', { ratio: 0.5, isParentBased: true }],
    ['parentbased_traceidratio', undefined, { ratio: 1, isParentBased: true }],
  ])('say how many are kept: %s, %s', (sampler, argument, expected) => {
    const ratio = argument === undefined ? {} : { OTEL_TRACES_SAMPLER_ARG: argument };
    expect(samplingOf({ OTEL_TRACES_SAMPLER: sampler, ...ratio })).toEqual(expected);
  });

  it('say how they are sent', () => {
    const { settings } = readTracing({
      ...ENDPOINT,
      OTEL_BSP_SCHEDULE_DELAY: '1000',
      OTEL_BSP_EXPORT_TIMEOUT: '2000',
      OTEL_BSP_MAX_QUEUE_SIZE: '100',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10',
      OTEL_PROPAGATORS: 'none',
    });
    expect(settings).toMatchObject({
      batching: {
        ...{ scheduledDelayMillis: 1000, exportTimeoutMillis: 2000 },
        ...{ maxQueueSize: 100, maxExportBatchSize: 10 },
      },
      propagates: false,
    });
  });

  it.each([
    ['OTEL_TRACES_EXPORTER', 'zipkin', false, 'Usher has only otlp and none'],
    ['OTEL_TRACES_EXPORTER', 'otlp,console', true, 'The others are ignored'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', false, 'Set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf'],
    ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'http/json', true, 'Usher speaks http/protobuf'],
    ['OTEL_TRACES_SAMPLER', 'jaeger_remote', true, 'it may be always_on, always_off, traceidratio'],
    ['OTEL_BSP_SCHEDULE_DELAY', '5s', true, 'it is a whole number above 0'],
    ['OTEL_PROPAGATORS', 'b3', true, 'Usher has only tracecontext'],
  ])('are told of if they can’t be used: %s=%s', (name, value, isTraced, told) => {
    const { settings, notices } = readTracing({ ...ENDPOINT, [name]: value });
    expect(settings !== undefined).toBe(isTraced);
    expect(notices).toEqual([expect.stringContaining(`${name} is ${value}: `)]);
    expect(notices[0]).toContain(told);
  });

  it.each(['2', '-1', 'half'])('are told of if the share is %s', (argument) => {
    const env = { ...ENDPOINT, OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: argument };
    const { settings, notices } = readTracing(env);
    expect(settings?.sampling.ratio).toBe(1);
    expect(notices).toEqual([expect.stringContaining('OTEL_TRACES_SAMPLER_ARG')]);
  });

  it('are told of without an endpoint’s value, which may hold a password', () => {
    const { settings, notices } = readTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: 'user:pass@collector:4317' });
    expect(settings).toBeUndefined();
    expect(notices).toEqual([expect.stringContaining('OTEL_EXPORTER_OTLP_ENDPOINT: it is to be a URL')]);
    expect(notices[0]).not.toContain('pass');
  });

  it('that ask for traces without saying where are told of', () => {
    const { settings, notices } = readTracing({ OTEL_TRACES_EXPORTER: 'otlp' });
    expect(settings).toBeUndefined();
    expect(notices).toEqual([expect.stringContaining('Set it')]);
  });

  it('are nobody’s misspelt settings', () => {
    const names = ['OTEL_LOG_LEVEL', 'OTEL_SERVICE_NAME', 'OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_SDK_DISABLED'];
    expect(environmentNotices([...names, 'LOG_LEVL'])).toHaveLength(1);
    expect(environmentNotices(names)).toEqual([]);
  });
});
