import { type DestinationStream, type Logger, pino } from 'pino';

export type Log = Logger;

/**
 * One JSON object a line. error: a person must act; warn: it goes on, but worse; info: something changed
 * outside; debug: the rest. Secrets are cut out wherever a careless field would hold one.
 */
export function createLog(
  level: string,
  destination?: DestinationStream,
  /** More fields of each line, asked when it is written. */
  mixin?: () => object,
): Log {
  const options = {
    level,
    base: null,
    ...(mixin && { mixin }),
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: ['authorization', '*.authorization', 'token', '*.token', 'secret', '*.secret'] },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
