import { Writable } from 'node:stream';
import { run } from '../../src/cli/run.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import type { Env } from './usher.ts';

/** Runs a command as a shell would; what it printed, and how it ended. */
export async function usher(args: readonly string[], env: Env = {}, more: Partial<Terminal> = {}) {
  const [stdout, stderr] = [collector(), collector()];
  const exitCode = await run(args, { env, stdout: stdout.stream, stderr: stderr.stream, ...more });
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
}

function collector() {
  let collected = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      collected += chunk;
      done();
    },
  });
  return { stream, text: () => collected };
}
