/**
 * Loaded into a process (`--import`), tells on SIGUSR2 how long its event loop was blocked at the longest since it was
 * last asked, in the file that LOOP_WATCH names.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Milliseconds. */
export type LoopReport = { readonly longestBlock: number };

const file = process.env.LOOP_WATCH;
if (file !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  process.on('SIGUSR2', () => {
    const report: LoopReport = { longestBlock: delay.max / 1e6 };
    delay.reset();
    writeFileSync(`${file}.new`, JSON.stringify(report));
    renameSync(`${file}.new`, file);
  });
}
