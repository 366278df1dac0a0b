import { once } from 'node:events';
import packageJson from '../../package.json' with { type: 'json' };
import { loadConfig } from '../config/config.ts';
import { watchProcess } from '../http/process-metrics.ts';
import { createLog } from '../log.ts';
import { startService } from './service.ts';
import { EXIT, readFile, type Terminal } from './terminal.ts';
import { startTracing } from './tracing/start.ts';

/** Runs the service until SIGTERM or SIGINT. */
export async function serveCommand(terminal: Terminal): Promise<number> {
  const { config, notices } = loadConfig({ env: terminal.env, readFile });
  const traces = await startTracing(terminal.env, packageJson.version, {
    refused: (reason) => log.warn({ reason }, 'traces are not taken, and lost'),
    taken: () => log.info('traces are taken again'),
  });
  const log = createLog(config.logLevel, undefined, traces.logFields);
  for (const notice of [...notices, ...traces.notices]) log.warn(notice);
  const stop = new AbortController();
  const signalled = Promise.race([
    once(process, 'SIGTERM', { signal: stop.signal }),
    once(process, 'SIGINT', { signal: stop.signal }),
  ]);
  try {
    const service = await startService(config, log, {
      registry: watchProcess(),
      tracing: traces.tracing,
    });
    const { basePath } = config.http;
    log.info({ url: service.url, basePath, dryRun: config.dryRun }, 'usher is listening');
    await signalled;
    log.info('usher is stopping');
    await service.close();
    // All is done and stored: an exporter that still tries must not keep the process.
    if (!(await traces.close())) process.exit(EXIT.ok);
    return EXIT.ok;
  } finally {
    stop.abort();
    await signalled.catch(() => {});
  }
}
