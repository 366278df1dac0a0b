import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
/** Where `.ci/tools` puts what it brings. */
export const TOOLS = join(ROOT, '.tools');
const FOLDERS = [
  ...(process.env.PATH ?? '').split(delimiter),
  '/usr/sbin',
  ...['bin', 'usr/bin', 'usr/sbin'].map((folder) => join(TOOLS, folder)),
];

/** The path of a program of others; if it is not on this machine, the test is left out and says so. */
export function toolFor({ skip }: Pick<TestContext, 'skip'>, name: string): string {
  const path = FOLDERS.map((folder) => join(folder, name)).find(isExecutable);
  if (path === undefined) skip(`NOT LOOKED AT: there is no ${name} here; .ci/tools brings it where it can`);
  return String(path);
}

/** Runs a program to its end; `output` is what it wrote to stdout and stderr, in no order. */
export async function runTool(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<{ readonly exitCode: number | null; readonly stdout: string; readonly output: string }> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { exitCode, stdout, output: `${stdout}${stderr}` };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
