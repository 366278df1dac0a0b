import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const USHER = join(import.meta.dirname, '../../src/usher.js');
/** As `npm start` and the container have them; so is MALLOC_ARENA_MAX. */
const FLAGS = ['--max-semi-space-size=8'];
/** Characters of the log that are kept. */
const KEPT = 200_000;

/** `usher serve` in a process of its own, as in production. */
export type UsherProcess = {
  /** Where it listens, without the base path. */
  readonly url: string;
  readonly pid: number;
  /** The end of what it logged: lines of JSON. */
  readonly log: () => string;
  /** Resident megabytes, now and at the most. */
  readonly memory: () => { readonly now: number; readonly peak: number };
  /** Files and sockets that it has open. */
  readonly descriptors: () => number;
  /** Milliseconds from its start until it listened. */
  readonly startMs: number;
  /** Resolves once it has ended; with `SIGKILL` it has no time to do anything. */
  readonly end: (signal?: 'SIGTERM' | 'SIGKILL') => Promise<void>;
  /** Resolves with the exit code once it has ended, by itself or by a signal. */
  readonly ended: Promise<number | null>;
};

/** Nothing of our own environment but PATH is given to it. Rejects with its output if it ends before it listens. */
export async function startUsherProcess(
  env: Readonly<Record<string, string>>,
  /** What runs node instead of us, such as `['prlimit', '--nofile=64']`. */
  wrapper: readonly string[] = [],
): Promise<UsherProcess> {
  const begin = performance.now();
  const [command = process.execPath, ...args] = [...wrapper, process.execPath, ...FLAGS, USHER, 'serve'];
  const child = spawn(command, args, {
    cwd: tmpdir(), // a developer's .env is not for the tests
    env: {
      PATH: process.env.PATH,
      MALLOC_ARENA_MAX: '2',
      LOG_LEVEL: 'info',
      HOST: '127.0.0.1',
      PORT: '0',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = exitOf(child);
  let log = '';
  const url = await new Promise<string>((resolve, reject) => {
    // Read to the end, so that Usher never waits for us.
    const take = (chunk: Buffer): void => {
      log = `${log}${chunk}`.slice(-KEPT);
      const found = /"url":"([^"]+)"/.exec(log)?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    ended.then((code) => reject(new Error(`Usher ended with ${code}:\n${log}`)), reject);
  });
  const startMs = performance.now() - begin;
  const pid = child.pid ?? Number.NaN;
  return {
    url,
    pid,
    log: () => log,
    memory: () => memoryOf(pid),
    descriptors: () => readdirSync(`/proc/${pid}/fd`).length,
    startMs,
    async end(signal = 'SIGTERM') {
      child.kill(signal);
      await ended;
    },
    ended,
  };
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  const [code] = await once(child, 'close');
  return code;
}

function memoryOf(pid: number) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (name: string) =>
    Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? Number.NaN) / 1024);
  return { now: megabytes('VmRSS'), peak: megabytes('VmHWM') };
}
