import { ExportResultCode } from '@opentelemetry/core';
import type { SpanExporter } from '@opentelemetry/sdk-trace';

/** What becomes of traces that are sent; told when it changes, not for each batch. */
export type ReceiverListener = {
  /** They are lost from now on. */
  readonly refused: (reason: string) => void;
  readonly taken: () => void;
};

/** The same exporter, of whose failures somebody is told: the SDK keeps them to itself. */
export function tellFailures(exporter: SpanExporter, { refused, taken }: ReceiverListener): SpanExporter {
  let isRefused = false;
  const told = (reason: string | undefined): void => {
    if (reason !== undefined && !isRefused) refused(reason);
    if (reason === undefined && isRefused) taken();
    isRefused = reason !== undefined;
  };
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const isTaken = result.code === ExportResultCode.SUCCESS;
        told(isTaken ? undefined : (result.error?.message ?? 'no reason was given'));
        done(result);
      });
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}
