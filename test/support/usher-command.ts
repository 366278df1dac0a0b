import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';

const USHER = join(import.meta.dirname, '../../src/usher.js');

export type CommandOutcome = { readonly exitCode: number; readonly stdout: Buffer; readonly stderr: string };

/** Has what runs behind it create files that everybody may read and write, if it does not say otherwise. */
export const CARELESS = ['sh', '-c', 'umask 0; exec "$@"', 'sh'];

/** A command of Usher in a process of its own. Nothing of our own environment but PATH is given to it. */
export async function runUsher(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  { wrapper = [], cwd = tmpdir() }: { readonly wrapper?: readonly string[]; readonly cwd?: string } = {},
): Promise<CommandOutcome> {
  const [command = process.execPath, ...rest] = [...wrapper, process.execPath, USHER, ...args];
  const child = spawn(command, rest, {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [exitCode]] = await Promise.all([
    buffer(child.stdout),
    buffer(child.stderr),
    once(child, 'close'),
  ]);
  return { exitCode: exitCode ?? -1, stdout, stderr: stderr.toString() };
}
