import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { type ReceiverListener, tellFailures } from './exporter.ts';
import { tracingBy } from './open-telemetry.ts';
import { samplerFor } from './sampler.ts';
import type { TracingSettings } from './variables.ts';

const NAME = 'matrix-usher';

/**
 * The SDK, sending by OTLP over HTTP. The exporter and the resource read their variables from `process.env`
 * (OTEL_EXPORTER_OTLP_…, OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES). Loaded by `start.ts` only: it costs memory and time.
 */
export function startSdk(
  { sampling, batching, propagates }: TracingSettings,
  version: string,
  listener: ReceiverListener,
) {
  const given = Object.entries(batching).filter(([, value]) => value !== undefined);
  const exporter = tellFailures(new OTLPTraceExporter(), listener);
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': NAME, 'service.version': version }))
      .merge(detectResources({ detectors: [envDetector] })),
    sampler: samplerFor(sampling),
    spanProcessors: [new BatchSpanProcessor({ exporter, ...Object.fromEntries(given) })],
  });
  return {
    ...tracingBy(provider.getTracer(NAME, version), { propagates }),
    /** Sends what was not sent yet. Rejects if it is not taken. */
    shutdown: () => provider.shutdown(),
  };
}
