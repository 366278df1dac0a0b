import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

export type SynapseProcess = {
  /** Resolves when it has ended. */
  stop(): Promise<void>;
};

const STARTUP_MS = 60_000;

/**
 * Ends Synapse as soon as its own input ends. So Synapse never outlives the tests, however they end: the other
 * side of that pipe is closed by the operating system. An interrupt from the terminal is left to the tests.
 */
const KEEPER = `trap '' INT; "$@" & cat >/dev/null; kill $! 2>/dev/null; wait $!`;

/** Starts Synapse and waits until it answers. What it writes goes into `log`. */
export async function startSynapseProcess(
  command: readonly string[],
  url: string,
  log: string,
): Promise<SynapseProcess> {
  const output = await open(log, 'a');
  const keeper = spawn('sh', ['-c', KEEPER, 'sh', ...command], { stdio: ['pipe', output.fd, output.fd] });
  const ended = once(keeper, 'close');
  await output.close();

  async function stop(): Promise<void> {
    keeper.stdin?.end();
    await ended;
  }

  for (const deadline = Date.now() + STARTUP_MS; Date.now() < deadline; await delay(50)) {
    if (await isReady(url)) return { stop };
  }
  await stop();
  throw new Error(`Synapse did not start: ${(await readFile(log, 'utf8')).slice(-2000)}`);
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health`)).ok;
  } catch {
    return false;
  }
}
