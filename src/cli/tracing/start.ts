import { setTimeout as after } from 'node:timers/promises';
import type { Tracing } from '../../tracing.ts';
import type { ReceiverListener } from './exporter.ts';
import { readTracing } from './variables.ts';

/** Milliseconds that the receiver has to take what was not sent yet, when Usher stops. */
const GOODBYE_MS = 3_000;

export type StartedTracing = {
  /** Undefined if nobody asked for traces: then nothing was loaded. */
  readonly tracing: Tracing | undefined;
  /** For each log line what says to which trace it belongs. */
  readonly logFields: (() => object) | undefined;
  /** What is wrong with the variables, for the log. */
  readonly notices: readonly string[];
  /** Sends what was not sent yet; resolves with whether that is over, or the exporter still tries. */
  readonly close: () => Promise<boolean>;
};

/** Traces, if the variables of OpenTelemetry ask for them. */
export async function startTracing(
  env: Readonly<Record<string, string | undefined>>,
  version: string,
  listener: ReceiverListener,
): Promise<StartedTracing> {
  const { settings, notices } = readTracing(env);
  if (settings === undefined) {
    return { tracing: undefined, logFields: undefined, notices, close: async () => true };
  }
  const { startSdk } = await import('./sdk.ts');
  const { shutdown, traceId, ...tracing } = startSdk(settings, version, listener);
  return {
    tracing,
    notices,
    logFields() {
      const id = traceId();
      return id === undefined ? {} : { trace_id: id };
    },
    close() {
      const over = new AbortController();
      const sent = shutdown()
        .catch(() => {}) // the listener was told
        .then(() => over.abort())
        .then(() => true);
      const isTooLate = after(GOODBYE_MS, false, { signal: over.signal });
      return Promise.race([sent, isTooLate.catch(() => true)]);
    },
  };
}
