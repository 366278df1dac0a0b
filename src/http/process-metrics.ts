import { collectDefaultMetrics, Registry } from 'prom-client';

/**
 * A registry that has what prom-client tells of any process of Node: memory, processor, lag of the event loop. A process
 * makes one at its start, and gives it to `createMetrics`: what watches the process can't be ended.
 */
export function watchProcess(): Registry {
  const register = new Registry();
  collectDefaultMetrics({ register });
  return register;
}
