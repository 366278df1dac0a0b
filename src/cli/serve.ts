import { once } from 'node:events';
import { loadConfig } from '../config/config.ts';
import { watchProcess } from '../http/process-metrics.ts';
import { createLog } from '../log.ts';
import { startService } from './service.ts';
import { EXIT, readFile, type Terminal } from './terminal.ts';

/** Runs the service until SIGTERM or SIGINT. */
export async function serveCommand(terminal: Terminal): Promise<number> {
  const { config, notices } = loadConfig({ env: terminal.env, readFile });
  const log = createLog(config.logLevel);
  for (const notice of notices) log.warn(notice);
  const stop = new AbortController();
  const signalled = Promise.race([
    once(process, 'SIGTERM', { signal: stop.signal }),
    once(process, 'SIGINT', { signal: stop.signal }),
  ]);
  try {
    const service = await startService(config, log, watchProcess());
    const { basePath } = config.http;
    log.info({ url: service.url, basePath, dryRun: config.dryRun }, 'usher is listening');
    await signalled;
    log.info('usher is stopping');
    await service.close();
    return EXIT.ok;
  } finally {
    stop.abort();
    await signalled.catch(() => {});
  }
}
